"""CLIP zero-shot on demo photos, whose truth is known: it must see more than the most frequent value."""

import json
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from fashion_assets.demo.models import clip_folder
from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.extraction.backends.zero_shot.scoring import ZeroShotLabels, zero_shot_answers, zero_shot_columns
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.models.clip.open_clip_encoder import load_encoder
from fashion_assets.models.resources import GpuResource
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy, Vocabulary
from training.evaluation.products import evaluation_products, shop_photo

PRODUCTS = 200


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(str(clip_folder()), GpuResource(device="cpu", micro_batch=64).plan())


def with_demo_values(attribute: Attribute) -> Attribute:
    """The attribute without what a shop has added to the taxonomy, of which the demo CLIP has learned nothing."""
    demo_values = ATTRIBUTES[attribute.key].vocabulary.values()
    kept = tuple(value for value in attribute.vocabulary if value.name in demo_values)
    return replace(attribute, vocabulary=Vocabulary(kept))


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy(tuple(with_demo_values(attribute) for attribute in SHIPPED.taxonomy if attribute.key in ATTRIBUTES))


@pytest.fixture(scope="module")
def demo_questions(taxonomy):
    return load_questions(default_prompts_folder(), taxonomy)


@pytest.fixture(scope="module")
def labels(encoder, taxonomy):
    return ZeroShotLabels(encoder, taxonomy)


@pytest.fixture(scope="module")
def products():
    return evaluation_products(PRODUCTS, seed=11, selection="balanced")


@pytest.fixture(scope="module")
def vectors(encoder, products):
    return encoder.embed_photos([shop_photo(product) for product in products])


@pytest.mark.parametrize(
    ("key", "advantage"), [("material", 0.5), ("pattern", 0.3), ("collar", 0.3), ("sleeves", 0.3), ("fit", 0.15)]
)
def test_answers_beat_the_most_frequent_value(key, advantage, demo_questions, labels, products, vectors):
    question = next(question for question in demo_questions if key in question.keys)
    answers = [json.loads(answer.text)[key] for answer in zero_shot_answers(vectors, question, labels)]
    pairs = [(a, p.truth[key]) for a, p in zip(answers, products, strict=True) if p.truth[key] is not None]
    right = sum(answer == truth for answer, truth in pairs) / len(pairs)
    most_frequent = Counter(truth for _, truth in pairs).most_common(1)[0][1] / len(pairs)
    assert right > most_frequent + advantage


def test_sure_answers_are_right(demo_questions, labels, products, vectors):
    question = next(question for question in demo_questions if "material" in question.keys)
    right = {True: [], False: []}
    for answer, product in zip(zero_shot_answers(vectors, question, labels), products, strict=True):
        values = json.loads(answer.text)
        right[values["confidence"] == "high"].append(values["material"] == product.truth["material"])
    assert np.mean(right[True]) > 0.9
    assert np.mean(right[True]) > np.mean(right[False]) + 0.1


def test_a_batch_of_vectors_takes_seconds_at_most(demo_questions, labels, vectors):
    batch = np.concatenate([vectors] * 5)
    started = time.perf_counter()
    for question in demo_questions:
        assert len(zero_shot_answers(batch, question, labels)) == 1000
    assert len(zero_shot_columns({str(i): vector for i, vector in enumerate(batch)}, labels)) == 1000
    assert time.perf_counter() - started < 5  # measured: 0.2 s
