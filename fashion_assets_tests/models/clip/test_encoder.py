import numpy as np
import pytest
from PIL import Image

from fashion_assets.models.clip.encoder import FakeEncoder


@pytest.mark.parametrize(("color", "cosine"), [("red", 1), ("black", 0.7071), ("yellow", 0.8165), ("blue", 0.5)])
def test_the_fake_fits_photos_to_texts_by_colour(color, cosine):
    encoder = FakeEncoder()
    photo, text = encoder.embed_photos([Image.new("RGB", (3, 5), color)]), encoder.embed_texts(["A RED shirt."])
    assert (photo @ text.T).item() == pytest.approx(cosine, abs=0.01)


def test_the_fake_gives_unit_float32_whatever_the_input():
    encoder = FakeEncoder()
    for vectors in (encoder.embed_texts(["", "no colour"]), encoder.embed_photos([Image.new("RGB", (1, 1))])):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_the_fake_cuts_texts_and_takes_nothing():
    encoder = FakeEncoder()
    np.testing.assert_array_equal(*encoder.embed_texts(["word " * 77, "word " * 77 + "red"]))
    assert encoder.embed_texts([]).shape == encoder.embed_photos([]).shape == (0, 4)
