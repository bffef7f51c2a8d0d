"""WooCommerce's product export: `variable` rows say what their `variation` rows have in common."""

from collections.abc import Iterator, Sequence

import polars as pl

from fashion_assets.catalog.shapes.options import COLOR as COLOR_OPTION
from fashion_assets.catalog.shapes.options import MATERIAL, PATTERN, is_hidden, meaning_of
from fashion_assets.catalog.shapes.records import (
    COLOR,
    GIVEN,
    GROUP,
    HIDDEN,
    OFFER,
    OPTION_SEPARATOR,
    PARENT,
    ROLE,
    VISIBLE,
    joined,
)

_OF_THE_PRODUCT = ("Name", "Published", "Short description", "Description", "Categories", "Tags", "Brands", "Images")
"""Columns that a variation takes from its product where it has nothing itself."""

_PARENTS_FIRST = ("Name",)
"""Columns that a variation always takes from its product: its own name repeats its options."""

_KEY = "__parent"


def woocommerce_records(
    ahead: Iterator[pl.DataFrame],
    parts: Iterator[pl.DataFrame],
    visible: Sequence[str] = (),
    hidden: Sequence[str] = (),
) -> Iterator[pl.DataFrame]:
    """Records with role, group and options, from `parts`; `ahead` are the same records, read once before.

    A product may stand after its variations, so that all `variable` rows are collected first.
    """
    collected, used = [pl.DataFrame()], set()
    for part in ahead:
        collected.append(_parents(part))
        used |= _with_variations(part)
    parents = pl.concat(collected, how="diagonal")
    for part in parts:
        yield _completed(part, parents, used, visible, hidden)


def _type(rows: pl.DataFrame) -> pl.Expr:
    kind = pl.col("Type") if "Type" in rows.columns else pl.lit("simple")
    return kind.str.to_lowercase().str.strip_chars()


def _keys(rows: pl.DataFrame) -> list[pl.Expr]:
    """How variations name their product: by SKU, or as `id:101`."""
    by_id = pl.format("id:{}", pl.col("ID")) if "ID" in rows.columns else pl.lit(None, pl.String)
    return [pl.col("SKU") if "SKU" in rows.columns else pl.lit(None, pl.String), by_id]


def _parents(rows: pl.DataFrame) -> pl.DataFrame:
    """The `variable` rows, once under each name that variations may use; `__group` is the shop's own name for it."""
    variable = rows.filter(_type(rows).str.contains("variable"))
    sku, by_id = _keys(variable)
    named = variable.select(
        pl.coalesce(sku, by_id.str.strip_prefix("id:")).alias(GROUP),
        *(name for name in _OF_THE_PRODUCT if name in rows.columns),
        sku=sku,
        by_id=by_id,
    )
    return (
        pl.concat([named.with_columns(pl.col(key).alias(_KEY)) for key in ("sku", "by_id")])
        .drop("sku", "by_id")
        .drop_nulls(_KEY)
    )


def _with_variations(rows: pl.DataFrame) -> set[str]:
    """The names of products that have a variation among the rows."""
    if "Parent" not in rows.columns:
        return set()
    return set(rows.filter(_type(rows) == "variation")["Parent"].drop_nulls())


def _completed(
    rows: pl.DataFrame, parents: pl.DataFrame, used: set[str], visible: Sequence[str], hidden: Sequence[str]
) -> pl.DataFrame:
    sku, by_id = _keys(rows)
    has_variations = _type(rows).str.contains("variable") & (sku.is_in(list(used)) | by_id.is_in(list(used)))
    rows = rows.with_columns(
        pl.when(has_variations.fill_null(False)).then(pl.lit(PARENT)).otherwise(pl.lit(OFFER)).alias(ROLE),
        (pl.col("Parent") if "Parent" in rows.columns else pl.lit(None, pl.String)).alias(_KEY),
    )
    if parents.is_empty():
        rows = rows.with_columns(pl.lit(None, pl.String).alias(GROUP))
    else:
        rows = _with_parents(rows, parents)
    return rows.with_columns(_options(rows, visible, hidden)).drop(_KEY)


def _with_parents(rows: pl.DataFrame, parents: pl.DataFrame) -> pl.DataFrame:
    known = parents.unique(_KEY, keep="first")
    rows = rows.join(known, on=_KEY, how="left", suffix=" of parent", maintain_order="left")
    shared = [name for name in _OF_THE_PRODUCT if f"{name} of parent" in rows.columns]
    completed = []
    for name in shared:
        own, parents_own = pl.col(name), pl.col(f"{name} of parent")
        if name == "Images":
            completed.append(joined([own, parents_own], ", ").alias(name))
        elif name == "Published":  # a variation of an unpublished product is not on sale
            completed.append(pl.when(parents_own.is_in(["0", "-1"])).then(parents_own).otherwise(own).alias(name))
        else:
            order = (parents_own, own) if name in _PARENTS_FIRST else (own, parents_own)
            completed.append(pl.coalesce(order).alias(name))
    return rows.with_columns(completed).drop(f"{name} of parent" for name in shared)


def _options(rows: pl.DataFrame, visible: Sequence[str], hidden: Sequence[str]) -> list[pl.Series]:
    """The values of visible and of hidden options, the colour, and the attributes that a row states."""
    numbers = [
        number
        for number in range(1, 20)
        if f"Attribute {number} name" in rows.columns and f"Attribute {number} value(s)" in rows.columns
    ]
    columns: dict[str, list[str | None]] = {VISIBLE: [], HIDDEN: [], COLOR: [], MATERIAL: [], PATTERN: []}
    pairs = [f"Attribute {number} {what}" for number in numbers for what in ("name", "value(s)")]
    for cells in rows.select(pairs).iter_rows() if pairs else [()] * len(rows):
        options = [(name, value) for name, value in zip(cells[::2], cells[1::2], strict=True) if name and value]
        stated = {meaning_of(name): value for name, value in reversed(options)}
        shown = [value for name, value in options if not is_hidden(name, visible, hidden)]
        unseen = [value for name, value in options if is_hidden(name, visible, hidden)]
        columns[VISIBLE].append(OPTION_SEPARATOR.join(shown) or None)
        columns[HIDDEN].append(OPTION_SEPARATOR.join(unseen) or None)
        columns[COLOR].append(stated.get(COLOR_OPTION))
        columns[MATERIAL].append(stated.get(MATERIAL))
        columns[PATTERN].append(stated.get(PATTERN))
    given = pl.DataFrame(
        {name: columns.pop(name) for name in (MATERIAL, PATTERN)},
        schema_overrides={MATERIAL: pl.String, PATTERN: pl.String},
    )
    return [
        *(pl.Series(name, values, dtype=pl.String) for name, values in columns.items()),
        given.to_struct(GIVEN),
    ]
