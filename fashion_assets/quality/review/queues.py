"""The queue of products to review: those that break rules or failed extraction, worst first.

Order: products that failed or break an error rule before those that only break warn rules; then more findings before
fewer; then by the model's lowest probability of a disputed value; then by product id. A product leaves the queue when a
person has reviewed it, and comes back when its content changes.
"""

from datetime import datetime

import polars as pl

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.extraction.backends.zero_shot.labels import second_opinions
from fashion_assets.quality.review.tables import REVIEWED_PRODUCTS
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.hashing import with_row_hash
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import ROW_HASH


def worst_first(
    attributes: pl.DataFrame, broken: pl.DataFrame, reviewed: pl.DataFrame, profile: ShopProfile = SHIPPED
) -> pl.Series:
    """The ids of the products to review, in that order.

    `attributes` are rows of `product_extracted_attributes`, `broken` of `consistency_checks`, `reviewed` of
    `reviewed_products`.
    """
    failed = ~pl.col("extraction_success")
    disputed = attributes.filter(failed | pl.col("product_id").is_in(broken["product_id"].unique().to_list()))
    ranked = (
        disputed.join(_severity(broken), on="product_id", how="left")
        .join(_least_probability(disputed, broken, profile), on="product_id", how="left")
        .select(
            "product_id",
            is_severe=pl.col("is_severe").fill_null(False) | failed,
            findings=pl.col("findings").fill_null(0) + failed,
            probability=pl.when(failed).then(0.0).otherwise("probability"),
        )
        .join(fingerprints(disputed, broken, profile.taxonomy), on="product_id")
        .join(last_reviews(reviewed), on=["product_id", "fingerprint"], how="anti")
    )
    order = ["is_severe", "findings", "probability", "product_id"]
    return ranked.sort(order, descending=[True, True, False, False], nulls_last=True)["product_id"]


def fingerprints(attributes: pl.DataFrame, broken: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.DataFrame:
    """`product_id` and `fingerprint`: the hash of what a reviewer sees of each product."""
    findings = broken.group_by("product_id").agg(
        findings=pl.concat_str("rule", "expected", "found", separator="|", ignore_nulls=True).sort()
    )
    rows = attributes.join(findings, on="product_id", how="left")
    return with_row_hash(rows, _reviewed_columns(taxonomy)).select("product_id", fingerprint=ROW_HASH)


def last_reviews(reviewed: pl.DataFrame) -> pl.DataFrame:
    """The last review of each product, without withdrawn ones; columns as REVIEWED_PRODUCTS."""
    return reviewed.sort("at").unique("product_id", keep="last").drop_nulls("fingerprint")


def record_review(store: TableStore, product_id: int, fingerprint: str | None, author: str, now: datetime) -> None:
    """Record that the author has reviewed the product in its current state; without a fingerprint, withdraw that."""
    row = {"product_id": product_id, "fingerprint": fingerprint, "author": author, "at": now}
    store.append(REVIEWED_PRODUCTS, pl.DataFrame([row], schema=REVIEWED_PRODUCTS.row_schema))


def _reviewed_columns(taxonomy: Taxonomy) -> list[str]:
    """What a review binds to. Probabilities and the model's name are left out: a new model that gives the same answers
    about the same photo leaves nothing new to decide."""
    return [
        *(name for name in SOURCE_COLUMN_NAMES if name not in ("price", "image_path")),
        "photo_sha256",
        *(attribute.column for attribute in taxonomy),
        *(f"clip_{field.column}" for field in second_opinions(taxonomy)),
        "extraction_success",
        "extraction_errors",
        "findings",
    ]


def _severity(broken: pl.DataFrame) -> pl.DataFrame:
    return broken.group_by("product_id").agg(
        is_severe=(pl.col("severity") == "error").any(), findings=pl.len().cast(pl.Int64)
    )


def _least_probability(attributes: pl.DataFrame, broken: pl.DataFrame, profile: ShopProfile) -> pl.DataFrame:
    """The model's lowest probability among the values that a product's broken rules check."""
    columns_of_rules = pl.DataFrame(
        [(rule.name, column) for rule in consistency_rules(profile) for column in rule.columns],
        schema={"rule": pl.String, "column": pl.String},
        orient="row",
    )
    columns = columns_of_rules["column"].unique().to_list()
    probabilities = attributes.unpivot(
        [f"{column}_probability" for column in columns],
        index="product_id",
        variable_name="column",
        value_name="probability",
    ).with_columns(pl.col("column").str.strip_suffix("_probability"))
    return (
        broken.join(columns_of_rules, on="rule")
        .join(probabilities, on=["product_id", "column"])
        .group_by("product_id")
        .agg(pl.col("probability").min())
    )
