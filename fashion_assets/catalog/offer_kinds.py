"""What offers are, in our words where the shop's are known: category, subcategory, article type, and gender."""

from collections.abc import Callable

import polars as pl

from fashion_assets.catalog.shapes.fields import PATH_SEPARATOR
from fashion_assets.shop.kinds import Kind, map_gender

LEVELS = ("master_category", "sub_category", "article_type")

KindOf = Callable[[str, str | None], Kind | None]
"""From category words and a name to a kind."""


_KIND = pl.Schema({"master": pl.String, "sub": pl.String, "article": pl.String})


def with_kinds(rows: pl.DataFrame, kind_of: KindOf, has_levels: bool) -> pl.DataFrame:
    """The three category columns in our words where the shop's are known; `category` has the shop's own words."""
    leaf = rows["category"].str.split(PATH_SEPARATOR).list.last().str.strip_chars()
    own = rows.hstack(_kinds(rows, kind_of)).with_columns(leaf.alias("leaf"))
    rows = own.with_columns(
        master_category=pl.coalesce("master", "master_category"),
        sub_category=pl.coalesce("sub", "sub_category"),
        article_type=pl.coalesce("article", "article_type", *([] if has_levels else ["leaf"])),
        is_category_unmapped=pl.col("category").is_not_null() & pl.col("master").is_null(),
        gender=_genders(rows),
    )
    is_ours = pl.lit(has_levels) & pl.all_horizontal(pl.col(name).eq_missing(own[name]) for name in LEVELS)
    return rows.with_columns(own_category="category", category=pl.when(~is_ours).then("category"))


def _kinds(rows: pl.DataFrame, kind_of: KindOf) -> pl.DataFrame:
    """The kind of each row (_KIND): by its category, and by its name as well where that alone gives no article type."""
    words = rows.select("category", name="product_display_name")
    by_category = _answers(words.select("category").unique().drop_nulls(), lambda category: kind_of(category, None))
    kinds = words.join(by_category, on="category", how="left", maintain_order="left")
    vague = kinds.filter(pl.col("article").is_null()).select("category", "name").unique()
    if vague.is_empty():
        return kinds.select(_KIND.names())
    by_name = _answers(vague, lambda category, name: kind_of(category or "", name) if category or name else None)
    named = words.join(by_name, on=["category", "name"], how="left", nulls_equal=True, maintain_order="left")
    is_vague = kinds["article"].is_null()
    return kinds.select(pl.when(is_vague).then(named[name]).otherwise(name).alias(name) for name in _KIND)


def _answers(words: pl.DataFrame, kind: Callable[..., Kind | None]) -> pl.DataFrame:
    """`words` with the kind (_KIND) that the values of each row mean."""
    answers = [kind(*row) for row in words.iter_rows()]
    levels = [(a.master_category, a.sub_category, a.article_type) if a else (None, None, None) for a in answers]
    return words.hstack(pl.DataFrame(levels, schema=_KIND, orient="row"))


def _genders(rows: pl.DataFrame) -> pl.Series:
    """In our words where the shop's are known, from its column or its category words; else the shop's own."""
    columns = rows.select("gender", "category", "age_group")
    distinct = columns.unique()
    words = [
        map_gender(gender, category=category, age_group=age) or gender for gender, category, age in distinct.iter_rows()
    ]
    by_columns = distinct.with_columns(pl.Series("mapped", words, dtype=pl.String))
    on = ["gender", "category", "age_group"]
    return columns.join(by_columns, on=on, how="left", nulls_equal=True, maintain_order="left")["mapped"].alias(
        "gender"
    )
