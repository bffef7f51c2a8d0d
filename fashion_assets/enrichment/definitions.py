"""What Dagster gets from the enrichment."""

from dagster import Definitions

from fashion_assets.enrichment.assets import ENRICHMENT, enriched_descriptions
from fashion_assets.enrichment.checks import judge_enriched_descriptions


def definitions() -> Definitions:
    return Definitions(assets=[enriched_descriptions], asset_checks=[judge_enriched_descriptions], resources=ENRICHMENT)
