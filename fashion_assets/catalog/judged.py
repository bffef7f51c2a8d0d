"""What judging says about a row: the schema, the kinds of rows that are no losses, and how values are shown."""

import polars as pl

from fashion_assets.catalog.tables import SOURCE_COLUMNS

LONGEST_VALUE = 80
"""Characters of an offending value that a reason shows; the raw line has the whole value."""

EXCLUDED, HEADING = "excluded", "heading"
"""The kinds of rows that are no losses: what the shop itself leaves out, as drafts, and headings between products."""

LEFT_OUT = (EXCLUDED, HEADING)

YEAR, PRICE, CATEGORY = "unreadable years", "unreadable prices", "category words without a kind"
"""What may be unreadable of an accepted product."""

QUARANTINED = pl.Schema({"line_number": pl.Int64, "kind": pl.String, "reason": pl.String, "raw_line": pl.String})

_TYPED = {column.name: column.dtype for column in SOURCE_COLUMNS if column.name not in ("product_id", "price")}

JUDGED = pl.Schema(
    {
        **QUARANTINED,
        "role": pl.String,
        "sku": pl.String,
        "shop_id": pl.String,
        "group_id": pl.String,
        "option": pl.String,
        "hidden": pl.String,
        **_TYPED,
        "price": pl.String,
        "sale_price": pl.String,
        "list_price": pl.String,
        "sizes": pl.List(pl.String),
        "category": pl.String,
        "brand": pl.String,
        "description": pl.String,
        "further_text": pl.String,
        "given": pl.String,
        "stock": pl.String,
        "in_stock": pl.Boolean,
        "photos": pl.List(pl.String),
        "unreadable": pl.List(pl.String),
    }
)
"""Prices are still text: how they are written is decided by the whole column."""


def listed(*texts: pl.Expr) -> pl.Expr:
    """The texts that are there, as a list; null if there are none."""
    items = pl.concat_list(*texts).list.drop_nulls()
    return pl.when(items.list.len() > 0).then(items)


def shown(name: str) -> pl.Expr:
    """The column's text in quotes, cut to LONGEST_VALUE characters."""
    text = pl.col(name)
    is_long = text.str.len_chars() > LONGEST_VALUE
    return pl.format("'{}'", pl.when(is_long).then(text.str.head(LONGEST_VALUE) + "...").otherwise(text))
