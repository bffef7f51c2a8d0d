"""Which source rows are products: the rules, and the reason for each row that breaks one.

A row is quarantined only if it is unusable: a missing or unreadable name, season, usage or year becomes null.
"""

from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.columns import ColumnMapping
from fashion_assets.catalog.source import SourceRows
from fashion_assets.catalog.tables import SOURCE_COLUMNS

LARGEST_ID = 2**63 - 1
LONGEST_VALUE = 80
"""Characters of an offending value that a reason shows; the raw line has the whole value."""

WHOLE_NUMBER = r"^[+-]?[0-9]+(\.0+)?$"
"""A Parquet column of ids with a missing one holds floats: `12.0` is the id 12."""

YEAR = r"^[0-9]{4}(\.0+)?$"


QUARANTINED = pl.Schema({"line_number": pl.Int64, "kind": pl.String, "reason": pl.String, "raw_line": pl.String})
JUDGED = pl.Schema(
    {**{column.name: column.dtype for column in SOURCE_COLUMNS}, "is_year_unreadable": pl.Boolean, **QUARANTINED}
)


@dataclass(frozen=True)
class ValidatedRows:
    """Each source row once: `accepted` has SOURCE_COLUMNS in source order, `quarantined` has line_number, kind (which
    rule), reason and raw_line. `unreadable_years` counts accepted rows whose year was invalid and became null."""

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    unreadable_years: int


def validate(source: SourceRows, mapping: ColumnMapping) -> ValidatedRows:
    """Cast the rows' text to the column types and separate good rows from bad; the first row of an id is good."""
    judged = judge_rows(source, mapping)
    return split_rows(judged, repeated_ids(good_ids(judged)))


def judge_rows(source: SourceRows, mapping: ColumnMapping) -> pl.DataFrame:
    """The rows, cast to the column types, with the kind and reason of the first rule that each breaks by itself.

    In the schema JUDGED; kind and reason of a good row are null.
    """
    rows = source.rows.with_columns(
        _whole_number("product_id").alias("id"),
        pl.col("price").cast(pl.Float64, strict=False).alias("amount"),
        pl.when(pl.col("year").str.contains(YEAR)).then(_whole_number("year")).alias("year_number"),
    )
    rows = rows.with_columns(_photo_path(mapping.photo_path))
    reasons = {
        "malformed_row": pl.col("problem"),
        "product_id": _id_reason(),
        "price": _price_reason(),
        "photo_path": _photo_path_reason(),
    }
    rows = rows.with_columns(
        pl.coalesce(reasons.values()).alias("reason"),
        pl.coalesce(pl.when(reason.is_not_null()).then(pl.lit(kind)) for kind, reason in reasons.items()).alias("kind"),
        is_year_unreadable=pl.col("year").is_not_null() & pl.col("year_number").is_null(),
    )
    typed = rows.with_columns(product_id="id", price="amount", year="year_number")
    return typed.select(pl.col(name).cast(dtype) for name, dtype in JUDGED.items())


def good_ids(judged: pl.DataFrame) -> pl.DataFrame:
    """The line_number and product_id of the rows that break no rule by themselves."""
    return judged.filter(pl.col("reason").is_null()).select("line_number", "product_id")


def repeated_ids(ids: pl.DataFrame) -> pl.DataFrame:
    """Of the whole source's `good_ids`, those that an earlier line already has, with that `first_line`."""
    repeated = ids.filter(~pl.col("product_id").is_first_distinct())
    lines = ids.join(repeated, on="product_id", how="semi").group_by("product_id").agg(first_line=pl.min("line_number"))
    return repeated.join(lines, on="product_id", maintain_order="left")


def split_rows(judged: pl.DataFrame, repeated: pl.DataFrame) -> ValidatedRows:
    """Separate good rows from bad, which include the `repeated_ids` of the whole source."""
    rows = judged.join(
        repeated.select("line_number", "first_line"), on="line_number", how="left", maintain_order="left"
    )
    is_repeated = pl.col("first_line").is_not_null()
    rows = rows.with_columns(
        pl.when(is_repeated)
        .then(pl.format("product id {} is already taken by line {}", "product_id", "first_line"))
        .otherwise("reason")
        .alias("reason"),
        pl.when(is_repeated).then(pl.lit("duplicate_id")).otherwise("kind").alias("kind"),
    )
    accepted = rows.filter(pl.col("reason").is_null())
    return ValidatedRows(
        accepted=accepted.select(column.name for column in SOURCE_COLUMNS),
        quarantined=rows.filter(pl.col("reason").is_not_null()).select(*QUARANTINED),
        unreadable_years=int(accepted["is_year_unreadable"].sum()),
    )


def _whole_number(name: str) -> pl.Expr:
    """The column's text as a number; null if it is not a whole number or does not fit into 64 bits."""
    text = pl.col(name)
    return pl.when(text.str.contains(WHOLE_NUMBER)).then(
        text.str.replace(r"\.0+$", "").str.strip_prefix("+").cast(pl.Int64, strict=False)
    )


def _photo_path(template: str | None) -> pl.Expr:
    """The row's own path, else the template's; null if there is neither."""
    if template is None:
        return pl.col("image_path")
    first, *others = template.split("{id}")
    from_template = pl.concat_str(pl.lit(first), *(part for text in others for part in (pl.col("id"), pl.lit(text))))
    return pl.coalesce("image_path", from_template).alias("image_path")


def _id_reason() -> pl.Expr:
    text, value = pl.col("product_id"), pl.col("id")
    return (
        pl.when(text.is_null())
        .then(pl.lit("the product id is missing"))
        .when(value < 0)
        .then(pl.format("product id {} is negative", _shown("product_id")))
        .when(value.is_null() & text.str.contains(WHOLE_NUMBER))
        .then(pl.format(f"product id {{}} does not fit into 64 bits (largest: {LARGEST_ID})", _shown("product_id")))
        .when(value.is_null())
        .then(pl.format("product id {} is not a whole number", _shown("product_id")))
    )


def _price_reason() -> pl.Expr:
    text, value = pl.col("price"), pl.col("amount")
    return (
        pl.when(text.is_not_null() & (value.is_null() | value.is_nan()))
        .then(pl.format("price {} is not a number", _shown("price")))
        .when(value.is_infinite())
        .then(pl.format("price {} is infinite", _shown("price")))
        .when(value < 0)
        .then(pl.format("price {} is negative", _shown("price")))
    )


def _photo_path_reason() -> pl.Expr:
    path = pl.col("image_path")
    return (
        pl.when(path.str.contains(r"^/|^[A-Za-z]:"))
        .then(pl.format("photo path {} is absolute; it must lie below the photos folder", _shown("image_path")))
        .when(path.str.contains(r"(^|/)\.\.(/|$)"))
        .then(pl.format("photo path {} leaves the photos folder", _shown("image_path")))
        .when(path.str.contains(r"[\\\x00]"))
        .then(pl.format("photo path {} holds a backslash or a NUL byte; use '/'", _shown("image_path")))
    )


def _shown(name: str) -> pl.Expr:
    text = pl.col(name)
    is_long = text.str.len_chars() > LONGEST_VALUE
    return pl.format("'{}'", pl.when(is_long).then(text.str.head(LONGEST_VALUE) + "...").otherwise(text))
