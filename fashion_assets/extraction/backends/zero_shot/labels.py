"""What CLIP gets instead of a prompt: label texts for every value of the taxonomy, and probability thresholds.

Values and templates come from the taxonomy; kinds of product and thresholds are defined here. A label also names a kind
of product, because "a photo of a striped shirt" works better for CLIP than "striped"; every kind is tried, and the best
fit to the photo wins. Scoring belongs to `scoring.py`.
"""

import json
from dataclasses import dataclass
from itertools import chain

import polars as pl

from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy, Value
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.table import Column

PRODUCTS = ("t-shirt", "shirt", "dress", "jacket", "pants", "shoes", "bag", "watch")
"""Kinds of product as varied as a catalog; each value is combined with each. Every text costs a call of the model: with
15 kinds, patterns of the demo catalog were right 3 points more often and materials 4 points less often."""

LEAST_PROBABILITY = 0.3
"""If no label reaches it, the answer is the value for "cannot be determined", if there is one."""

ITEM_PROBABILITY = 0.5
"""A list contains the items with a higher probability."""


@dataclass(frozen=True)
class Label:
    """One wording of `value` ("": the item is absent); its vector is the mean of its texts' vectors."""

    value: str
    texts: tuple[str, ...]


def value_labels(attribute: Attribute) -> list[Label]:
    """The labels for choosing a single value.

    A value that says nothing has none, because nothing looks like it, unless the taxonomy gives it a wording.
    """
    values = [value for value in attribute.vocabulary if value.clip_wordings or not value.says_nothing]
    return [label for value in values for label in _labels_of(attribute, value)]


def item_labels(attribute: Attribute, item: str) -> list[Label]:
    """The labels that decide whether a list has `item`: for the item, and for a product without it."""
    present = _labels_of(attribute, attribute.value(item))
    return [*present, *(Label("", texts) for texts in _texts("", attribute.clip_contrast, attribute))]


def _labels_of(attribute: Attribute, value: Value) -> list[Label]:
    templates = value.clip_wordings or attribute.clip_templates
    return [Label(value.name, texts) for texts in _texts(value.bare_name, templates, attribute)]


def _texts(word: str, templates: tuple[str, ...], attribute: Attribute) -> list[tuple[str, ...]]:
    """The texts of each label; the same number of labels for every value, because more labels make a value likelier."""
    has_kinds = any("{product}" in template for template in attribute.clip_templates)
    return [
        tuple(template.format(value=word, product=kind) for template in templates)
        for kind in (PRODUCTS if has_kinds else ("",))
    ]


def attribute_labels(attribute: Attribute) -> dict[str, list[Label]]:
    """The labels of the attribute, by list item, or under "" for a single value."""
    if attribute.is_list:
        return {item: item_labels(attribute, item) for item in attribute.vocabulary.values()}
    return {"": value_labels(attribute)}


def confidence_from(confidence: Attribute) -> tuple[tuple[float, str], ...]:
    """The confidences, each with the smallest probability of the rated attribute that maps to it."""
    return tuple((value.from_probability, value.name) for value in confidence.vocabulary)


def labels_version(taxonomy: Taxonomy = SHIPPED.taxonomy) -> str:
    """A short hash of everything that determines an answer besides the model: label texts and thresholds."""
    texts = {
        attribute.key: {
            item: [[label.value, *label.texts] for label in labels]
            for item, labels in attribute_labels(attribute).items()
        }
        for attribute in labelled(taxonomy)
    }
    undecided = {a.key: a.cannot_tell for a in labelled(taxonomy) if a.cannot_tell}
    confidences = [pair for a in taxonomy if a.confidence_of for pair in confidence_from(a)]
    decisions = [undecided, LEAST_PROBABILITY, confidences, ITEM_PROBABILITY]
    return hash_text(json.dumps([texts, decisions], sort_keys=True))[:8]


def labelled(taxonomy: Taxonomy) -> tuple[Attribute, ...]:
    """The attributes that CLIP can infer; a confidence follows from the probability of the attribute that it rates."""
    return tuple(attribute for attribute in taxonomy if attribute.clip_templates)


def second_opinions(taxonomy: Taxonomy) -> tuple[Attribute, ...]:
    """The attributes for which CLIP gives a second opinion: those with a single value."""
    return tuple(attribute for attribute in labelled(taxonomy) if not attribute.is_list)


def second_opinion_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    """The columns of CLIP's second opinion. Probabilities are not hashed: their last digits depend on the machine."""
    return (
        *chain.from_iterable(map(_opinion_columns, second_opinions(taxonomy))),
        Column("clip_model", pl.String, "The CLIP model of the second opinion, with the hash of its labels."),
    )


def _opinion_columns(attribute: Attribute) -> tuple[Column, Column]:
    column = attribute.column
    allowed = attribute.vocabulary.values()
    return (
        Column(f"clip_{column}", pl.String, "What CLIP sees in the photo.", allowed=allowed),
        Column(
            f"clip_{column}_probability",
            pl.Float64,
            f"CLIP's probability of the likeliest {column}.",
            is_hashed=False,
        ),
    )
