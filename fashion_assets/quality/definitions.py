"""What Dagster gets from quality: the pilot, the rules, the gates and the judgement of the whole catalog."""

from dagster import Definitions

from fashion_assets.quality.assets import catalog_quality_of, consistency_checks, pilot_verdict
from fashion_assets.quality.checks import extraction_checks
from fashion_assets.shop.profile import ShopProfile


def definitions(shop: ShopProfile) -> Definitions:
    """Gates and rules are the shop's, and Dagster must know the names of their checks beforehand."""
    return Definitions(
        assets=[pilot_verdict, consistency_checks, catalog_quality_of(shop)], asset_checks=[extraction_checks(shop)]
    )
