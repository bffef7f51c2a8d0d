import numpy as np
import pytest
from PIL import Image

from fashion_assets.clip.encoder import FakeEncoder
from fashion_assets.demo.models import clip_folder
from fashion_assets.errors import ModelError
from fashion_assets.extraction import zero_shot_labels
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.zero_shot_labels import Wording
from fashion_assets.extraction.zero_shot_model import ZeroShotModel, zero_shot_identity
from fashion_assets_tests.clip.factories import CountingEncoder


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


def test_a_micro_batch_is_embedded_once_for_all_questions(questions):
    encoder = CountingEncoder()
    model = ZeroShotModel(encoder)
    texts = len(encoder.texts)
    first, second = photos("red", "green"), photos("red", "green")
    for batch in (first, second):
        for question in questions:
            model.answer(list(batch), question)
    assert encoder.photos == 4  # equal photos are not the same photos: comparing them would cost more than it saves
    assert len(encoder.texts) == texts
    model.answer(second[:1], questions[0])
    assert encoder.photos == 5
    assert model.answer([], questions[0]) == []


def test_a_malformed_vector_is_refused(questions):
    class Broken(FakeEncoder):
        def embed_photos(self, photos):
            return np.full((len(photos), 4), np.nan, dtype=np.float32)

    with pytest.raises(ModelError, match="FASHION_DTYPE"):
        ZeroShotModel(Broken()).answer(photos("red"), questions[0])


def test_the_identity_is_known_without_loading():
    identity = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    assert identity.model_id == "clip:ViT-B-32/laion2b_s34b_b79k"
    assert identity == ZeroShotModel(FakeEncoder("ViT-B-32/laion2b_s34b_b79k")).identity
    assert zero_shot_identity(str(clip_folder())).model_id.startswith("clip:demo-clip@")


def test_an_edited_template_is_another_identity(monkeypatch):
    before = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    monkeypatch.setitem(zero_shot_labels.WORDINGS, "material", Wording(("made of {value}",)))
    after = zero_shot_identity("ViT-B-32/laion2b_s34b_b79k")
    assert before.model_id == after.model_id and before.decoding != after.decoding
