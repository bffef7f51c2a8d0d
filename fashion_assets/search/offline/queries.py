"""The query set: what a shopper would type to find a product, in the catalog's own words.

A query is "navy blue striped shirts men casual": colour, one visual attribute, article, gender and usage of a product
that was drawn at random. The attribute comes from a label, or else from a word of the product's name, never from a
model, and so does relevance (`relevance.py`): rich descriptions are written from extracted attributes, and queries made
from those would let the enriched search grade its own work. A wrong extraction thus counts against the enriched search.
Queries and descriptions do share the taxonomy's vocabulary, as shoppers and shops share theirs, and the catalog's
article, gender and usage, of which a baseline description has only some.

If a catalog has no labels, attributes come from names alone. The baseline description contains the name, so the
comparison then favours the baseline, and a product whose name does not mention an attribute counts as not having it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.quality.labels.random_audit import audit_order
from fashion_assets.quality.rules.name_words import is_in_name, name_words
from fashion_assets.search.offline.relevance import relevance
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import NameWord, Taxonomy

QUERIES = 200

_QUALIFIER = r" (fabric|color|print)$"
"""Nobody types "solid color shirts"."""

_DEMANDED = {"article_type": "category", "base_color": "colour"}
"""What every query asks for, and what people call it."""

ASKED_ABOUT = ("product_id", "product_display_name", "article_type", "base_color", "gender", "usage")
"""The columns of INGESTED_PRODUCTS that queries and relevance are made of."""


@dataclass(frozen=True)
class QuerySet:
    """`queries` are rows of `sample_queries`, `relevance` those of `relevance.relevance` for them.

    `why_none` is what the catalog lacks if there is no query, as "no colour".
    """

    queries: pl.DataFrame
    relevance: pl.DataFrame
    why_none: str | None = None


def make_query_set(
    products: pl.DataFrame, labels: pl.DataFrame, count: int = QUERIES, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> QuerySet:
    """Up to `count` queries for `products` (columns ASKED_ABOUT), and the products that are relevant to them.

    `labels` are in the format of `read_labels`, about all, some or none of the products.
    """
    attributes = known_attributes(products, labels, taxonomy)
    queries = sample_queries(products, attributes, count)
    why_none = None if len(queries) else lacking_for_queries(products)
    return QuerySet(queries, relevance(queries, products, attributes), why_none)


def lacking_for_queries(products: pl.DataFrame) -> str:
    """What `products` (columns ASKED_ABOUT) lack if no query can be made from them."""
    if products.is_empty():
        return "no products"
    lacking = [f"no {word}" for column, word in _DEMANDED.items() if products[column].null_count() == len(products)]
    return " and ".join(lacking) or "no product has both a category and a colour"


def known_attributes(
    products: pl.DataFrame, labels: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> pl.DataFrame:
    """The attributes of `products` that are known without a model: `product_id`, `attribute`, `value`, each pair once.

    Labels take precedence over names; a word of a name counts only if it admits a single value ("printed" admits five).
    Values that no description mentions are not searched for either: "unknown", "no collar", "regular".
    """
    words = name_words(taxonomy)
    unmentioned = [
        value.name for column in words for value in taxonomy.by_column[column].vocabulary if not value.description
    ]
    labelled = [name for name in words if name in labels.columns]
    of_name = products.select(
        "product_id", *(_named_value(of_column).alias(column) for column, of_column in words.items())
    )
    joined = of_name.join(labels.select("product_id", *labelled), on="product_id", how="left", suffix="_label")
    best = [pl.coalesce(f"{name}_label", name).alias(name) for name in labelled]
    return (
        joined.with_columns(best)
        .unpivot(list(words), index="product_id", variable_name="attribute", value_name="value")
        .filter(pl.col("value").is_not_null() & ~pl.col("value").is_in(unmentioned))
        .sort("product_id", "attribute")
    )


def sample_queries(products: pl.DataFrame, attributes: pl.DataFrame, count: int = QUERIES) -> pl.DataFrame:
    """At most `count` queries with different texts, about products with a colour and an article type.

    Columns `query` (0, 1, ...), `text`, the `product_id` that it was made from, and what it demands: `article_type`,
    `base_color`, `gender`, `usage`, `attribute` and its `value`, null where it demands nothing. Products are drawn in
    the order of a hash of their ids, so that the set hardly changes as the catalog grows.
    """
    drawn = audit_order(products["product_id"]).to_frame().with_row_index("place")
    number, count_of_product = pl.int_range(pl.len()).over("product_id"), pl.len().over("product_id")
    is_chosen = number == pl.col("place") % count_of_product
    one_each = attributes.join(drawn, on="product_id", maintain_order="left").filter(is_chosen)
    demands = ("article_type", "base_color", "gender", "usage", "attribute", "value")
    words = ("base_color", pl.col("value").str.replace(_QUALIFIER, ""), "article_type", "gender", "usage")
    return (
        drawn.join(products, on="product_id")
        .join(one_each.drop("place"), on="product_id", how="left")
        .filter(pl.col("article_type").is_not_null() & pl.col("base_color").is_not_null())
        .sort("place")
        .with_columns(text=pl.concat_str(words, separator=" ", ignore_nulls=True).str.to_lowercase())
        .unique("text", keep="first", maintain_order=True)
        .head(count)
        .with_row_index("query")
        .select(pl.col("query").cast(pl.Int64), "text", "product_id", *demands)
    )


def _named_value(words: Sequence[NameWord]) -> pl.Expr:
    telling = [word for word in words if len(word.values) == 1]
    return pl.coalesce(pl.when(is_in_name(word)).then(pl.lit(word.values[0])) for word in telling)
