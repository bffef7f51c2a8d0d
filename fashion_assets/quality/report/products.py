"""The products that a report shows: a sample of all, those that failed, and those that break rules.

Rows arrive in parts of whole batches; each class keeps the rows that may be shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from fashion_assets.extraction.answers import FORCED, OUT_OF_VOCABULARY, UNPARSEABLE
from fashion_assets.extraction.attributes import NOT_ANSWERED
from fashion_assets.extraction.backends.registry import failure_meanings
from fashion_assets.extraction.retries import failure_codes
from fashion_assets.quality.labels.stated_values import NOTHING
from fashion_assets.quality.report.running_totals import Counts, Leading
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.quality.rules.distributions import answer_to
from fashion_assets.quality.rules.rule import Rule
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy

SAMPLES = 20
FAILURES_SHOWN = 6
BREAKERS_SHOWN = 6
PAIRS_SHOWN = 4
IDS_SHOWN = 30

_MEANINGS = {
    "photo_missing": "There is no photo at the path in the catalog.",
    "photo_undecodable": "The photo file cannot be opened as an image.",
    "photo_blank": "The picture is of one colour, or too small to show a product.",
    "photo_changed": "The photo has changed since the last ingest.",
    UNPARSEABLE: "The answer is not JSON.",
    OUT_OF_VOCABULARY: "The answer lacks a value, or has one that is not in the taxonomy.",
    FORCED: "The model itself gave the allowed values too little probability.",
    NOT_ANSWERED: "There is no answer.",
}
"""Meanings of the failure codes that all back ends share; each back end declares its own codes."""


def _shown_columns(taxonomy: Taxonomy) -> list[str]:
    """The columns that are shown of a product."""
    return [
        "product_id",
        "product_display_name",
        "article_type",
        "image_path",
        "photo_status",
        "extraction_success",
        "extraction_errors",
        *(name for field in taxonomy for name in (field.column, f"{field.column}_probability")),
    ]


@dataclass(frozen=True)
class Attribute:
    """An answer of the model: the attribute's title, its value as text, and the probability if known."""

    name: str
    value: str
    probability: float | None


@dataclass(frozen=True)
class Product:
    """A product to be shown; `note` says why, where that is not obvious."""

    product_id: int
    name: str
    article_type: str
    image_path: str | None
    attributes: tuple[Attribute, ...]
    errors: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Failure:
    """A failure code, its meaning, how many products have it, and the first of them."""

    code: str
    meaning: str
    count: int
    products: tuple[Product, ...]


@dataclass(frozen=True)
class Pair:
    """How many products were `expected` to be one thing and `found` to be another."""

    expected: str
    found: str
    count: int


@dataclass(frozen=True)
class Disagreement:
    """The products that break one rule: their count, the most frequent pairs, and those with the surest answers.

    `more_ids` are the next products in the same order, up to IDS_SHOWN.
    """

    rule: str
    why: str
    severity: str
    count: int
    pairs: tuple[Pair, ...]
    products: tuple[Product, ...]
    more_ids: tuple[int, ...]


class Samples:
    """A sample stratified by article type: one product of each of the most frequent types, then a second, and so on.

    The choice depends on ids alone, so that two reports show the same products unless the catalog changed.
    """

    def __init__(self, count: int = SAMPLES, taxonomy: Taxonomy = SHIPPED.taxonomy):
        self._taxonomy, self._count = taxonomy, count
        self._first = Leading("article_type", count, ["scattered", "product_id"])
        self._frequencies = Counts("article_type")

    def add(self, attributes: pl.DataFrame) -> None:
        scattered = (pl.col("product_id") * 2_654_435_761) % 2**32  # Knuth's multiplicative hash
        self._first.add(attributes.select(*_shown_columns(self._taxonomy), scattered=scattered))
        self._frequencies.add(attributes)

    def products(self) -> tuple[Product, ...]:
        chosen = (
            self._first.rows.with_columns(turn=pl.int_range(pl.len()).over("article_type"))
            .join(self._frequencies.rows, on="article_type", nulls_equal=True)
            .sort("turn", "count", "article_type", descending=[False, True, False], nulls_last=True)
            .head(self._count)
        )
        return tuple(_products(chosen, self._taxonomy))


class Failures:
    """The failed products by code."""

    def __init__(self, taxonomy: Taxonomy = SHIPPED.taxonomy):
        self._taxonomy = taxonomy
        self._first = Leading("code", FAILURES_SHOWN, ["product_id"])
        self._counts = Counts("code")

    def add(self, attributes: pl.DataFrame) -> None:
        codes = failure_codes(attributes, self._taxonomy)
        self._counts.add(codes)
        self._first.add(codes.join(attributes.select(_shown_columns(self._taxonomy)), on="product_id"))

    def by_code(self) -> tuple[Failure, ...]:
        """Most frequent code first."""
        meanings = {**failure_meanings(), **_MEANINGS}
        return tuple(
            Failure(
                code,
                meanings.get(code, ""),
                count,
                tuple(_with_errors_of(code, product) for product in self._products_with(code)),
            )
            for code, count in self._counts.rows.sort("count", "code", descending=[True, False]).iter_rows()
        )

    def _products_with(self, code: str) -> Iterator[Product]:
        return _products(self._first.rows.filter(code=code), self._taxonomy)


class Disagreements:
    """The rows of `consistency_checks` by rule."""

    def __init__(self, profile: ShopProfile = SHIPPED):
        self._taxonomy, self._rules = profile.taxonomy, consistency_rules(profile)
        shown = BREAKERS_SHOWN + IDS_SHOWN
        self._surest = Leading("rule", shown, ["sureness", "product_id"], descending=[True, False])
        self._pairs = Counts("rule", "expected", "found")

    def add(self, attributes: pl.DataFrame, broken: pl.DataFrame) -> None:
        findings = broken.select("product_id", "rule", "expected", "found")
        self._pairs.add(findings.with_columns(pl.col("expected", "found").fill_null("nothing")))
        shown = findings.join(attributes.select(_shown_columns(self._taxonomy)), on="product_id")
        self._surest.add(shown.with_columns(sureness=pl.coalesce(map(_sureness, self._rules))))

    def by_rule(self) -> tuple[Disagreement, ...]:
        """In the order of the rules, without rules that no product breaks."""
        return tuple(self._of(rule) for rule in self._rules if rule.name in self._pairs.rows["rule"])

    def _of(self, rule: Rule) -> Disagreement:
        of_rule = self._pairs.rows.filter(rule=rule.name)
        pairs = of_rule.select("expected", "found", "count").sort(
            "count", "expected", "found", descending=[True, False, False]
        )
        rows = self._surest.rows.filter(rule=rule.name)
        return Disagreement(
            rule.name,
            rule.why,
            rule.severity,
            int(of_rule["count"].sum()),
            tuple(Pair(*pair) for pair in pairs.head(PAIRS_SHOWN).iter_rows()),
            tuple(_products(rows.head(BREAKERS_SHOWN), self._taxonomy)),
            tuple(rows["product_id"][BREAKERS_SHOWN:]),
        )


def _sureness(rule: Rule) -> pl.Expr:
    """The lowest probability among the answers that this rule checks; null in the rows of other rules."""
    probabilities = [f"{column}_probability" for column in rule.columns]
    return pl.when(pl.col("rule") == rule.name).then(pl.min_horizontal(probabilities))


def _with_errors_of(code: str, product: Product) -> Product:
    return replace(product, errors=tuple(error for error in product.errors if error.split(":")[0] == code))


def _products(rows: pl.DataFrame, taxonomy: Taxonomy) -> Iterator[Product]:
    answers = {f"answered_{field.column}": answer_to(field, taxonomy) for field in taxonomy}
    has_note = {"expected", "found"} <= set(rows.columns)
    for row in rows.with_columns(**answers).iter_rows(named=True):
        yield Product(
            product_id=row["product_id"],
            name=row["product_display_name"] or "(no name)",
            article_type=row["article_type"] or "(no article type)",
            image_path=row["image_path"] if row["photo_status"] != "missing" else None,
            attributes=tuple(_attributes(row, taxonomy)),
            errors=tuple(row["extraction_errors"] or ()),
            note=f"expected {row['expected']}; found {row['found'] or 'nothing'}" if has_note else "",
        )


def _attributes(row: Mapping[str, Any], taxonomy: Taxonomy) -> Iterator[Attribute]:
    """The answers of the product; none of a failed one, whose defaults are not answers."""
    for field in taxonomy if row["extraction_success"] else ():
        value = row[f"answered_{field.column}"]
        if value is not None:
            words = ", ".join(value) or NOTHING if field.is_list else value
            yield Attribute(field.title or field.key, words, row[f"{field.column}_probability"])
