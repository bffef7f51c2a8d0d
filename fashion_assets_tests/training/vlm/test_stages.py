"""The training code: epochs are new, batches ask what applies, and a few steps give a model that loads."""

import itertools
import json
import math
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import Idefics3Processor

from fashion_assets.demo.models import SIDE
from fashion_assets.demo.render import render
from fashion_assets.demo.vocabulary import Material, Pattern
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from training.budget import Budget
from training.training_set import (
    TrainingSet,
    as_model_sees,
    is_held_out,
    load_training_set,
    training_product,
    training_sets,
)
from training.vlm.batches import PhotoStream, QuestionMaker, spoiled
from training.vlm.distractors import NOTHING_SEEN
from training.vlm.model import END_OF_TURN, new_processor
from training.vlm.wordings import reworded


@cache
def new_processor_once() -> Idefics3Processor:
    return new_processor(load_questions(default_prompts_folder()))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    return load_training_set(tmp_path_factory.mktemp("cache"), count=40, processes=1)


def test_the_training_set_leaves_held_out_combinations_out(data: TrainingSet):
    expected = [product for product in (training_product(100, i) for i in range(40)) if not is_held_out(product)]
    assert data.products == expected
    assert data.photos.shape == (len(expected), SIDE, SIDE, 3) and data.photos.dtype == np.uint8


def test_every_epoch_has_other_products(data: TrainingSet, tmp_path: Path):
    first, second = itertools.islice(training_sets(tmp_path, count=40, processes=1), 2)
    assert first.products == data.products and np.array_equal(first.photos, data.photos)
    assert not {product.index for product in first.products} & {product.index for product in second.products}
    assert next(training_sets(tmp_path, count=40, processes=1, first=1)).products == second.products


def test_some_products_are_made_of_nothing_known():
    products = [training_product(100, index) for index in range(3200)]
    unknown = [product for product in products if product.material == Material.UNKNOWN]
    assert len(unknown) == 320
    assert sum(product.pattern == Pattern.NO_CLEAR for product in unknown) == 160


def test_a_wider_margin_makes_the_product_smaller():
    product = next(p for p in (training_product(100, i) for i in range(50)) if p.clarity == "clear")
    whole, small = (as_model_sees(render(product), scale=scale).astype(int) for scale in (1.0, 0.75))
    edges = [np.abs(np.diff(photo, axis=0)).sum((1, 2)) for photo in (whole, small)]
    assert edges[1][: SIDE // 12].sum() <= edges[0][: SIDE // 12].sum()
    assert np.abs(whole - small).mean() > 2


def test_each_photo_of_a_batch_is_spoiled_in_its_own_way(data: TrainingSet):
    torch.manual_seed(0)
    edge = torch.full((16, 3, SIDE, SIDE), -0.5)
    edge[..., SIDE // 2 :] = 0.5
    columns = spoiled(edge).mean((1, 2))
    is_mirrored = columns[:, 0] > columns[:, -1]
    assert 0 < is_mirrored.sum() < 16
    edges = columns.diff(dim=1).abs().argmax(1)
    assert len(set(edges.tolist())) > 4  # a photo that is not shifted has its edge where it was, mirrored or not
    assert (edges - (SIDE // 2 - 1)).abs().max() <= 5


def test_a_photo_is_shown_three_times_before_the_next_set(data: TrainingSet):
    other = TrainingSet(data.photos[:4], data.products[:4])
    stream = PhotoStream(iter([data, other]), seed=0)
    _, truths = stream.draw(3 * len(data.products))
    assert stream.data is data
    nothing = sum(truth is NOTHING_SEEN for truth in truths)
    articles = Counter(truth["article"] for truth in truths if truth is not NOTHING_SEEN)
    thrice = Counter(product.article.name for product in data.products for _ in range(3))
    assert sum((thrice - articles).values()) == nothing
    stream.draw(1)
    assert stream.data is other


def test_confidence_is_how_sure_the_head_is():
    from training.vlm.stages import Heads

    heads = Heads(160)
    values = heads.values["material"]
    scores = torch.full((4, len(values)), -20.0)
    leather, denim = values.index("leather"), values.index("denim")
    scores[0, leather] = 20  # certain
    scores[1, leather], scores[1, denim] = math.log(0.7), math.log(0.3)
    scores[2, leather], scores[2, denim] = math.log(0.55), math.log(0.45)
    scores[3, values.index("unknown")] = 20
    assert heads.confidence({"material": scores}) == ["high", "medium", "low", "low"]


def test_questions_are_asked_where_they_apply(data: TrainingSet):
    maker = QuestionMaker(load_questions(default_prompts_folder()), new_processor_once(), seed=0)
    truths = [product.truth for product in data.products]
    for _ in range(6):
        asked = maker.ask(truths, every=True)
        answers = [maker.tokenizer.decode(ids[marked]) for ids, marked in zip(asked.ids, asked.answers, strict=True)]
        for photo, answer in zip(asked.photo_of.tolist(), answers, strict=True):
            told = json.loads(answer.removesuffix(END_OF_TURN))
            assert told == {key: truths[photo][key] for key in told} and None not in told.values()


def test_long_wordings_are_asked_about_some_photos_only(data: TrainingSet):
    maker = QuestionMaker(load_questions(default_prompts_folder()), new_processor_once(), seed=0)
    truths = 3 * [product.truth for product in data.products]
    batches = [maker.ask(truths, every=False) for _ in range(40)]
    assert max(asked.ids.numel() for asked in batches) < 9000
    assert {len(set(asked.photo_of.tolist())) == len(truths) for asked in batches} == {True, False}


@pytest.mark.parametrize("number", range(3))
def test_a_reworded_question_names_its_keys_or_its_task(number: int):
    question, rng = load_questions(default_prompts_folder())[number], random.Random(number)
    wordings = {reworded(question, rng) for _ in range(300)}
    assert len(wordings) > 200
    assert sum(all(key in wording for key in question.keys) for wording in wordings) > 0.8 * len(wordings)


def test_about_one_product_in_twelve_is_held_out():
    share = np.mean([is_held_out(training_product(100, index)) for index in range(3000)])
    assert 1 / 18 < share < 1 / 8


def test_a_budget_warms_up_and_cools_down():
    budget = Budget(steps=1000)
    factors = []
    while not budget.is_spent:
        factors.append(budget.learning_rate_factor())
        budget.step += 1
    assert len(factors) == 1000
    assert factors[0] < 0.02 and max(factors) > 0.95 and factors[-1] < 0.03
    assert Budget(steps=1, minutes=60).progress < 0.01  # with a clock, steps do not count


@pytest.fixture(scope="module")
def trained_vlm(data: TrainingSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from training.vlm.stages import STAGE_B, VlmTraining

    torch.set_num_threads(1)  # for steps this small, threads only wait for each other
    folder = tmp_path_factory.mktemp("weights") / "vlm"
    training = VlmTraining(itertools.repeat(data), seed=0)
    training.teach_vision(Budget(2), photo_count=4)
    training.teach_answers(Budget(2), folder, replace(STAGE_B, photo_count=4))
    return folder


def test_a_trained_vlm_loads_and_answers(trained_vlm: Path):
    from training.evaluation.vlm import evaluate_vlm

    scores = evaluate_vlm(trained_vlm, products=2)
    assert scores.answers >= 4
    assert 0 <= scores.unforced <= 1
