"""The shipped vision-language model: loads as its users load it, answers of its own accord, and looks at the photo."""

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.evaluate_vlm import VlmScores, answers_of, evaluate_vlm
from fashion_assets.demo.evaluation_set import shop_photo
from fashion_assets.demo.models import vlm_folder
from fashion_assets.demo.wordings import reworded
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.taxonomy import Material
from fashion_assets.extraction.transformers_model import TransformersModel

SCORED = 100


@pytest.fixture(scope="module")
def questions() -> dict[str, Question]:
    return {question.keys[0]: question for question in load_questions(default_prompts_folder())}


@pytest.fixture(scope="module")
def scores() -> VlmScores:
    return evaluate_vlm(vlm_folder(), SCORED)


def test_weights_are_small_and_described():
    assert (vlm_folder() / "model.safetensors").stat().st_size < 10_000_000
    card = (vlm_folder() / "README.md").read_text()
    assert "license: apache-2.0" in card and "knows nothing about real photos" in card


def test_answers_are_the_models_own(scores: VlmScores):
    assert scores.unforced >= 0.99


@pytest.mark.parametrize("attribute", ["material", "pattern", "formality", "collar", "sleeves", "fit"])
def test_attributes_are_seen_far_better_than_guessed(scores: VlmScores, attribute: str):
    score = next(score for score in scores.attributes if score.attribute == attribute)
    assert 1 - score.accuracy < 0.6 * (1 - score.majority)


def test_swapped_photos_swap_the_answers(demo_vlm: TransformersModel, questions: dict[str, Question]):
    plain = next(
        p for p in (sample_product(1, i) for i in range(500)) if p.article.name == "Shirts" and p.clarity == "clear"
    )
    products = [
        replace(plain, material="woven fabric", pattern="checkered"),
        replace(plain, material="denim", pattern="solid color", colour="Blue"),
    ]
    photos = [shop_photo(product) for product in products]
    question = questions["material"]
    straight = answers_of(demo_vlm, photos, question)
    swapped = answers_of(demo_vlm, photos[::-1], question)
    assert straight == swapped[::-1]
    assert [answer["pattern"] for answer in straight] == ["checkered", "solid color"]
    assert straight[0]["material"] != straight[1]["material"]


def test_blank_and_noise_photos_are_unknown(demo_vlm: TransformersModel, questions: dict[str, Question]):
    noise = np.random.default_rng(0).integers(0, 256, (400, 300, 3), dtype=np.uint8)
    photos = [Image.new("RGB", (300, 400), grey) for grey in ("white", "grey", "black")] + [Image.fromarray(noise)]
    question = questions["material"]
    for answer in answers_of(demo_vlm, photos, question):
        assert (answer["material"], answer["confidence"]) == (Material.UNKNOWN, "low")


def test_a_reworded_question_gets_the_same_keys(demo_vlm: TransformersModel, questions: dict[str, Question]):
    rng = random.Random(1)
    photos = [shop_photo(sample_product(4, index)) for index in range(4)]
    own = []
    for question in questions.values():
        for _ in range(4):
            other = replace(question, text=reworded(question, rng))
            own += [answer is not None for answer in answers_of(demo_vlm, photos, other)]
    assert sum(own) >= 0.95 * len(own)
