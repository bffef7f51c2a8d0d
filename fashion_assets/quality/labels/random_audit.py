"""The random audit: a random sample of products that people label before they see the model's answers.

Only these answers count as labels. The queue of disagreements holds what looks wrong, so labels from it would make the
model look worse than it is; and people who see the model's answer first agree with it too often.
"""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.stated_values import typed_value
from fashion_assets.quality.tables import AUDIT_LABELS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.store import TableStore

DRAW = 50
"""Products drawn at a time: the fewest labels that give useful intervals in `fashion accuracy`."""

SEED = 0


def audit_order(product_ids: pl.Series, seed: int = SEED) -> pl.Series:
    """The ids in the order in which they are drawn: by a seeded hash of each.

    Each id is equally likely to come first, the first n are a simple random sample for any n, and a product that joins
    or leaves the catalog does not change the order of the others.
    """
    ranks = pl.Series("rank", [hash_text(f"{seed}:{product_id}") for product_id in product_ids], dtype=pl.String)
    return pl.DataFrame([product_ids.alias("product_id"), ranks]).sort("rank")["product_id"]


def record_audit(
    store: TableStore,
    product_id: int,
    photo_sha256: str | None,
    answers: Mapping[str, str | None],
    author: str,
    now: datetime,
) -> None:
    """Append one answer for each field, in the form of `stated_value`; None: cannot be seen."""
    shared = {"product_id": product_id, "photo_sha256": photo_sha256, "author": author, "at": now}
    rows = [{**shared, "field": field, "value": value} for field, value in answers.items()]
    store.append(AUDIT_LABELS, pl.DataFrame(rows, schema=AUDIT_LABELS.row_schema))


def valid_answers(answers: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    """The rows of AUDIT_LABELS about a product's current photo, the first one for each field."""
    present = attributes.select("product_id", "photo_sha256")
    same_photo = answers.join(present, on=["product_id", "photo_sha256"], how="semi", nulls_equal=True)
    return same_photo.sort("at").unique(["product_id", "field"], keep="first", maintain_order=True)


def read_audit_labels(store: TableStore, taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.DataFrame:
    """The audit's answers in the format of `read_labels`: a row per product, a column per attribute answered."""
    given = store.read(AUDIT_LABELS)
    among = {"product_id": given["product_id"].unique().to_list()}
    present = store.read(EXTRACTED_ATTRIBUTES, columns=["product_id", "photo_sha256"], among=among)
    answers = valid_answers(given, present).drop_nulls("value")
    labels = answers.select("product_id").unique().sort("product_id")
    for field in taxonomy.visible:
        of_field = answers.filter(field=field.column)
        if len(of_field):
            values = of_field.select("product_id", typed_value(field, pl.col("value")).alias(field.column))
            labels = labels.join(values, on="product_id", how="left", maintain_order="left")
    return labels
