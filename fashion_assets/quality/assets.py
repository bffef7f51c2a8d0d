"""The quality slice's asset: which products break which rule."""

import polars as pl
from dagster import MaterializeResult, MetadataValue, asset

from fashion_assets.batches import BATCHES
from fashion_assets.catalog.previews import table_preview
from fashion_assets.quality.consistency import broken_rules
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.storage.io_manager import table_metadata


@asset(
    partitions_def=BATCHES,
    group_name="quality",
    kinds={"polars", "deltalake"},
    owners=["team:ml-engineering"],
    metadata=table_metadata(CONSISTENCY_CHECKS),
)
def consistency_checks(extracted_attributes: pl.DataFrame) -> MaterializeResult[pl.DataFrame]:
    """One row per product and broken rule: watches that are not metal, t-shirts that are not knit, and so on."""
    rows = broken_rules(extracted_attributes)
    return MaterializeResult(
        value=rows,
        metadata={
            "preview": MetadataValue.md(
                table_preview(rows, ["product_id", "article_type", "rule", "expected", "found"])
            ),
            "broken_by_rule": MetadataValue.json(dict(rows["rule"].value_counts().iter_rows())),
        },
    )
