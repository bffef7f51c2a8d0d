"""Which offers are products: the rules, and the reason for each row that breaks one.

A row is quarantined only if it is unusable. A missing or unreadable name, price, season, usage or year becomes null.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.ids import as_shop_ids, derived_id
from fashion_assets.catalog.judged import CATEGORY, EXCLUDED, HEADING, JUDGED, QUARANTINED, YEAR, listed, shown
from fashion_assets.catalog.offer_kinds import LEVELS, KindOf, with_kinds
from fashion_assets.catalog.shapes.records import OFFER, OPTION_SEPARATOR
from fashion_assets.catalog.values.lists import lists_as_paths, split_sizes
from fashion_assets.catalog.values.missing import missing_to_null
from fashion_assets.catalog.values.paths import photo_paths
from fashion_assets.catalog.values.prices import read_prices
from fashion_assets.catalog.values.texts import clean_texts
from fashion_assets.catalog.values.words import read_availability, read_years

_FEW = 4
"""A column has few distinct texts if each occurs more often than that on average."""

_PROSE = ("brand", "description", "further_text")
_WORDS = ("category", "visible", "hidden", *LEVELS, "base_color", "gender", "age_group", "season", "usage", "stock")
_VALUES = (*_WORDS, "brand", "year", "price", "sale_price", "list_price")


@dataclass(frozen=True)
class Judging:
    """What the rules need to know about the source as a whole.

    `has_ids` is whether it has a column of ids, `has_groups` whether variants of a group that look the same are one
    product. `kind_of` maps category words and a name to a kind; `has_levels` is whether the source has any of our three
    category columns.
    """

    has_ids: bool = True
    has_groups: bool = False
    has_levels: bool = True
    kind_of: KindOf = lambda category, name: None


def judge_offers(offers: pl.DataFrame, judging: Judging) -> pl.DataFrame:
    """OFFERS as JUDGED, with the kind and reason of the first rule that each row breaks by itself.

    Kind and reason of a good row are null; so are both of rows that are no offer.
    """
    rows = _as_text(offers)
    rows = _with_photos(rows)
    rows = _with_ids(rows, judging)
    rows = with_kinds(rows, judging.kind_of, judging.has_levels)
    years, is_grouped = read_years(rows["year"]), _is_grouped(judging)
    rows = rows.with_columns(
        option=pl.when(is_grouped).then("visible"),
        sizes=split_sizes(rows["hidden"]),
        in_stock=_in_stock(rows["stock"]),
        unreadable=listed(
            pl.when(pl.col("year").is_not_null() & years.is_null()).then(pl.format(YEAR + ": {}", shown("year"))),
            pl.when("is_category_unmapped").then(pl.format(CATEGORY + ": {}", shown("own_category"))),
        ),
        year=years,
        is_negative=read_prices(rows["price"], ".")["is_negative"]
        | read_prices(rows["sale_price"], ".")["is_negative"],
    )
    is_offer = pl.col("role") == OFFER
    reasons = {
        "malformed_row": pl.col("problem"),
        EXCLUDED: pl.col("excluded"),
        HEADING: _heading_reason(judging),
        "product_id": pl.when(pl.col("shop_id").is_null()).then(pl.lit("the product id is missing")),
        "price": pl.when("is_negative").then(pl.format("price {} is negative", shown("price"))),
        "photo_path": pl.col("photo_reason"),
    }
    rows = rows.with_columns(
        pl.when(is_offer).then(pl.coalesce(reasons.values())).alias("reason"),
        pl.when(is_offer)
        .then(pl.coalesce(pl.when(reason.is_not_null()).then(pl.lit(kind)) for kind, reason in reasons.items()))
        .alias("kind"),
    )
    return rows.select(pl.col(name).cast(dtype) for name, dtype in JUDGED.items())


def good_rows(judged: pl.DataFrame) -> pl.DataFrame:
    """The line_number, sku and shop_id of the offers that break no rule by themselves."""
    return judged.filter(pl.col("reason").is_null() & (pl.col("role") == OFFER)).select("line_number", "sku", "shop_id")


def repeated_skus(good: pl.DataFrame) -> pl.DataFrame:
    """Of the whole source's `good_rows`, those whose sku an earlier line already has, with that `first_line`."""
    repeated = good.filter(~pl.col("sku").is_first_distinct())
    lines = good.join(repeated, on="sku", how="semi").group_by("sku").agg(first_line=pl.min("line_number"))
    return repeated.join(lines, on="sku", maintain_order="left")


def split_rows(judged: pl.DataFrame, repeated: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The offers that are accepted (JUDGED), and the rows that are not (QUARANTINED), `repeated_skus` among them."""
    rows = judged.join(
        repeated.select("line_number", "first_line"), on="line_number", how="left", maintain_order="left"
    )
    is_repeated = pl.col("first_line").is_not_null()
    rows = rows.with_columns(
        pl.when(is_repeated)
        .then(pl.format("product id {} is already taken by line {}", "sku", "first_line"))
        .otherwise("reason")
        .alias("reason"),
        pl.when(is_repeated).then(pl.lit("duplicate_id")).otherwise("kind").alias("kind"),
    )
    accepted = rows.filter(pl.col("reason").is_null() & (pl.col("role") == OFFER))
    return accepted.select(*JUDGED), rows.filter(pl.col("reason").is_not_null()).select(*QUARANTINED)


def _as_text(offers: pl.DataFrame) -> pl.DataFrame:
    """The offers with missing values as nulls, and without what only computers need in texts."""
    rows = offers.with_columns(
        missing_to_null(["sku", "group_id"], kind="id").name.keep(),
        missing_to_null(["product_display_name"], kind="name"),
        *(_distinctly(offers[name], _without_missing) for name in _VALUES),
    )
    rows = rows.with_columns(lists_as_paths(rows["category"]))
    return rows.with_columns(
        as_shop_ids(pl.col("sku")),
        pl.col("group_id").str.strip_chars(),
        *(_distinctly(rows[name], clean_texts) for name in ("product_display_name", *_PROSE, *_WORDS)),
        pl.col("year").str.strip_chars(),
    )


def _without_missing(texts: pl.Series) -> pl.Series:
    return texts.to_frame().select(missing_to_null(texts.name)).to_series()


def _distinctly(texts: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """What `read` makes of the texts; each distinct one is read once where there are few."""
    distinct = texts.unique().drop_nulls()
    if distinct.is_empty():
        return texts
    if len(distinct) * _FEW > len(texts):
        return read(texts)
    return texts.replace_strict(distinct, read(distinct), default=None, return_dtype=pl.String)


def _with_photos(rows: pl.DataFrame) -> pl.DataFrame:
    """`image_path` is the main photo, `photos` all of them; `photo_reason` is why the main one cannot be used."""
    listed = rows.select("line_number", "photos").explode("photos").drop_nulls("photos")
    read = listed.select("line_number").hstack(photo_paths(listed["photos"]))
    by_row = read.group_by("line_number", maintain_order=True).agg(
        named=pl.col("path").drop_nulls().unique(maintain_order=True), named_reason=pl.col("reason").first()
    )
    rows = rows.join(by_row, on="line_number", how="left", maintain_order="left")
    is_named = pl.col("named").is_not_null()
    from_template = pl.concat_list("template_path").list.drop_nulls()
    rows = rows.with_columns(
        photos=pl.when(is_named).then("named").otherwise(from_template),
        photo_reason=pl.when(is_named).then("named_reason").otherwise("template_reason"),
    )
    return rows.with_columns(image_path=pl.col("photos").list.first())


def _with_ids(rows: pl.DataFrame, judging: Judging) -> pl.DataFrame:
    """`shop_id` names the product, `sku` the offer."""
    if not judging.has_ids:
        ids = [derived_id(name, photo) for name, photo in rows.select("product_display_name", "image_path").iter_rows()]
        rows = rows.with_columns(pl.Series("sku", ids, dtype=pl.String))
    of_group = pl.concat_str(["group_id", "visible"], separator="/", ignore_nulls=True)
    rows = rows.with_columns(shop_id=pl.when(_is_grouped(judging)).then(of_group).otherwise("sku"))
    unnamed = pl.concat_str(["shop_id", "hidden"], separator=OPTION_SEPARATOR.strip(), ignore_nulls=True)
    return rows.with_columns(sku=pl.coalesce("sku", pl.when(pl.col("shop_id").is_not_null()).then(unnamed)))


def _is_grouped(judging: Judging) -> pl.Expr:
    return pl.lit(judging.has_groups) & pl.col("group_id").is_not_null()


def _in_stock(stock: pl.Series) -> pl.Series:
    """Whether something can be had, by a count or in words; null where that is not stated."""
    states = read_availability(stock)
    return pl.select(pl.when(states.is_not_null()).then(states != "out_of_stock")).to_series()


def _heading_reason(judging: Judging) -> pl.Expr:
    """A row of a table without ids that only has a name stands above others as their heading."""
    if judging.has_ids:
        return pl.lit(None, pl.String)
    others = ("price", "category", "image_path", "brand", "description", "base_color")
    is_heading = pl.all_horizontal(pl.col(name).is_null() for name in others)
    return pl.when(is_heading).then(
        pl.format("{} is a heading: the row has nothing else", shown("product_display_name"))
    )
