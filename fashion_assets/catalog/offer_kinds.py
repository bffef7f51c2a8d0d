"""What offers are, in our words where the shop's are known: category, subcategory, article type, and gender."""

from collections.abc import Callable

import polars as pl

from fashion_assets.catalog.shapes.fields import PATH_SEPARATOR
from fashion_assets.shop.kinds import Kind, map_gender

LEVELS = ("master_category", "sub_category", "article_type")

KindOf = Callable[[str, str | None], Kind | None]
"""From category words and a name to a kind."""


def with_kinds(rows: pl.DataFrame, kind_of: KindOf, has_levels: bool) -> pl.DataFrame:
    """The three category columns in our words where the shop's are known; `category` has the shop's own words."""
    found = _kinds(rows, kind_of)
    leaf = rows["category"].str.split(PATH_SEPARATOR).list.last().str.strip_chars()
    mapped = pl.DataFrame(
        {
            "master": [kind and kind.master_category for kind in found],
            "sub": [kind and kind.sub_category for kind in found],
            "article": [kind and kind.article_type for kind in found],
            "leaf": leaf,
        },
        schema={"master": pl.String, "sub": pl.String, "article": pl.String, "leaf": pl.String},
    )
    own = rows.hstack(mapped)
    rows = own.with_columns(
        master_category=pl.coalesce("master", "master_category"),
        sub_category=pl.coalesce("sub", "sub_category"),
        article_type=pl.coalesce("article", "article_type", *([] if has_levels else ["leaf"])),
        is_category_unmapped=pl.col("category").is_not_null() & pl.col("master").is_null(),
        gender=_genders(rows),
    )
    is_ours = pl.lit(has_levels) & pl.all_horizontal(pl.col(name).eq_missing(own[name]) for name in LEVELS)
    return rows.with_columns(own_category="category", category=pl.when(~is_ours).then("category"))


def _kinds(rows: pl.DataFrame, kind_of: KindOf) -> list[Kind | None]:
    """The kind of each row: by its category, and by its name as well where that alone does not give an article type."""
    by_category = {category: kind_of(category, None) for category in rows["category"].unique() if category}
    by_name: dict[tuple[str | None, str | None], Kind | None] = {}
    found = []
    for key in rows.select("category", "product_display_name").iter_rows():
        kind = by_category.get(key[0])
        if kind is None or kind.article_type is None:
            if key not in by_name:
                by_name[key] = kind_of(key[0] or "", key[1]) if any(key) else None
            kind = by_name[key]
        found.append(kind)
    return found


def _genders(rows: pl.DataFrame) -> pl.Series:
    """In our words where the shop's are known, from its column or its category words; else the shop's own."""
    columns = rows.select("gender", "category", "age_group")
    words = {
        (gender, category, age): map_gender(gender, category=category, age_group=age)
        for gender, category, age in columns.unique().iter_rows()
    }
    return pl.Series("gender", [words[key] or key[0] for key in columns.iter_rows()], dtype=pl.String)
