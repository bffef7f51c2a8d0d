"""The training code: batches ask what applies, captions tell the truth, and a few steps give models that load."""

import random
from pathlib import Path

import numpy as np
import pytest

from fashion_assets.demo.attributes import sample_product
from fashion_assets.demo.budget import Budget
from fashion_assets.demo.captions import TRAITS, known_words, random_caption, traits_of
from fashion_assets.demo.training_set import SIDE, TrainingSet, is_held_out, load_training_set, training_product


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingSet:
    return load_training_set(tmp_path_factory.mktemp("cache"), count=40, processes=1)


def test_the_training_set_leaves_held_out_combinations_out(data: TrainingSet):
    expected = [product for product in (training_product(100, i) for i in range(40)) if not is_held_out(product)]
    assert data.products == expected
    assert data.photos.shape == (len(expected), SIDE, SIDE, 3) and data.photos.dtype == np.uint8


def test_about_one_product_in_twelve_is_held_out():
    share = np.mean([is_held_out(training_product(100, index)) for index in range(3000)])
    assert 1 / 18 < share < 1 / 8


def test_captions_mention_only_true_traits_in_known_words():
    rng, known = random.Random(0), set(known_words())
    for index in range(300):
        product = sample_product(3, index, "balanced")
        caption = random_caption(product, rng)
        traits = traits_of(product)
        assert caption.mentioned <= set(TRAITS)
        assert all(traits[trait] for trait in caption.mentioned)
        assert sum(word.strip(".,") in known for word in caption.text.split()) >= 0.6 * len(caption.text.split())


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
    import torch

    from fashion_assets.demo.train_vlm import VlmTraining

    torch.set_num_threads(1)  # for steps this small, threads only wait for each other
    folder = tmp_path_factory.mktemp("weights") / "vlm"
    training = VlmTraining(data, seed=0)
    training.teach_vision(Budget(2), photo_count=4)
    training.teach_answers(Budget(2), folder, photo_count=4)
    return folder


def test_a_trained_vlm_loads_and_answers(trained_vlm: Path):
    from fashion_assets.demo.evaluate_vlm import evaluate_vlm

    scores = evaluate_vlm(trained_vlm, products=2)
    assert scores.answers >= 4
    assert 0 <= scores.unforced <= 1


def test_a_trained_clip_loads_and_searches(data: TrainingSet, trained_vlm: Path, tmp_path: Path):
    from fashion_assets.demo.evaluate_clip import evaluate_clip
    from fashion_assets.demo.train_clip import train_clip

    train_clip(data, trained_vlm, tmp_path / "clip", Budget(2), seed=0, batch_size=8)
    assert 0 <= evaluate_clip(tmp_path / "clip", products=10).recall_at_5 <= 1
