"""Who said what is used of a product: a person who corrected it, else the shop's own table, else the model."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from fashion_assets.extraction.tables import stated_column
from fashion_assets.quality.labels.answer_files import SEPARATOR
from fashion_assets.quality.labels.stated_values import NOTHING
from fashion_assets.shop.given import GIVEN
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy


@dataclass(frozen=True)
class ValueSource:
    """The value of an attribute (a column) that counts, and who said it; `model` is the model's where that differs."""

    attribute: str
    value: str
    said_by: str
    model: str | None = None


def value_sources(
    answers: Mapping[str, Any], corrections: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> tuple[ValueSource, ...]:
    """For each attribute with a value, in taxonomy order.

    `answers` is the product's row of `product_extracted_attributes`, which may leave nulls out; `corrections` are its
    current ones.
    """
    corrected = {row["field"]: row for row in corrections.iter_rows(named=True)}
    return tuple(_sources(answers, corrected, taxonomy))


def _sources(
    answers: Mapping[str, Any], corrected: Mapping[str, Mapping[str, Any]], taxonomy: Taxonomy
) -> Iterator[ValueSource]:
    for attribute in taxonomy.visible:
        seen = _in_words(answers.get(attribute.column))
        correction = corrected.get(attribute.column)
        stated = None if attribute.is_list else answers.get(stated_column(attribute))
        if correction is not None:
            value, said_by = correction["value"].replace(SEPARATOR, ", "), f"correction by {correction['author']}"
        elif stated is not None:
            value, said_by = stated, f"shop's table: {_word(answers, attribute)}"
        elif seen is not None:
            value, said_by = seen, "model"
        else:
            continue
        yield ValueSource(attribute.column, value, said_by, seen if seen != value else None)


def _word(answers: Mapping[str, Any], attribute: Attribute) -> str:
    """The shop's own word for the attribute."""
    words = json.loads(answers[GIVEN])
    return words.get(attribute.key) or words[attribute.column]


def _in_words(answer: str | list[str] | None) -> str | None:
    return ", ".join(answer) or NOTHING if isinstance(answer, list) else answer
