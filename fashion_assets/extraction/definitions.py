"""What Dagster gets from the extraction."""

from dagster import Definitions

from fashion_assets.extraction.assets import EXTRACTION, extracted_attributes


def definitions() -> Definitions:
    return Definitions(assets=[extracted_attributes], resources=EXTRACTION)
