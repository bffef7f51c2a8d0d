"""Scores that can be worked out by hand: a text's vector says which known word it has, a photo's what it shows."""

import json
import math

import numpy as np
import polars as pl
import pytest

from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.zero_shot.labels import second_opinion_columns, second_opinions
from fashion_assets.extraction.backends.zero_shot.scoring import ZeroShotLabels, zero_shot_answers, zero_shot_columns
from fashion_assets.models.clip.encoder import ImageTextEncoder
from fashion_assets.shop.profile import SHIPPED

WORDS = ("leather", "striped", "athletic", "v-neck", "sleeveless", "loose", "skirt", "with zipper", "vintage", "modern",
         "elegant", "sporty")  # fmt: skip


class WordEncoder(ImageTextEncoder):
    """A text's vector is the axis of the first of WORDS in it; texts with none share the last axis."""

    dimension = len(WORDS) + 1
    context_length = 77

    def __init__(self, odds: float = 100.0):
        """A label that fits is `odds` times as likely as each that does not."""
        self.model_id = "words"
        self.logit_scale = math.log(odds)
        self.texts: list[str] = []

    def embed_photos(self, photos):
        raise AssertionError("vectors are there already")

    def embed_texts(self, texts):
        self.texts += texts
        return np.stack([seeing(*[word for word in WORDS if word in text][:1]) for text in texts])


def seeing(*words: str) -> np.ndarray:
    axes = [WORDS.index(word) for word in words] or [len(WORDS)]
    vector = np.zeros(len(WORDS) + 1, dtype=np.float32)
    vector[axes] = 1
    return vector / np.linalg.norm(vector)


def ask(question, *photos, odds=100.0):
    answers = zero_shot_answers(np.stack(photos), question, ZeroShotLabels(WordEncoder(odds)))
    assert all(not parse_answer(answer.text, question).errors for answer in answers)
    return [(json.loads(answer.text), answer.probabilities) for answer in answers]


@pytest.fixture
def by_key(questions):
    return {key: question for question in questions for key in question.keys}


@pytest.mark.parametrize(
    ("odds", "material", "probability", "confidence"),
    [
        (15, "leather", 15 / 21, "high"),
        (6, "leather", 6 / 12, "medium"),
        (3, "leather", 3 / 9, "low"),
        (2, "unknown", 2 / 8, "low"),
    ],
)
def test_the_label_that_fits_wins_and_its_probability_says_how_sure(by_key, odds, material, probability, confidence):
    ((values, probabilities),) = ask(by_key["material"], seeing("leather"), odds=odds)
    assert (values["material"], values["confidence"]) == (material, confidence)
    assert probabilities["material"] == pytest.approx(probability, abs=1e-5)
    assert probabilities["confidence"] == probabilities["material"]


def test_each_photo_has_its_own_answer(by_key):
    first, second = ask(by_key["material"], seeing("striped"), seeing("leather"))
    assert (first[0]["pattern"], second[0]["material"]) == ("striped", "leather")
    assert second[0]["pattern"] == "no clear pattern"  # all patterns fit equally: 1 in 7


def test_a_garment_without_a_top_has_no_collar(by_key):
    trousers, top = ask(by_key["collar"], seeing("skirt"), seeing("v-neck", "sleeveless", "loose"))
    assert trousers[0] == {"collar": "not applicable", "sleeves": "not applicable", "fit": "cannot determine"}
    assert top[0] == {"collar": "v-neck", "sleeves": "sleeveless", "fit": "loose"}


def test_items_are_there_if_they_fit_better_than_a_product_without(by_key):
    zipped, plain = ask(by_key["details"], seeing("with zipper"), seeing("leather"), odds=9)
    assert (zipped[0]["details"], plain[0]["details"]) == (["has zipper"], [])
    # The zipper is there with 9 in 10; each of the five others is as likely there as not.
    assert zipped[1]["details"] == pytest.approx(0.9 * 0.5**5)


def test_a_list_holds_the_likeliest_items_up_to_its_limit(by_key):
    vector = 4 * seeing("elegant") + 3 * seeing("vintage") + 2 * seeing("sporty") + seeing("modern")
    ((values, _),) = ask(by_key["style_keywords"], vector / np.linalg.norm(vector))
    assert values["style_keywords"] == ["elegant", "vintage", "sporty"]


def test_no_photos_no_answers(by_key):
    labels = ZeroShotLabels(WordEncoder())
    assert zero_shot_answers(np.empty((0, len(WORDS) + 1), dtype=np.float32), by_key["details"], labels) == []
    assert zero_shot_columns({}, labels).schema == zero_shot_columns({"a": seeing("leather")}, labels).schema


def test_columns_are_the_answers_by_photo(by_key):
    labels = ZeroShotLabels(WordEncoder())
    vectors = {"a": seeing("leather"), "b": seeing("striped", "athletic")}
    columns = zero_shot_columns(vectors, labels)
    declared = {column.name: column.dtype for column in second_opinion_columns(SHIPPED.taxonomy)}
    assert dict(columns.schema) == {"photo_sha256": pl.String} | declared
    assert columns["clip_model"].to_list() == [labels.version] * 2 and labels.version.startswith("words#")
    asked = {by_key[field.key].id: by_key[field.key] for field in second_opinions(SHIPPED.taxonomy)}
    for question in asked.values():
        for row, answer in zip(
            columns.iter_rows(named=True),
            zero_shot_answers(np.stack(list(vectors.values())), question, labels),
            strict=True,
        ):
            for field in set(question.fields) & set(second_opinions(SHIPPED.taxonomy)):
                assert row[f"clip_{field.column}"] == json.loads(answer.text)[field.key]
                assert row[f"clip_{field.column}_probability"] == answer.probabilities[field.key]
    assert columns.row(1, named=True)["clip_formality"] == "athletic"


def test_each_text_is_embedded_once():
    encoder = WordEncoder()
    ZeroShotLabels(encoder)
    assert len(encoder.texts) == len(set(encoder.texts))


def test_each_photos_probabilities_sum_to_one():
    labels = ZeroShotLabels(WordEncoder())
    for field in second_opinions(SHIPPED.taxonomy):
        _, probabilities = labels.value_probabilities(field, np.stack([seeing(word) for word in WORDS]))
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    _, there = labels.item_probabilities(SHIPPED.taxonomy["details"], np.stack([seeing("with zipper")]))
    assert there.shape == (1, 6) and (there >= 0.5).all()


def test_a_model_that_spoils_label_vectors_is_refused():
    class Broken(WordEncoder):
        def embed_texts(self, texts):
            return super().embed_texts(texts) * 0.5

    with pytest.raises(ModelError, match="texts that are not finite or not of length 1"):
        ZeroShotLabels(Broken())
