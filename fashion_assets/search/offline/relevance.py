"""Which products answer a query, and how well: graded by metadata and known attributes, never by an index."""

import polars as pl

RELEVANT = 2
"""From this grade on a product is relevant, for metrics that only distinguish relevant or not."""

UNISEX = "Unisex"


def relevance(queries: pl.DataFrame, products: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    """`query`, `product_id` and `grade` of every product with a grade above 0.

    A product of another article type than the query has grade 0. Of that article type, a product is graded

    - 3 with everything that the query says,
    - 2 when it looks right (colour and attribute), but is for another gender or use,
    - 1 when either colour or attribute is right.

    Demands that a query does not make always hold, and a unisex product suits every gender. `attributes` are rows of
    `queries.known_attributes`; an attribute that is missing there does not hold.
    """
    has_attribute = queries.select("query", "attribute", "value").join(
        attributes.rename({"product_id": "product_id_of_product"}), on=["attribute", "value"]
    )
    metadata = products.select("product_id", "article_type", "base_color", "gender", "usage")
    is_colour, is_attribute = (
        _holds("base_color"),
        pl.col("attribute").is_null() | pl.col("has_attribute").is_not_null(),
    )
    is_for = (_holds("gender") | (pl.col("gender_of_product") == UNISEX).fill_null(False)) & _holds("usage")
    is_look = is_colour & is_attribute
    return (
        queries.join(
            metadata.rename(lambda name: f"{name}_of_product"),
            left_on="article_type",
            right_on="article_type_of_product",
        )
        .join(
            has_attribute.select("query", "product_id_of_product", has_attribute=pl.lit(True)),
            on=["query", "product_id_of_product"],
            how="left",
        )
        .select(
            "query",
            product_id="product_id_of_product",
            grade=pl.when(is_look & is_for)
            .then(3)
            .when(is_look)
            .then(2)
            .when(is_colour | is_attribute)
            .then(1)
            .otherwise(0),
        )
        .filter(pl.col("grade") > 0)
        .sort("query", "product_id")
    )


def _holds(demand: str) -> pl.Expr:
    return pl.col(demand).is_null() | (pl.col(demand) == pl.col(f"{demand}_of_product")).fill_null(False)
