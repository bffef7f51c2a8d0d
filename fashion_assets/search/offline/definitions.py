"""What Dagster gets from the offline evaluation of the search."""

from dagster import Definitions

from fashion_assets.search.offline.assets import search_quality


def definitions() -> Definitions:
    return Definitions(assets=[search_quality])
