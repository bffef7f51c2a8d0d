"""What Dagster gets from the search: the LanceDB indexes."""

from dagster import Definitions

from fashion_assets.search.assets import SEARCH, build_search_indexes


def definitions() -> Definitions:
    return Definitions(assets=[build_search_indexes], resources=SEARCH)
