"""What Dagster gets from quality: the pilot, the rules, the gates and the judgement of the whole catalog."""

from dagster import Definitions

from fashion_assets.quality.assets import catalog_quality, consistency_checks, pilot_verdict
from fashion_assets.quality.checks import judge_extracted_attributes


def definitions() -> Definitions:
    return Definitions(
        assets=[pilot_verdict, consistency_checks, catalog_quality], asset_checks=[judge_extracted_attributes]
    )
