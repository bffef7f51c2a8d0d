"""The catalog's Dagster definitions."""

from dagster import Definitions

from fashion_assets.catalog.assets import ingest_catalog, products


def definitions() -> Definitions:
    return Definitions(assets=[ingest_catalog, products])
