"""Shopify's product export: a row a variant, and continuation rows that hold only a variant or one more photo."""

import re
from collections.abc import Iterator, Sequence

import polars as pl

from fashion_assets.catalog.shapes.options import COLOR as COLOR_OPTION
from fashion_assets.catalog.shapes.options import NO_OPTION, is_hidden, meaning_of
from fashion_assets.catalog.shapes.records import (
    COLOR,
    GROUP,
    HIDDEN,
    LINE,
    OFFER,
    OPTION_SEPARATOR,
    PHOTO,
    PHOTOS,
    PROBLEM,
    RAW,
    ROLE,
    VISIBLE,
    joined,
)
from fashion_assets.shop.folding import fold

HANDLE = "Handle"
_OF_A_ROW = re.compile(
    r"(variant|image|price|compare.at price|included /|cost per item|option\d value|barcode|sku|inventory|weight)", re.I
)
"""Columns whose value belongs to its row; the others stand in a product's first row only."""

_MADE_OF = {LINE, RAW, PROBLEM, HANDLE}


def shopify_records(
    parts: Iterator[pl.DataFrame], visible: Sequence[str] = (), hidden: Sequence[str] = ()
) -> Iterator[pl.DataFrame]:
    """Records with role, group, options and photos; every row has what its product's first row says.

    Rows of one product follow each other, so that a part's last product waits for the next part.
    """
    waiting: pl.DataFrame | None = None
    for part in parts:
        rows = part if waiting is None else pl.concat([waiting, part])
        last = rows[HANDLE].drop_nulls().last() if rows[HANDLE].count() else None
        starts = (rows[HANDLE] == last).arg_true() if last is not None else pl.Series(dtype=pl.UInt32)
        cut = int(starts[0]) if len(starts) else len(rows)
        waiting = rows[cut:]
        if cut:
            yield _completed(rows[:cut], visible, hidden)
    if waiting is not None and len(waiting):
        yield _completed(waiting, visible, hidden)


def _completed(rows: pl.DataFrame, visible: Sequence[str], hidden: Sequence[str]) -> pl.DataFrame:
    of_product = [name for name in rows.columns if name not in _MADE_OF and not _OF_A_ROW.match(name)]
    rows = rows.with_columns(pl.col(name).fill_null(pl.col(name).first().over(HANDLE)) for name in of_product)
    own = [name for name in ("Variant SKU", "Variant Price", "Option1 Value") if name in rows.columns]
    is_first = pl.col(HANDLE).is_first_distinct()
    is_offer = is_first | pl.any_horizontal(pl.col(name).is_not_null() for name in own)
    return rows.with_columns(
        pl.when(is_offer).then(pl.lit(OFFER)).otherwise(pl.lit(PHOTO)).alias(ROLE),
        pl.col(HANDLE).alias(GROUP),
        *_options(rows, visible, hidden),
        _photos(rows),
    )


def _options(rows: pl.DataFrame, visible: Sequence[str], hidden: Sequence[str]) -> list[pl.Expr]:
    """The values of visible and of hidden options, and the colour. An option's name may differ by product."""
    shown, unseen, colors = [], [], []
    for number in (1, 2, 3):
        name, value = f"Option{number} Name", f"Option{number} Value"
        if name not in rows.columns or value not in rows.columns:
            continue
        names = rows[name].drop_nulls().unique().to_list()
        none = [option for option in names if fold(option).strip() in NO_OPTION]
        unseen_names = [option for option in names if is_hidden(option, visible, hidden)]
        color_names = [option for option in names if meaning_of(option) == COLOR_OPTION]
        text = pl.when(~pl.col(name).is_in(none)).then(pl.col(value).str.strip_chars())
        shown.append(pl.when(~pl.col(name).is_in(unseen_names)).then(text))
        unseen.append(pl.when(pl.col(name).is_in(unseen_names)).then(text))
        colors.append(pl.when(pl.col(name).is_in(color_names)).then(text))
    nothing = pl.lit(None, pl.String)
    return [
        (joined(shown, OPTION_SEPARATOR) if shown else nothing).alias(VISIBLE),
        (joined(unseen, OPTION_SEPARATOR) if unseen else nothing).alias(HIDDEN),
        (pl.coalesce(colors) if colors else nothing).alias(COLOR),
    ]


def _photos(rows: pl.DataFrame) -> pl.Expr:
    """The variant's own photo, then all of the product in the order of their positions."""
    if "Image Src" not in rows.columns:
        return pl.lit([], pl.List(pl.String)).alias(PHOTOS)
    place = pl.col("Image Position").cast(pl.Int32, strict=False) if "Image Position" in rows.columns else pl.lit(0)
    of_product = (
        pl.col("Image Src").sort_by(place, nulls_last=True, maintain_order=True).drop_nulls().implode().over(HANDLE)
    )
    if "Variant Image" not in rows.columns:
        return of_product.list.unique(maintain_order=True).alias(PHOTOS)
    own = pl.concat_list(pl.col("Variant Image")).list.drop_nulls()
    return own.list.concat(of_product).list.unique(maintain_order=True).alias(PHOTOS)
