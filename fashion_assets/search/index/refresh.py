"""Syncs the index with the embeddings: select the servable rows, build a new version, check it, promote it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import IndexMissing
from fashion_assets.gates.gate import Judgement, judge_condition
from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.health import index_loss, list_files
from fashion_assets.search.index.recall import IdsComparison, compare_ids, query_milliseconds, recall_at
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.servable import servable_fingerprint, servable_rows
from fashion_assets.search.index.sole_writer import sole_writer
from fashion_assets.search.index.update import LARGEST_SHARE, prune, update_index
from fashion_assets.search.index.versions import INDEXES, BuiltIndex, built_index, open_live, promote
from fashion_assets.search.query.search import DEFAULT_INDEX
from fashion_assets.search.tables import (
    last_attempt,
    live_promotion,
    record_promotion,
    record_refusal,
    settled_fingerprints,
)
from fashion_assets.shop.limits import IndexLimits
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.set_aside import damaged_folder, set_aside
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from lancedb.table import Table

WAIT_SECONDS = 600
"""How long a refresh waits for another writer of the index: a whole build of the reference catalog takes minutes."""

IDS = "index_ids_equal_source_ids"
RECALL = "recall_at_20_is_at_least_99_percent"
QUERY_TIME = "median_query_takes_at_most_20_ms"


@dataclass(frozen=True)
class RefreshedIndex:
    """An index version with the judgements of its checks, by index name.

    `rows_written` and `rows_deleted` count the changes of this build; 0 if nothing was built. Products on sale whose
    vectors are of another model, or malformed, are left out of the index and counted here.
    """

    version: int
    rows: int
    rows_left_out_of_another_model: int
    rows_left_out_as_malformed: int
    rows_written: int
    rows_deleted: int
    was_built: bool
    was_promoted: bool
    judgements: dict[str, list[Judgement]]


def stale_reason(
    store: TableStore, uri: str, embedding_model: str, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> str | None:
    """Why a refresh would build, as a sentence; None if it would not.

    It would if rows of `embedding_model` are on sale, and neither the live version nor a refused or rolled-back one was
    built from them, or the live version is missing or damaged. Reads no vectors.
    """
    fingerprint = servable_fingerprint(store, embedding_model, taxonomy)
    if fingerprint is None:
        return None
    if (loss := index_loss(store, uri)) is not None:
        return f"{loss}."
    if fingerprint in settled_fingerprints(store):
        return None
    return "The products on sale, their prices or their vectors have changed since the last version was built."


QualityJudge = Callable[["Table", "Table | None"], list[Judgement]]
"""Compares the version that the first table is pinned at with the live one (None: nothing is live)."""


def refresh_index(
    store: TableStore,
    uri: str,
    embedding_model: str,
    now: datetime,
    judge_quality: QualityJudge | None = None,
    profile: ShopProfile = SHIPPED,
) -> RefreshedIndex:
    """Build a new version if the content changed, check it, and promote it if no check failed.

    The new version is made from the live one by writing what changed, or built whole if much changed, or the model did.
    Content that already has a version is not built again: that version, live or refused, is checked again.
    `judge_quality` checks that the default search does not answer worse than before. An index that is damaged is set
    aside (see `storage/set_aside.py`) and built again. Of two concurrent refreshes the
    second waits for the first, and then sees its version. Raises SearchError if no row can be indexed or the wait took
    WAIT_SECONDS; the live version stays live then.
    """
    with sole_writer(uri, WAIT_SECONDS):
        loss = index_loss(store, uri)
        if loss is not None and not is_object_store(uri) and Path(uri).exists():
            set_aside(Path(uri), Path(uri).parent, damaged_folder(uri, now))
        why = "checks passed" if loss is None else f"checks passed; built again: {loss}"
        return _refresh(store, uri, embedding_model, now, judge_quality, profile, why)


def _refresh(
    store: TableStore,
    uri: str,
    embedding_model: str,
    now: datetime,
    judge_quality: QualityJudge | None,
    profile: ShopProfile,
    why: str,
) -> RefreshedIndex:
    servable = servable_rows(store, embedding_model, profile.taxonomy, profile.language)
    fingerprint = servable.rows.facts.content_fingerprint
    live = _version_of(uri, live_promotion(store), fingerprint)
    existing = live or _version_of(uri, last_attempt(store), fingerprint)
    built = _Built(existing) if existing else _build(uri, live_promotion(store), servable.rows)
    version = built.version
    judgements = judge_index(uri, version.version, servable.rows.keys["product_id"], profile.limits.index)
    if judge_quality is not None:
        judgements[DEFAULT_INDEX] += judge_quality(open_live(uri, version.version), _live_table(uri))
    failed = [judgement for of_index in judgements.values() for judgement in of_index if judgement.outcome == "failed"]
    is_promoted = not failed and live is None
    if is_promoted:
        promote(uri, version.version)
        record_promotion(store, version, why, now)
        prune(uri)
        list_files(uri, version.version)
    elif failed and existing is None:
        record_refusal(store, version, f"{failed[0].name}: {failed[0].reason}", now)
    return RefreshedIndex(
        version=version.version,
        rows=version.rows,
        rows_left_out_of_another_model=servable.of_another_model,
        rows_left_out_as_malformed=servable.malformed,
        rows_written=built.written,
        rows_deleted=built.deleted,
        was_built=existing is None,
        was_promoted=is_promoted,
        judgements=judgements,
    )


@dataclass(frozen=True)
class _Built:
    """A version, and how many rows were written and deleted to make it."""

    version: BuiltIndex
    written: int = 0
    deleted: int = 0


def _build(uri: str, live: dict | None, rows: IndexRows) -> _Built:
    if live is not None and _exists(uri, live["index_version"]):
        updated = update_index(uri, live["index_version"], rows, LARGEST_SHARE)
        if updated is not None:
            version, changes = updated
            return _Built(version, len(changes.written_ids), len(changes.deleted_ids))
    version = build_index(uri, rows)
    return _Built(version, version.rows)


def _exists(uri: str, version: int) -> bool:
    try:
        open_live(uri, version)
    except IndexMissing:
        return False
    return True


def _live_table(uri: str) -> "Table | None":
    try:
        return open_live(uri)
    except IndexMissing:
        return None


def judge_index(
    uri: str, version: int, expected_ids: pl.Series, limits: IndexLimits = SHIPPED.limits.index
) -> dict[str, list[Judgement]]:
    """Check every search of one index version against the expected ids, exact search and the time limit."""
    table = open_live(uri, version)
    ids = judge_ids(compare_ids(table, expected_ids), len(expected_ids))
    return {
        name: [
            ids,
            judge_recall(recall_at(table, column), limits.least_recall),
            judge_query_time(query_milliseconds(table, column), limits.most_milliseconds),
        ]
        for name, column in INDEXES.items()
    }


def judge_ids(ids: IdsComparison, expected: int) -> Judgement:
    """Holds if the index has exactly the expected products."""
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


def judge_recall(recall: float, least: float) -> Judgement:
    """Holds if the index finds what exact search finds."""
    reason = f"The index finds {recall:.1%} of the 20 nearest that exact search finds, {least:.0%} are wanted."
    return judge_condition(RECALL, recall >= least, reason, value=recall, threshold=least)


def judge_query_time(milliseconds: float, most: float) -> Judgement:
    """Never more than a warning: the time depends on the machine and its load."""
    reason = f"The median query takes {milliseconds:.1f} ms, at most {most:.0f} ms are wanted."
    return judge_condition(
        QUERY_TIME, milliseconds <= most, reason, is_blocking=False, value=milliseconds, threshold=most
    )


def _version_of(uri: str, record: dict | None, fingerprint: str) -> BuiltIndex | None:
    """The version in `record`, if it was built from the content with this `fingerprint` and still exists."""
    if record is None or record["content_fingerprint"] != fingerprint:
        return None
    try:
        version = built_index(open_live(uri, record["index_version"]))
    except IndexMissing:
        return None
    return version if version.facts.content_fingerprint == fingerprint else None
