"""Training photos about which nothing can be said."""

import numpy as np
import pytest

from fashion_assets.demo.models import SIDE
from fashion_assets.demo.vocabulary import ATTRIBUTES
from training.vlm.distractors import (
    NOTHING_SEEN,
    blank_photos,
    distractors,
    jumbled_photos,
    strange_photos,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def photos(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (24, SIDE, SIDE, 3), dtype=np.uint8)


def test_the_right_answer_about_nothing_is_within_the_vocabulary():
    for key, attribute in ATTRIBUTES.items():
        said = NOTHING_SEEN[key]
        assert said == [] if attribute.is_list else said in attribute.vocabulary.values()


@pytest.mark.parametrize("draw", [blank_photos, strange_photos])
def test_every_photo_is_another(draw, rng: np.random.Generator):
    drawn = draw(20, rng)
    assert drawn.shape == (20, SIDE, SIDE, 3) and drawn.dtype == np.uint8
    assert len({photo.tobytes() for photo in drawn}) == 20


def test_strange_things_lie_on_a_background(rng: np.random.Generator):
    shares = [(photo == photo[0, 0]).all(-1).mean() for photo in strange_photos(40, rng)]
    assert 0.3 < np.median(shares) < 1
    assert max(shares) < 1  # there is something in every photo


def test_jumbled_photos_keep_their_pixels_or_are_two_over_each_other(photos: np.ndarray, rng: np.random.Generator):
    jumbled = jumbled_photos(photos, rng)
    is_shuffled = [np.array_equal(np.sort(a, None), np.sort(b, None)) for a, b in zip(photos, jumbled, strict=True)]
    assert 0 < sum(is_shuffled) < len(photos)
    assert not any(np.array_equal(a, b) for a, b in zip(photos, jumbled, strict=True))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_distractors_stand_in_for_as_many_photos(photos: np.ndarray, rng: np.random.Generator, count: int):
    drawn = distractors(photos[:count], rng)
    assert drawn.shape == (count, SIDE, SIDE, 3) and drawn.dtype == np.uint8
