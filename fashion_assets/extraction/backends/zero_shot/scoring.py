"""CLIP zero-shot: which label fits a photo best, by cosine, from vectors that are computed anyway.

A softmax over all labels of a field, with the model's own scale, gives each label's probability; a value's probability
is the sum over its labels. Label texts and thresholds are in `labels.py`; the back end is in `model.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.extraction.backends.zero_shot.labels import (
    ITEM_PROBABILITY,
    LEAST_PROBABILITY,
    Label,
    attribute_labels,
    confidence_from,
    labelled,
    labels_version,
    second_opinion_columns,
    second_opinions,
)
from fashion_assets.extraction.model import Answer
from fashion_assets.extraction.questions import Question
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

if TYPE_CHECKING:
    import numpy as np

    from fashion_assets.models.clip.encoder import ImageTextEncoder
    from fashion_assets.storage.store import TableStore

_DIGITS = 6


class ZeroShotLabels:
    """The label texts of every attribute of `taxonomy`, embedded once by `encoder`; with a `store` once for all."""

    def __init__(
        self, encoder: ImageTextEncoder, taxonomy: Taxonomy = SHIPPED.taxonomy, store: TableStore | None = None
    ):
        from fashion_assets.models.clip.encoder import require_sound
        from fashion_assets.models.clip.text_vectors import TextVectors

        self.taxonomy = taxonomy
        self.version = f"{encoder.model_id}#{labels_version(taxonomy)}"
        self._scale = encoder.logit_scale
        labels = {
            (attribute.key, item): of_item
            for attribute in labelled(taxonomy)
            for item, of_item in attribute_labels(attribute).items()
        }
        texts = list(dict.fromkeys(text for choice in labels.values() for label in choice for text in label.texts))
        embed = (
            encoder.embed_texts if store is None else TextVectors(store, encoder.model_id, lambda: encoder).embed_texts
        )
        vectors = dict(zip(texts, require_sound(embed(texts), "texts", encoder), strict=True))
        self._choices = {name: _Choice.of(choice, vectors) for name, choice in labels.items()}

    def value_probabilities(self, field: Attribute, vectors: np.ndarray) -> tuple[list[str], np.ndarray]:
        """The values of a single-value `field` that have labels, and their probabilities (n, values) per photo."""
        choice = self._choices[field.key, ""]
        return choice.values, choice.probabilities(vectors, self._scale)

    def item_probabilities(self, field: Attribute, vectors: np.ndarray) -> tuple[list[str], np.ndarray]:
        """The items of a list `field`, and the probability (n, items) that each is present, independently."""
        import numpy as np

        items = field.vocabulary.values()
        present = [self._choices[field.key, item].probabilities(vectors, self._scale)[:, 0] for item in items]
        return items, np.stack(present, axis=1)


def zero_shot_answers(vectors: np.ndarray, question: Question, labels: ZeroShotLabels) -> list[Answer]:
    """CLIP's answers to `question` about photos with unit `vectors` (n, dimension), as JSON in canonical values."""
    by_field = [_answer_field(field, vectors, labels) for field in question.fields]
    return [
        Answer(
            text=json.dumps(dict(zip(question.keys, values, strict=True))),
            probabilities=dict(zip(question.keys, probabilities, strict=True)),
        )
        for values, probabilities in (zip(*of_photo, strict=True) for of_photo in zip(*by_field, strict=True))
    ]


def zero_shot_columns(vectors: Mapping[str, np.ndarray], labels: ZeroShotLabels) -> pl.DataFrame:
    """CLIP's second opinion on photos (unit vectors by hash), in `photo_sha256` and `second_opinion_columns`.

    Every photo is scored on every field: the caller drops what does not apply to a product.
    """
    import numpy as np

    schema = {column.name: column.dtype for column in second_opinion_columns(labels.taxonomy)}
    if not vectors:
        return pl.DataFrame(schema={"photo_sha256": pl.String, **schema})
    stacked = np.array(list(vectors.values()), dtype=np.float32)
    columns: dict[str, Sequence] = {"photo_sha256": list(vectors)}
    for field in second_opinions(labels.taxonomy):
        values, probabilities = _best_values(field, stacked, labels)
        columns[f"clip_{field.column}"] = values
        columns[f"clip_{field.column}_probability"] = probabilities
    rows = pl.DataFrame(columns).with_columns(clip_model=pl.lit(labels.version))
    return rows.select("photo_sha256", *(pl.col(name).cast(dtype) for name, dtype in schema.items()))


def with_second_opinions(
    rows: pl.DataFrame, vectors: Mapping[str, np.ndarray], labels: ZeroShotLabels, questions: Sequence[Question]
) -> pl.DataFrame:
    """`rows` of `product_extracted_attributes` with `second_opinion_columns`; null where no question applies or
    there is no photo."""
    opinions = rows.select("photo_sha256").join(
        zero_shot_columns(vectors, labels), on="photo_sha256", how="left", maintain_order="left"
    )
    rows = rows.with_columns(opinions.select(column.name for column in second_opinion_columns(labels.taxonomy)))
    applies = {field.key: question.applies() for question in questions for field in question.fields}
    return rows.with_columns(
        pl.when(applies.get(field.key, pl.lit(False))).then(name).alias(name)
        for field in second_opinions(labels.taxonomy)
        for name in (f"clip_{field.column}", f"clip_{field.column}_probability")
    )


@lru_cache(maxsize=2)
def zero_shot_labels(
    encoder: ImageTextEncoder, taxonomy: Taxonomy = SHIPPED.taxonomy, store: TableStore | None = None
) -> ZeroShotLabels:
    """The labels, embedded once per loaded encoder, or looked up in `store`."""
    return ZeroShotLabels(encoder, taxonomy, store)


def _answer_field(field: Attribute, vectors: np.ndarray, labels: ZeroShotLabels) -> list[tuple[str | list[str], float]]:
    """A value, or a list of items, and its probability, for each photo."""
    if field.is_list:
        return _answer_list(field, vectors, labels)
    if field.confidence_of:
        _, probabilities = _best_values(labels.taxonomy[field.confidence_of], vectors, labels)
        return [(_confidence(field, probability), probability) for probability in probabilities]
    return list(zip(*_best_values(field, vectors, labels), strict=True))


def _best_values(field: Attribute, vectors: np.ndarray, labels: ZeroShotLabels) -> tuple[list[str], list[float]]:
    """The likeliest value of each photo and its probability; "cannot be determined" if that is too small."""
    values, probabilities = labels.value_probabilities(field, vectors)
    best = probabilities.max(axis=1).astype(float).round(_DIGITS).tolist()
    chosen = [values[number] for number in probabilities.argmax(axis=1)]
    if field.cannot_tell is not None:
        chosen = [
            value if probability >= LEAST_PROBABILITY else field.cannot_tell
            for value, probability in zip(chosen, best, strict=True)
        ]
    return chosen, best


def _answer_list(field: Attribute, vectors: np.ndarray, labels: ZeroShotLabels) -> list[tuple[str | list[str], float]]:
    """The likeliest items that are more likely present than not; the probability is that of all decisions together."""
    import numpy as np

    items, chances = labels.item_probabilities(field, vectors)
    order = np.argsort(-chances, axis=1, kind="stable")[:, : field.max_items]
    is_first = np.zeros(chances.shape, dtype=bool)
    np.put_along_axis(is_first, order, True, axis=1)
    is_listed = is_first & (chances > ITEM_PROBABILITY)
    decided = np.where(is_listed, chances, 1 - chances).prod(axis=1).astype(float).round(_DIGITS).tolist()
    return [
        ([items[number] for number in numbers if listed[number]], probability)
        for numbers, listed, probability in zip(order.tolist(), is_listed, decided, strict=True)
    ]


def _confidence(field: Attribute, probability: float) -> str:
    return next(value for least, value in confidence_from(field) if probability >= least)


@dataclass(frozen=True)
class _Choice:
    """Labels as vectors (labels, dimension); `means` (labels, values) is 1 where a label means a value, else 0."""

    values: list[str]
    vectors: np.ndarray
    means: np.ndarray

    @classmethod
    def of(cls, labels: Sequence[Label], by_text: Mapping[str, np.ndarray]) -> _Choice:
        import numpy as np

        from fashion_assets.models.clip.vectors import normalise

        values = list(dict.fromkeys(label.value for label in labels))
        averages = np.stack([np.mean([by_text[text] for text in label.texts], axis=0) for label in labels])
        means = np.array([[label.value == value for value in values] for label in labels], dtype=np.float32)
        return cls(values, normalise(averages), means)

    def probabilities(self, vectors: np.ndarray, scale: float) -> np.ndarray:
        """Of each value (n, values), for photos with `vectors` (n, dimension); each row sums to 1."""
        import numpy as np

        logits = scale * (vectors @ self.vectors.T)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (weights / weights.sum(axis=1, keepdims=True)) @ self.means
