"""Syncs the delta-sync indexes with their source: create missing ones, trigger the sync, wait, check the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fashion_assets.compute.workspace import workspace_errors
from fashion_assets.errors import WorkspaceError
from fashion_assets.gates.gate import Judgement, judge_condition
from fashion_assets.orchestration.progress import Progress, spoken_time
from fashion_assets.search.databricks.indexes import (
    IndexStatus,
    Place,
    ensure_endpoint,
    ensure_index,
    index_status,
    require_source_table,
)
from fashion_assets.search.databricks.source import IndexedRows
from fashion_assets.search.index.versions import INDEXES

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

POLL_SECONDS = 10.0
SETTLED_LOOKS = 6
"""How often in a row an ambiguous state must be seen before it counts: idle without reporting the source's version, or
failed as before the sync."""

ALL_ROWS = "delta_sync_indexes_hold_the_rows_of_their_source"

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class SyncedIndex:
    """An index after its sync; `name` is its full one."""

    name: str
    was_created: bool
    status: IndexStatus


def sync_indexes(
    client: WorkspaceClient,
    place: Place,
    source: IndexedRows,
    timeout_seconds: float,
    say: Callable[[str], None] = lambda line: None,
    progress: Progress = lambda done, total: None,
) -> dict[str, SyncedIndex]:
    """Sync all of INDEXES in Databricks with `source`, creating missing ones; returns them by index.

    `say` is called with each change of state. Safe to repeat after any failure. Raises WorkspaceError if an index
    exists with another definition, the workspace refuses, a sync fails, or not all is done after `timeout_seconds`.
    """
    wait = _Wait(client, timeout_seconds, say)
    require_source_table(client, place)
    wait.for_endpoint(place.endpoint)
    created = {index: ensure_index(client, place, index, source.dimension) for index in INDEXES}
    had_failed = set()
    for index in (index for index, is_new in created.items() if not is_new):
        name = place.full_name(index)
        if wait.until_idle(name).has_failed:
            had_failed.add(index)
        with workspace_errors(f"sync the index '{name}'"):
            client.vector_search_indexes.sync_index(name)
    wait.a_little()  # until the states show the syncs
    synced = {}
    for number, (index, is_new) in enumerate(created.items()):
        progress(number, len(created))
        name = place.full_name(index)
        synced[index] = SyncedIndex(name, is_new, wait.until_synced(name, source, index in had_failed))
    progress(len(created), len(created))
    return synced


def judge_rows(synced: Mapping[str, SyncedIndex], source: IndexedRows) -> Judgement:
    """Holds if each index has as many rows as the source, with or without those that have no vector there."""
    held = {index: of_index.status.rows for index, of_index in synced.items()}
    off = [
        f"{index} holds {rows:,} rows, where {_range(source.with_vector[index], source.rows)} are wanted"
        for index, rows in held.items()
        if not source.with_vector[index] <= rows <= source.rows
    ]
    wanted = sum(source.with_vector.values())
    counted = sum(min(rows, source.with_vector[index]) for index, rows in held.items())
    return judge_condition(
        ALL_ROWS,
        not off,
        f"{'; '.join(off) or 'Each index holds the rows of the source that have a vector there'}.",
        value=counted / wanted if wanted else None,
        threshold=1.0,
        counted=counted,
        applicable=wanted,
    )


def _range(least: int, most: int) -> str:
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


class _Wait:
    """Waits for the workspace, with one deadline for everything; the time is that of the client's clock."""

    def __init__(self, client: WorkspaceClient, timeout_seconds: float, say: Callable[[str], None]):
        self._client, self._say, self._timeout = client, say, timeout_seconds
        self._clock = client.config.clock
        self._deadline = self._clock.time() + timeout_seconds

    def for_endpoint(self, name: str) -> None:
        def look() -> str:
            status = ensure_endpoint(self._client, name).endpoint_status
            state = status.state.value if status and status.state else "PROVISIONING"
            if status and state == "OFFLINE":
                raise WorkspaceError(
                    value=f"The Vector Search endpoint '{name}' is OFFLINE ({status.message or 'no reason given'})",
                    rule="the indexes need it",
                    remedy="see Compute > Vector Search there, or set FASHION_DATABRICKS_ENDPOINT to another",
                )
            return state

        for state in self._looks(f"The Vector Search endpoint '{name}'", look, str):
            if state == "ONLINE":
                return

    def until_idle(self, name: str) -> IndexStatus:
        """Until no sync is running; a failed one is not running."""
        return next(status for status in self._statuses(name) if not status.is_busy)

    def until_synced(self, name: str, source: IndexedRows, had_failed: bool) -> IndexStatus:
        """Until the index has the source's version, or has been idle for long: not every sync reports the version."""
        looks_at_rest = 0
        for status in self._statuses(name):
            had_failed = had_failed and status.has_failed
            if status.has_failed and (not had_failed or looks_at_rest >= SETTLED_LOOKS):
                raise WorkspaceError(
                    value=f"The sync of the index '{name}' failed: {status.state}, {status.message or 'no reason'}",
                    rule="it must reach the version of the table",
                    remedy=(
                        "see the index's pipeline in the workspace, fix the cause, and materialize "
                        "`delta_sync_indexes` again"
                    ),
                )
            looks_at_rest = 0 if status.is_busy else looks_at_rest + 1
            is_at_version = status.version is not None and status.version >= source.version
            if looks_at_rest and not had_failed and (is_at_version or looks_at_rest >= SETTLED_LOOKS):
                return status
        raise AssertionError("unreachable: the looks end with an error")

    def a_little(self) -> None:
        self._clock.sleep(POLL_SECONDS)

    def _statuses(self, name: str) -> Iterator[IndexStatus]:
        return self._looks(
            f"The index '{name}'",
            lambda: index_status(self._client, name),
            lambda status: f"{status.state or 'not ready'} with {status.rows:,} rows",
        )

    def _looks(self, what: str, look: Callable[[], Seen], words: Callable[[Seen], str]) -> Iterator[Seen]:
        """What `look` returns, every POLL_SECONDS; raises WorkspaceError at the deadline."""
        state = ""
        while True:
            result = look()
            if words(result) != state:
                state = words(result)
                self._say(f"{what} is {state}")
            yield result
            if self._clock.time() >= self._deadline:
                raise WorkspaceError(
                    value=f"{what} is still {state} after {spoken_time(self._timeout)}",
                    rule="it must be done in that time",
                    remedy=(
                        "it continues in Databricks, so materialize `delta_sync_indexes` again later, or set "
                        "FASHION_DATABRICKS_TIMEOUT to more minutes"
                    ),
                )
            self._clock.sleep(POLL_SECONDS)
