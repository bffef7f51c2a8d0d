"""The products that a report shows: a sample of all, those that failed, and those that break rules."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from fashion_assets.extraction.answers import FORCED, OUT_OF_VOCABULARY, UNPARSEABLE
from fashion_assets.extraction.attributes import NOT_ANSWERED
from fashion_assets.extraction.retries import failure_codes
from fashion_assets.extraction.taxonomy import FIELDS
from fashion_assets.quality.distributions import answer_to
from fashion_assets.quality.rules import RULES
from fashion_assets.quality.stated_values import NOTHING

SAMPLES = 20
FAILURES_SHOWN = 6
BREAKERS_SHOWN = 6
PAIRS_SHOWN = 4
IDS_SHOWN = 30

_MEANINGS = {
    "photo_missing": "There is no photo where the catalog says.",
    "photo_undecodable": "The photo file cannot be opened as a picture.",
    "photo_changed": "The photo is not the one that the last ingest saw.",
    UNPARSEABLE: "The answer is not JSON.",
    OUT_OF_VOCABULARY: "The answer has a value that is not in the taxonomy.",
    FORCED: "The model itself gave the allowed values too little probability.",
    NOT_ANSWERED: "There is no answer.",
    "timeout": "The endpoint took too long to answer.",
    "endpoint_error": "The endpoint refused to answer or failed.",
}


_LABELS = {"style_keywords": "style"}


@dataclass(frozen=True)
class Attribute:
    """What the model saw: the attribute in words, its value in words, and the probability if it is known."""

    name: str
    value: str
    probability: float | None


@dataclass(frozen=True)
class Product:
    """A product to be shown; `note` says why it is shown, where that is not plain."""

    product_id: int
    name: str
    article_type: str
    image_path: str | None
    attributes: tuple[Attribute, ...]
    errors: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Failure:
    """A code of failure, what it means, how many products have it, and the first of them."""

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
    """The products that break one rule: how many of those it applies to, the most frequent pairs, the surest answers.

    `more_ids` are further products, by the same order, up to IDS_SHOWN.
    """

    rule: str
    why: str
    severity: str
    count: int
    pairs: tuple[Pair, ...]
    products: tuple[Product, ...]
    more_ids: tuple[int, ...]


def sampled(attributes: pl.DataFrame, count: int = SAMPLES) -> tuple[Product, ...]:
    """A sample stratified by article type: one of each of the most frequent types, then a second of each, and so on.

    The choice depends on ids alone, so that two reports show the same products unless the catalog changed.
    """
    scattered = (pl.col("product_id") * 2_654_435_761) % 2**32  # Knuth's multiplicative hash
    chosen = (
        attributes.with_columns(scattered=scattered, frequency=pl.len().over("article_type"))
        .sort("scattered", "product_id")
        .with_columns(turn=pl.int_range(pl.len()).over("article_type"))
        .sort("turn", "frequency", "article_type", descending=[False, True, False], nulls_last=True)
        .head(count)
    )
    return tuple(_products(chosen))


def failures(attributes: pl.DataFrame) -> tuple[Failure, ...]:
    """The failed products by code, most frequent code first."""
    codes = failure_codes(attributes)
    counts = codes.group_by("code").agg(count=pl.len()).sort("count", "code", descending=[True, False])
    found = []
    for code, count in counts.iter_rows():
        first = codes.filter(code=code).head(FAILURES_SHOWN)["product_id"].implode()
        rows = attributes.filter(pl.col("product_id").is_in(first)).sort("product_id")
        shown = [_with_errors_of(code, product) for product in _products(rows)]
        found.append(Failure(code, _MEANINGS.get(code, ""), count, tuple(shown)))
    return tuple(found)


def disagreements(attributes: pl.DataFrame, broken: pl.DataFrame) -> tuple[Disagreement, ...]:
    """The rows of `consistency_checks` by rule, in the rules' order; rules that nothing breaks are left out."""
    found = []
    for rule in RULES:
        own = broken.filter(rule=rule.name)
        if own.is_empty():
            continue
        about = [f"{name}_probability" for name in rule.found.meta.root_names()]
        rows = (
            own.select("product_id", "expected", "found", "severity")
            .join(attributes, on="product_id")
            .with_columns(sureness=pl.min_horizontal(about))
            .sort("sureness", "product_id", descending=[True, False], nulls_last=True)
        )
        pairs = (
            own.with_columns(pl.col("expected", "found").fill_null("nothing"))
            .group_by("expected", "found")
            .agg(count=pl.len())
            .sort("count", "expected", "found", descending=[True, False, False])
        )
        found.append(
            Disagreement(
                rule.name,
                rule.why,
                own["severity"][0],
                len(own),
                tuple(Pair(*pair) for pair in pairs.head(PAIRS_SHOWN).iter_rows()),
                tuple(_products(rows.head(BREAKERS_SHOWN))),
                tuple(rows["product_id"][BREAKERS_SHOWN : BREAKERS_SHOWN + IDS_SHOWN]),
            )
        )
    return tuple(found)


def _with_errors_of(code: str, product: Product) -> Product:
    return replace(product, errors=tuple(error for error in product.errors if error.split(":")[0] == code))


def _products(rows: pl.DataFrame) -> Iterator[Product]:
    answers = {f"answered_{field.column}": answer_to(field) for field in FIELDS.values()}
    has_note = {"expected", "found"} <= set(rows.columns)
    for row in rows.with_columns(**answers).iter_rows(named=True):
        yield Product(
            product_id=row["product_id"],
            name=row["product_display_name"] or "(no name)",
            article_type=row["article_type"] or "(no article type)",
            image_path=row["image_path"] if row["photo_status"] != "missing" else None,
            attributes=tuple(_attributes(row)),
            errors=tuple(row["extraction_errors"] or ()),
            note=f"expected {row['expected']}; found {row['found'] or 'nothing'}" if has_note else "",
        )


def _attributes(row: dict) -> Iterator[Attribute]:
    """Of a failed product none: its defaults are no answers."""
    for field in FIELDS.values() if row["extraction_success"] else ():
        value = row[f"answered_{field.column}"]
        if value is not None:
            words = ", ".join(value) or NOTHING if field.is_list else value
            yield Attribute(_LABELS.get(field.key, field.key), words, row[f"{field.column}_probability"])
