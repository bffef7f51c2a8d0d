"""What CLIP is asked instead of a prompt: label texts for every value of the taxonomy, and how sure it must be.

Values come from the taxonomy, sentences from here. A label names a kind of product too, because CLIP reads "a photo of
a striped shirt" better than "striped"; which kind the photo shows is for the photo to decide. Scoring belongs to
`scoring.py`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from fashion_assets.shop.taxonomy import FIELDS, Collar, Confidence, Field, Fit, Material, Pattern, Sleeves
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.table import Column

PRODUCTS = ("t-shirt", "shirt", "dress", "jacket", "pants", "shoes", "bag", "watch")
"""Kinds of product that differ as a catalog's do; each value is put to each. Every text costs the model a call: with 15
kinds, patterns of the demo catalog were right 3 points more often and materials 4 points less often."""

_GARMENTS = ("{value} t-shirt", "{value} shirt", "{value} jacket", "{value} dress")
_WITHOUT_TOP = ("pants", "shorts", "skirt")


@dataclass(frozen=True)
class Wording:
    """How the values of a field are put into words. Labels are the mean of `templates`; one with a `{product}` makes a
    label for each of PRODUCTS. In a list field, an item is there if its labels fit better than those of `contrast`."""

    templates: tuple[str, ...]
    contrast: tuple[str, ...] = ()


WORDINGS = {
    "material": Wording(("a photo of a {value} {product}",)),
    "pattern": Wording(("a photo of a {value} {product}",)),
    "formality": Wording(("a photo of a {value} {product}",)),
    "style_keywords": Wording(("a photo of a {value} {product}",), contrast=("a photo of a {product}",)),
    "details": Wording(("a photo of a {product} with {value}",), contrast=("a photo of a {product}",)),
    "collar": Wording(_GARMENTS),
    "sleeves": Wording(_GARMENTS),
    "fit": Wording(_GARMENTS),
}
"""By field key; `confidence` follows from the probability of the material."""

OWN_TEXTS = {
    ("collar", Collar.NOT_APPLICABLE.value): _WITHOUT_TOP,
    ("sleeves", Sleeves.NOT_APPLICABLE.value): _WITHOUT_TOP,
}
"""Values that a template cannot say."""

CANNOT_TELL = {
    "material": Material.UNKNOWN.value,
    "pattern": Pattern.NO_CLEAR.value,
    "fit": Fit.CANNOT_DETERMINE.value,
}
"""The answer where no label reaches LEAST_PROBABILITY; it has no label itself, because nothing looks like it."""

LEAST_PROBABILITY = 0.3

CONFIDENCE_FROM = ((0.7, Confidence.HIGH.value), (0.45, Confidence.MEDIUM.value), (0.0, Confidence.LOW.value))
"""Probability of the material from which on the answer is that sure."""

ITEM_PROBABILITY = 0.5
"""A list has the items that are likelier than this."""


@dataclass(frozen=True)
class Label:
    """One way to say `value` ("": that an item is not there): its vector is the mean of its texts' vectors."""

    value: str
    texts: tuple[str, ...]


def value_labels(field: Field) -> list[Label]:
    """The labels among which a single value of `field` is chosen."""
    values = [value for value in field.vocabulary.values() if value != CANNOT_TELL.get(field.key)]
    labels: list[Label] = []
    for value in values:
        own = OWN_TEXTS.get((field.key, value))
        labels += [Label(value, own)] if own else _labels(value, WORDINGS[field.key].templates)
    return labels


def item_labels(field: Field, item: str) -> list[Label]:
    """The labels that decide whether a list of `field` has `item`: of the item, and of a product without it."""
    wording = WORDINGS[field.key]
    return [*_labels(item, wording.templates), *_labels("", wording.contrast)]


def _labels(value: str, templates: tuple[str, ...]) -> list[Label]:
    spoken = value.removeprefix("has ")
    kinds = PRODUCTS if any("{product}" in template for template in templates) else ("",)
    return [
        Label(value, tuple(template.format(value=spoken, product=kind) for template in templates)) for kind in kinds
    ]


def field_labels(field: Field) -> dict[str, list[Label]]:
    """By list item, or under "" for a single value: the labels of `field`."""
    if field.is_list:
        return {item: item_labels(field, item) for item in field.vocabulary.values()}
    return {"": value_labels(field)}


def labels_version() -> str:
    """A short hash of all that decides an answer besides the model: label texts and thresholds."""
    texts = {
        key: {item: [[label.value, *label.texts] for label in labels] for item, labels in field_labels(field).items()}
        for key, field in FIELDS.items()
        if key in WORDINGS
    }
    decisions = [CANNOT_TELL, LEAST_PROBABILITY, CONFIDENCE_FROM, ITEM_PROBABILITY]
    return hash_text(json.dumps([texts, decisions], sort_keys=True))[:8]


SECOND_OPINIONS = tuple(FIELDS[key] for key in ("material", "pattern", "formality", "collar", "sleeves", "fit"))


def _columns(fields: Iterable[Field]) -> Iterable[Column]:
    for field in fields:
        yield Column(
            f"clip_{field.column}", pl.String, "What CLIP sees in the photo.", allowed=field.vocabulary.values()
        )
        yield Column(
            f"clip_{field.column}_probability",
            pl.Float64,
            f"CLIP's probability of the likeliest {field.column}.",
            is_hashed=False,
        )


ZERO_SHOT_COLUMNS = (
    *_columns(SECOND_OPINIONS),
    Column("clip_model", pl.String, "The CLIP model of the second opinion, with the hash of its labels."),
)
"""CLIP's second opinion. Probabilities are not hashed: their last digits depend on the machine."""
