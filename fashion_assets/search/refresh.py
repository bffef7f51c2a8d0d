"""Bringing the index in step with the embeddings: select what may be served, build beside, judge, then promote.

A withdrawn product never stays searchable and prices are always the current ones, whatever state its batch is in:
both come from the ingest, not from the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.gates import Judgement, judge_condition
from fashion_assets.search.index import INDEXES, build_index, index_fingerprint, open_live, promote
from fashion_assets.search.recall import IdsComparison, compare_ids, query_milliseconds, recall_at
from fashion_assets.search.tables import live_promotion, record_promotion
from fashion_assets.storage.store import TableStore

LEAST_RECALL = 0.99
MOST_MILLISECONDS = 20.0

IDS = "index_ids_equal_source_ids"
RECALL = "recall_at_20_is_at_least_99_percent"
QUERY_TIME = "median_query_takes_at_most_20_ms"


@dataclass(frozen=True)
class RefreshedIndex:
    """An index version and what was found about it. `judgements` are by index name."""

    version: int
    rows: int
    was_built: bool
    was_promoted: bool
    judgements: dict[str, list[Judgement]]


def servable_rows(store: TableStore, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The EMBEDDINGS rows (or some of their columns) of products that are still on sale, with their current prices."""
    current = store.read(INGESTED_PRODUCTS, columns=["product_id", "price"])
    return store.read(EMBEDDINGS, columns=columns).drop("price").join(current, on="product_id", how="inner")


def is_stale(store: TableStore) -> bool:
    """Whether the live version differs from what would be built now."""
    rows = servable_rows(store, EMBEDDINGS.hashed_columns)
    live = live_promotion(store)
    return len(rows) > 0 and (live is None or live["content_fingerprint"] != index_fingerprint(rows))


def refresh_index(store: TableStore, uri: str, embedding_model: str, now: datetime) -> RefreshedIndex:
    """Build and judge a new version when the content changed, and promote it when nothing failed.

    Raises SearchError when there is nothing to index, or rows hold vectors of another model.
    """
    rows = servable_rows(store)
    live = live_promotion(store)
    is_current = live is not None and live["content_fingerprint"] == index_fingerprint(rows)
    built = None if is_current else build_index(uri, rows, embedding_model)
    version = live["index_version"] if built is None else built.version
    judgements = judge_index(uri, version, rows["product_id"].to_list())
    is_good = all(j.outcome != "failed" for of_index in judgements.values() for j in of_index)
    if built is not None and is_good:
        promote(uri, built.version)
        record_promotion(store, built, "checks passed", now)
    return RefreshedIndex(version, len(rows), built is not None, built is not None and is_good, judgements)


def judge_index(uri: str, version: int, expected_ids: list[int]) -> dict[str, list[Judgement]]:
    """Judge every search of one index version against the ids that it should hold and against exact search."""
    table = open_live(uri, version)
    ids = judge_ids(compare_ids(table, expected_ids), len(expected_ids))
    return {
        name: [ids, judge_recall(recall_at(table, column)), judge_query_time(query_milliseconds(table, column))]
        for name, column in INDEXES.items()
    }


def judge_ids(ids: IdsComparison, expected: int) -> Judgement:
    """Holds when exactly the expected products are in the index."""
    return judge_condition(
        IDS,
        ids.is_match,
        f"{ids.missing} of {expected} products are missing in the index, {ids.extra} should not be in it.",
        value=1 - (ids.missing + ids.extra) / max(expected, 1),
        threshold=1.0,
        counted=expected - ids.missing,
        applicable=expected,
        sample_ids=(*ids.first_missing, *ids.first_extra),
    )


def judge_recall(recall: float) -> Judgement:
    """Holds when the index finds what exact search finds."""
    reason = f"The index finds {recall:.1%} of the 20 nearest that exact search finds, {LEAST_RECALL:.0%} are wanted."
    return judge_condition(RECALL, recall >= LEAST_RECALL, reason, value=recall, threshold=LEAST_RECALL)


def judge_query_time(milliseconds: float) -> Judgement:
    """Only ever warns: the time depends on the machine and on what else it does."""
    reason = f"The median query takes {milliseconds:.1f} ms, at most {MOST_MILLISECONDS:.0f} ms are wanted."
    is_fast = milliseconds <= MOST_MILLISECONDS
    return judge_condition(
        QUERY_TIME, is_fast, reason, is_blocking=False, value=milliseconds, threshold=MOST_MILLISECONDS
    )
