"""What Dagster gets from Databricks Vector Search, in the one profile that has it."""

from dagster import Definitions

from fashion_assets.search.databricks.assets import delta_sync_indexes


def definitions() -> Definitions:
    return Definitions(assets=[delta_sync_indexes])
