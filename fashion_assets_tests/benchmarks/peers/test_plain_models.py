"""The demo models by their libraries' ordinary calls."""

import numpy as np
import pytest
from PIL import Image

from benchmarks.peers import calls
from benchmarks.peers.answers import read_answer
from benchmarks.peers.catalog import read_catalog, write_catalog
from benchmarks.peers.plain_models import WEIGHTS, PlainClip, PlainVlm, dimension
from benchmarks.peers.questions import read_questions
from fashion_assets.demo.models import SHIPPED_WEIGHTS

PRODUCTS = 6
GARMENT, SHOES = [
    {"master_category": master, "sub_category": sub} for master, sub in (("Apparel", "Topwear"), ("Footwear", "Shoes"))
]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers") / "catalog"
    write_catalog(folder, PRODUCTS)
    return folder


@pytest.fixture(scope="module")
def photos(catalog) -> list[Image.Image]:
    return [Image.open(product.photo) for product in read_catalog(catalog)]


def test_the_weights_are_those_of_the_project():
    assert WEIGHTS.samefile(SHIPPED_WEIGHTS)


def test_photos_are_asked_that_the_question_applies_to(catalog, photos, tmp_path, monkeypatch):
    monkeypatch.setenv(calls.FILE, str(tmp_path / "calls"))
    garments = next(question for question in read_questions(catalog) if question.applies_to)
    vlm = PlainVlm()
    answers = vlm.answer(photos[:3], [SHOES, GARMENT, SHOES], garments)
    assert [answer is None for answer in answers] == [True, False, True]
    assert set(read_answer(answers[1] or "") or ()) == {"collar", "sleeves", "fit"}
    assert vlm.answer(photos[:1], [SHOES], garments) == [None]
    assert calls.read_calls(tmp_path / "calls") == {calls.QUESTIONS: 1}


def test_the_model_sees_the_photos(catalog, photos):
    question = next(question for question in read_questions(catalog) if not question.applies_to)
    assert len(set(PlainVlm().answer(photos, [SHOES] * PRODUCTS, question))) > 1


def test_vectors_are_those_of_the_project_up_to_resampling(photos):
    from fashion_assets.demo.models import clip_folder
    from fashion_assets.models.clip.open_clip_encoder import load_encoder
    from fashion_assets.models.device import plan_device

    plain, encoder = PlainClip(), load_encoder(str(clip_folder()), plan_device(device="cpu"))
    texts = ["striped shirt", "red leather jacket with a hood"]
    for vectors, others in (
        (plain.embed_photos(photos), encoder.embed_photos([photo.convert("RGB") for photo in photos])),
        (plain.embed_texts(texts), encoder.embed_texts(texts)),
    ):
        assert vectors.shape[1] == dimension()
        assert np.sum(vectors * others, axis=1) == pytest.approx(1, abs=1e-3)
