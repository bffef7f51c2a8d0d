"""One product for the review page, as plain data: photo, name, facts, and for each attribute all opinions about it."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from fashion_assets.extraction.tables import stated_column
from fashion_assets.quality.labels.answer_files import SEPARATOR
from fashion_assets.quality.labels.stated_values import NOTHING
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.quality.rules.name_words import values_in_name
from fashion_assets.quality.rules.rule import Rule
from fashion_assets.shop.folding import fold
from fashion_assets.shop.given import GIVEN
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

_FACTS = ("article_type", "master_category", "sub_category", "base_color", "gender", "season", "year", "usage", "price")


def blind_view(row: pl.DataFrame, conditions: Mapping[str, pl.Expr], taxonomy: Taxonomy) -> dict[str, Any]:
    """The product in this one row of `product_extracted_attributes`, without any answer of a model.

    `conditions` has, by column, when the question of an attribute is asked; only fields that were asked are included.
    """
    values = row.row(0, named=True)
    return {
        "id": values["product_id"],
        "name": values["product_display_name"],
        "facts": [[name, str(values[name])] for name in _FACTS if values[name] is not None],
        "photo": values["photo_sha256"] if values["photo_status"] == "ok" else None,
        "fields": [_question(field) for field in asked_fields(row, conditions, taxonomy)],
    }


def full_view(
    row: pl.DataFrame,
    broken: pl.DataFrame,
    corrections: pl.DataFrame,
    conditions: Mapping[str, pl.Expr],
    profile: ShopProfile,
) -> dict[str, Any]:
    """The product with the answers of models, rules, its name and people; `broken` and `corrections` are its own rows.

    All attributes are included, because people may also correct those whose question was not asked.
    """
    values = row.row(0, named=True)
    taxonomy, rules = profile.taxonomy, {rule.name: rule for rule in consistency_rules(profile)}
    corrected = {correction["field"]: correction for correction in corrections.iter_rows(named=True)}
    # Rows that were written under other rules may name some that are gone.
    rows = [finding for finding in broken.sort("severity", "rule").to_dicts() if finding["rule"] in rules]
    findings = [(rules[finding["rule"]], finding) for finding in rows]
    are_asked = {field.column for field in asked_fields(row, conditions, taxonomy)}
    fields = [
        {
            **_question(field),
            "isAsked": field.column in are_asked,
            "model": {"value": values[field.column], "probability": values[f"{field.column}_probability"]},
            "clip": _clip(values, field.column),
            "nameSays": _name_says(row, field),
            "shopSays": _shop_says(values, field),
            "correction": _correction(field, corrected.get(field.column)),
            "broken": [_finding(rule, finding) for rule, finding in findings if field.column in rule.columns],
        }
        for field in taxonomy.visible
    ]
    return {
        **blind_view(row, conditions, taxonomy),
        "fields": fields,
        "isExtracted": values["extraction_success"],
        "errors": values["extraction_errors"] or [],
    }


def asked_fields(row: pl.DataFrame, conditions: Mapping[str, pl.Expr], taxonomy: Taxonomy) -> list[Attribute]:
    """The attributes whose question was asked for this product, in taxonomy order."""
    is_asked = row.select(expression.alias(column) for column, expression in conditions.items()).row(0, named=True)
    return [field for field in taxonomy.visible if is_asked.get(field.column)]


def items_of(field: Attribute, stated: str) -> str | list[str]:
    """A stated value as plain data: a list for a field that is one."""
    if not field.is_list:
        return stated
    return [] if stated == NOTHING else stated.split(SEPARATOR)


def _question(field: Attribute) -> dict[str, Any]:
    return {
        "column": field.column,
        "label": field.column.replace("_", " "),
        "values": field.vocabulary.values(),
        "mostItems": field.max_items,
    }


def _clip(values: Mapping[str, Any], column: str) -> dict[str, Any] | None:
    value = values.get(f"clip_{column}")
    return None if value is None else {"value": value, "probability": values[f"clip_{column}_probability"]}


def _name_says(row: pl.DataFrame, field: Attribute) -> str | None:
    return (row.select(values_in_name(field.name_words)).item() or None) if field.name_words else None


def _shop_says(values: Mapping[str, Any], field: Attribute) -> str | None:
    """The value that the shop's table states, with its own word for it where that is another."""
    value = values.get(stated_column(field))
    if value is None:
        return None
    words = json.loads(values[GIVEN])
    word = words.get(field.key) or words.get(field.column)
    return value if fold(word) == fold(value) else f"{value} ({word})"


def _correction(field: Attribute, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {"value": items_of(field, row["value"]), "author": row["author"]}


def _finding(rule: Rule, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "rule": rule.name.replace("_", " "),
        "why": rule.why,
        "expected": row["expected"],
        "found": row["found"],
        "severity": row["severity"],
    }
