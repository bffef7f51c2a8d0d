"""Offers: every record of a source in our columns, as text; what a row means, but not yet whether it is good.

An offer is what is sold: one size of one colour, where a shop has these. Values are read in `validation.py`.
"""

from collections.abc import Iterator, Sequence

import polars as pl

from fashion_assets.catalog.ids import as_shop_ids
from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.catalog.shapes.fields import PATH_SEPARATOR, Columns, Fields
from fashion_assets.catalog.shapes.records import (
    COLOR,
    GIVEN,
    GROUP,
    HIDDEN,
    LINE,
    OFFER,
    OPTION_SEPARATOR,
    PHOTOS,
    PROBLEM,
    RAW,
    ROLE,
    VISIBLE,
    Repairs,
    joined,
    records,
)
from fashion_assets.catalog.shapes.shopify import shopify_records
from fashion_assets.catalog.shapes.woocommerce import woocommerce_records
from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.catalog.values.lists import split_photos
from fashion_assets.catalog.values.photo_templates import render_photo_paths
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.folding import fold

OFFERS = pl.Schema(
    {
        "line_number": pl.Int64,
        "raw_line": pl.String,
        "problem": pl.String,
        "excluded": pl.String,
        "role": pl.String,
        "sku": pl.String,
        "group_id": pl.String,
        "visible": pl.String,
        "hidden": pl.String,
        **{name: pl.String for name in SOURCE_COLUMN_NAMES if name not in ("product_id", "image_path")},
        "category": pl.String,
        "sale_price": pl.String,
        "list_price": pl.String,
        "age_group": pl.String,
        "brand": pl.String,
        "description": pl.String,
        "further_text": pl.String,
        "stock": pl.String,
        "given": pl.String,
        "photos": pl.List(pl.String),
        "template_path": pl.String,
        "template_reason": pl.String,
    }
)
"""`problem` is why a row could not be split into fields, `excluded` the shop's own reason to leave it out, `role` one
of OFFER, PARENT and PHOTO. `sku` is the row's own id, `group_id` the product whose variant it is, `visible` and
`hidden` the values of its options. `given` are the attributes that the shop states, as a JSON object. `photos` are
paths and addresses, the main one first; `template_path` is the one that the template gives, or `template_reason` why it
gives none."""

VOUCHERS = (
    r"(^|> *)(e-?)?(gift ?(cards?|certificates?|vouchers?)|vouchers?|(geschenk)?gutscheine?|geschenkkarten?)( *>|$)"
)
"""Levels of a category path that hold no products."""

_TEXT_COLUMNS = (
    *(name for name in SOURCE_COLUMN_NAMES if name not in ("product_id", "image_path", "base_color")),
    "sale_price",
    "list_price",
    "age_group",
    "brand",
    "stock",
)


def offers(table: SourceTable, fields: Fields, rules: CatalogRules, repairs: Repairs) -> Iterator[pl.DataFrame]:
    """The source's rows as OFFERS, a part at a time, in the order of the source; adds to `repairs`.

    `fields` name columns as the header spells them. Raises SourceError with the first part if the table cannot be read.
    """
    for part in _shaped(table, rules, repairs):
        yield _as_offers(part, fields, rules)


def _shaped(table: SourceTable, rules: CatalogRules, repairs: Repairs) -> Iterator[pl.DataFrame]:
    options = (rules.variants.visible, rules.variants.hidden)
    if rules.source.preset == "shopify":
        return shopify_records(records(table.parts(), repairs), *options)
    if rules.source.preset == "woocommerce":
        again = records(table.parts(), Repairs())
        return woocommerce_records(again, records(table.parts(), repairs), *options)
    return records(table.parts(), repairs)


def _as_offers(rows: pl.DataFrame, fields: Fields, rules: CatalogRules) -> pl.DataFrame:
    def first(names: Columns) -> pl.Expr:
        return pl.coalesce([pl.col(name) for name in names]) if names else pl.lit(None, pl.String)

    def added(name: str, otherwise: pl.Expr) -> pl.Expr:
        return pl.coalesce(pl.col(name), otherwise) if name in rows.columns else otherwise

    def of_options(names: Columns) -> pl.Expr:
        return joined([pl.col(name).str.strip_chars() for name in names], OPTION_SEPARATOR) if names else first(())

    further = [name for ours in ("tags",) for name in fields.columns.get(ours, ())]
    further += [name for names in fields.text.values() for name in names]
    expressions = {
        "line_number": pl.col(LINE),
        "raw_line": pl.col(RAW),
        "problem": pl.col(PROBLEM),
        "excluded": _excluded(fields),
        "role": pl.col(ROLE) if ROLE in rows.columns else pl.lit(OFFER),
        "sku": first(fields.product_id),
        "group_id": added(GROUP, first((fields.group,) if fields.group else ())),
        "visible": pl.col(VISIBLE) if VISIBLE in rows.columns else of_options(fields.visible),
        "hidden": added(HIDDEN, of_options(fields.hidden) if fields.hidden else first(fields.columns.get("size", ()))),
        "base_color": added(COLOR, first(fields.columns.get("base_color", ()))),
        "category": _category(fields),
        "description": joined([pl.col(name) for name in fields.columns.get("description", ())], "\n")
        if fields.columns.get("description")
        else first(()),
        "further_text": joined([pl.col(name) for name in further], "\n") if further else first(()),
        "given": _given(rows, fields),
        **{name: first(fields.columns.get(name, ())) for name in _TEXT_COLUMNS},
    }
    shaped = rows.select(*_from_template(rows, fields), photos=_photos(rows, fields, rules), **expressions)
    return shaped.select(pl.col(name).cast(dtype) for name, dtype in OFFERS.items())


def _excluded(fields: Fields) -> pl.Expr:
    """Why the shop leaves a row out: the column and its value; null for the others."""
    reasons = [
        pl.when(pl.col(name).str.strip_chars().str.to_lowercase().is_in([value.lower() for value in values])).then(
            pl.format("{} is '{}'", pl.lit(name), pl.col(name))
        )
        for name, values in fields.exclude.items()
    ]
    return pl.coalesce([*reasons, _voucher(fields)])


def _voucher(fields: Fields) -> pl.Expr:
    """The reason to leave out what has nothing to look at: gift cards, by their category words."""
    if not fields.category:  # in our own three columns a voucher is one of the kinds
        return pl.lit(None, pl.String)
    words = _category(fields)
    is_voucher = words.str.to_lowercase().str.contains(VOUCHERS)
    return pl.when(is_voucher).then(pl.format("the category is '{}'", words))


def _category(fields: Fields) -> pl.Expr:
    """The shop's own category words, from general to special; null where it has none."""
    paths = [joined([pl.col(name).str.strip_chars() for name in path], PATH_SEPARATOR) for path in fields.category]
    levels = [
        pl.col(name).str.strip_chars()
        for ours in ("master_category", "sub_category", "article_type")
        for name in fields.columns.get(ours, ())
    ]
    paths += [joined(levels, PATH_SEPARATOR)] if levels else []
    return pl.coalesce(paths) if paths else pl.lit(None, pl.String)


def _given(rows: pl.DataFrame, fields: Fields) -> pl.Expr:
    """The attributes that the shop states, as a JSON object with a null for each that a row does not state."""
    of_options = set(rows[GIVEN].struct.fields) if GIVEN in rows.columns else set()
    stated = []
    for name in sorted({*fields.given, *of_options}):
        sources = [pl.col(theirs) for theirs in fields.given.get(name, ())]
        if name in of_options:
            sources.append(pl.col(GIVEN).struct.field(name))
        stated.append(pl.coalesce(sources).alias(name))
    if not stated:
        return pl.lit(None, pl.String)
    return pl.when(pl.any_horizontal(value.is_not_null() for value in stated)).then(
        pl.struct(stated).struct.json_encode()
    )


def _photos(rows: pl.DataFrame, fields: Fields, rules: CatalogRules) -> pl.Series:
    """Paths and addresses of each row's photos as its columns name them, the main one first."""
    lists = [rows[PHOTOS]] if PHOTOS in rows.columns else []
    if not lists:
        lists = [split_photos(rows[name], rules.photos.separator) for name in fields.columns.get("image_path", ())]
    if len(lists) < 2:
        return lists[0] if lists else pl.Series([None] * len(rows), dtype=pl.List(pl.String))
    numbered = pl.DataFrame({str(place): column for place, column in enumerate(lists)})
    return numbered.select(pl.concat_list(pl.all().fill_null([])).list.drop_nulls()).to_series()


def _from_template(rows: pl.DataFrame, fields: Fields) -> list[pl.Series]:
    """The photo that the template gives each row, and why it gives none."""
    if fields.photo_path is None:
        return [pl.Series(name, [None] * len(rows), dtype=pl.String) for name in ("template_path", "template_reason")]
    ids = rows.select(id=as_shop_ids(pl.coalesce([pl.col(name) for name in fields.product_id])))["id"]
    columns = rows.with_columns(ids) if "id" not in rows.columns else rows
    places = render_photo_paths(fields.photo_path, columns)
    return [places["path"].alias("template_path"), places["reason"].alias("template_reason")]


def missing_columns(fields: Fields, header: Sequence[str]) -> list[str]:
    """The required columns that the header does not have, whatever their case."""
    present = {fold(name).strip() for name in header}
    return sorted(name for name in fields.required if fold(name).strip() not in present)
