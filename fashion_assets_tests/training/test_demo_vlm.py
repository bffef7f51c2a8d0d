"""The shipped vision-language model: loads as its users load it, answers of its own accord, and looks at the photo."""

import random
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.backends.transformers.model import TransformersModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from training.evaluation.model_card import VLM_RECIPE
from training.evaluation.nothing_to_see import NOTHINGS, nothing_to_see
from training.evaluation.photos import evaluate_photos
from training.evaluation.products import shop_photo
from training.evaluation.vlm import VlmScores, evaluate_vlm, replies_about
from training.evaluation.wordings import WordingScore, evaluate_wordings
from training.vlm.distractors import strange_photos
from training.vlm.wordings import reworded

SCORED = 100
REWORDED = 60


@pytest.fixture(scope="module")
def questions() -> dict[str, Question]:
    return {question.keys[0]: question for question in load_questions(default_prompts_folder())}


@pytest.fixture(scope="module")
def scores() -> VlmScores:
    return evaluate_vlm(vlm_folder(), SCORED)


@pytest.fixture(scope="module")
def wordings() -> list[WordingScore]:
    return evaluate_wordings(vlm_folder(), REWORDED)


def test_weights_are_small_and_described():
    assert (vlm_folder() / "model.safetensors").stat().st_size < 10_000_000
    card = (vlm_folder() / "README.md").read_text()
    assert "license: apache-2.0" in card and "knows nothing about real photos" in card
    assert VLM_RECIPE in card


def test_answers_are_the_models_own(scores: VlmScores):
    assert scores.unforced >= 0.99


@pytest.mark.parametrize("attribute", ["material", "pattern", "formality", "collar", "sleeves", "fit"])
def test_attributes_are_seen_far_better_than_guessed(scores: VlmScores, attribute: str):
    score = next(score for score in scores.attributes if score.attribute == attribute)
    assert 1 - score.accuracy < 0.4 * (1 - score.majority)


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
    straight = replies_about(demo_vlm, photos, question)
    swapped = replies_about(demo_vlm, photos[::-1], question)
    assert [reply.values for reply in straight] == [reply.values for reply in swapped[::-1]]
    assert [reply.values["pattern"] for reply in straight] == ["checkered", "solid color"]
    assert straight[0].values["material"] != straight[1].values["material"]


@pytest.mark.parametrize("kind", NOTHINGS)
def test_nothing_is_seen_where_there_is_nothing(demo_vlm: TransformersModel, kind: str):
    assert evaluate_photos(demo_vlm, kind, nothing_to_see(kind, 60)).names_nothing >= 0.95


def test_things_that_are_no_product_are_unknown(demo_vlm: TransformersModel):
    photos = [Image.fromarray(photo) for photo in strange_photos(60, np.random.default_rng(2026))]
    score = evaluate_photos(demo_vlm, "strange", photos)
    assert score.names_nothing >= 0.9 and score.high_confidence <= 0.1


def test_its_probabilities_can_be_believed(scores: VlmScores):
    assert scores.calibration.answers == SCORED
    assert scores.calibration.error < 0.12  # 0.05 over 2,000 products; a bin of few is off by chance


def test_other_words_change_little(wordings: list[WordingScore]):
    changed = {score.attribute: score.paraphrase_difference for score in wordings}
    assert min(changed.values()) > -0.1, changed


def test_the_order_of_photo_and_question_changes_little(wordings: list[WordingScore]):
    changed = {score.attribute: score.order_difference for score in wordings}
    assert max(map(abs, changed.values())) < 0.1, changed


def test_a_reworded_question_gets_the_same_keys(demo_vlm: TransformersModel, questions: dict[str, Question]):
    rng = random.Random(1)
    photos = [shop_photo(sample_product(4, index)) for index in range(4)]
    own = []
    for question in questions.values():
        for _ in range(4):
            other = replace(question, text=reworded(question, rng))
            own += [reply.is_own for reply in replies_about(demo_vlm, photos, other)]
    assert sum(own) >= 0.95 * len(own)
