"""The demo: render its catalog, run it from photos to search, and search it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.run import RunResult, run_pipeline
from fashion_assets.errors import SettingsError
from fashion_assets.search.tables import live_promotion

if TYPE_CHECKING:
    from fashion_assets.app.search import SearchResult
    from fashion_assets.app.shop import Shop
    from fashion_assets.app.status import Status

QUERIES = ("striped shirt", "leather bag", "red dress")
_HITS = 4


@dataclass(frozen=True)
class DemoResult:
    """The result of the run, the status after it, and some searches (none when no batch has passed its gates)."""

    run: RunResult
    status: Status
    searches: tuple[SearchResult, ...]


def run_demo(shop: Shop) -> DemoResult:
    """Render the demo catalog in the settings' size, run what has changed, and search.

    Raises SettingsError when the settings name another catalog, and as `Pipeline` does.
    """
    settings = shop.settings
    if not settings.is_demo_catalog:
        raise SettingsError(
            value=f"FASHION_PROFILE is '{settings.profile}'",
            rule="the demo needs `demo`",
            remedy="run your catalog with `fashion run`",
        )
    with shop.pipeline() as pipeline:
        render_catalog(settings)
        result = RunResult(tuple(run_pipeline(pipeline, pilot_first=True)))
    is_indexed = live_promotion(shop.store) is not None
    searches = tuple(shop.search(query, limit=_HITS) for query in QUERIES) if is_indexed else ()
    return DemoResult(result, shop.status(), searches)
