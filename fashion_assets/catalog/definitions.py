"""What Dagster gets from the catalog."""

from dagster import Definitions

from fashion_assets.catalog.assets import ingest_catalog, products


def definitions() -> Definitions:
    return Definitions(assets=[ingest_catalog, products])
