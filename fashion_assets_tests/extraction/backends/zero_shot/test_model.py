import numpy as np
import pytest
from PIL import Image

from fashion_assets.demo.models import clip_folder
from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.zero_shot import labels as zero_shot_labels
from fashion_assets.extraction.backends.zero_shot.model import ZeroShotModel, zero_shot_identity
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets_tests.fakes.encoder import CountingEncoder


def photos(*colors: str) -> list[Image.Image]:
    return [Image.new("RGB", (4, 4), color) for color in colors]


def test_every_question_is_answered_within_the_vocabulary(questions):
    model = ZeroShotModel(FakeEncoder())
    for question in questions:
        answers = model.answer([model.prepare(photo) for photo in photos("red", "blue")], question)
        assert len(answers) == 2
        for answer in answers:
            assert parse_answer(answer.text, question).errors == []
            assert set(answer.probabilities) == set(question.keys) and not answer.allowed_mass
            assert answer.seconds > 0


def test_a_known_vector_is_not_made_again(questions):
    encoder = CountingEncoder()
    red, green = photos("red", "green")
    photo_vectors = {"red's hash": encoder.embed_photos([red])[0]}
    model = ZeroShotModel(encoder, photo_vectors)
    embedded = encoder.photos
    ready = [model.prepare(red, "red's hash"), model.prepare(green, "green's hash")]
    assert encoder.photos == embedded + 1
    alone = ZeroShotModel(CountingEncoder())
    for question in questions:
        expected = alone.answer([alone.prepare(red), alone.prepare(green)], question)
        assert [a.text for a in model.answer(ready, question)] == [a.text for a in expected]


def test_a_vector_that_is_not_sound_is_refused():
    class Broken(FakeEncoder):
        def embed_photos(self, photos):
            return super().embed_photos(photos) * np.nan

    with pytest.raises(ModelError, match="not finite"):
        ZeroShotModel(Broken()).prepare(photos("red")[0])


def test_the_identity_is_known_without_loading():
    identity = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    assert identity.model_id == "clip:ViT-B-32/laion2b_s34b_b79k"
    assert identity == ZeroShotModel(FakeEncoder("ViT-B-32/laion2b_s34b_b79k")).identity
    assert zero_shot_identity(str(clip_folder())).model_id.startswith("clip:demo-clip@")


def test_another_text_is_another_identity(monkeypatch):
    before = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    monkeypatch.setattr(zero_shot_labels, "PRODUCTS", ("shirt",))
    after = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    assert before.model_id == after.model_id and before.decoding != after.decoding
