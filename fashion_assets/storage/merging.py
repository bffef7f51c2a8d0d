"""Merging one batch: compare a snapshot with the new rows, and commit only the differences.

A commit fails if its batch has changed since the snapshot, and is retried with a new snapshot. So of two writers of one
batch, the later one's rows remain, never a mixture. Reading and appending belong to `store.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, TypeVar

import polars as pl
from deltalake import write_deltalake
from deltalake.exceptions import CommitFailedError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from fashion_assets.errors import StorageError
from fashion_assets.storage.table import BATCH, ROW_HASH, Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

COMMIT_SECONDS = 120
"""How long a commit is retried while others write the same rows: one of them succeeds each time."""

_GOES = "is_to_go"
"""The column that marks the rows to delete in a merge."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Changes:
    """What a write changed, in rows."""

    added: int
    updated: int
    removed: int
    unchanged: int

    @property
    def total(self) -> int:
        return self.added + self.updated + self.removed

    def __add__(self, other: Changes) -> Changes:
        return Changes(*(left + right for left, right in zip(astuple(self), astuple(other), strict=True)))


def retry_commit(commit: Callable[[], Result]) -> Result:
    """The result of `commit`, retried while other writers are faster; raises StorageError after COMMIT_SECONDS."""
    try:
        return Retrying(
            retry=retry_if_exception_type(CommitFailedError),
            stop=stop_after_delay(COMMIT_SECONDS),
            wait=wait_random_exponential(multiplier=0.05, max=2),
            reraise=True,
        )(commit)
    except CommitFailedError as error:
        raise StorageError(
            value=f"The commit conflicted with other writers for {COMMIT_SECONDS} seconds ({error})",
            rule="only one writer of a batch can commit at a time",
            remedy="let fewer processes write the same batch at once, and try again",
        ) from error


def compare(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]) -> Changes:
    """How many rows were added, updated, removed and left unchanged from `old` to `new`, by key and row hash."""
    joined = new.select(*key, ROW_HASH).join(old, on=list(key), how="full", coalesce=True, suffix="_old")
    is_new, is_old = pl.col(ROW_HASH).is_not_null(), pl.col(f"{ROW_HASH}_old").is_not_null()
    is_same = pl.col(ROW_HASH) == pl.col(f"{ROW_HASH}_old")
    counts = joined.select(
        added=(is_new & ~is_old).sum(),
        updated=(is_new & is_old & ~is_same).sum(),
        removed=(~is_new & is_old).sum(),
        unchanged=(is_new & is_old & is_same).sum(),
    ).row(0, named=True)
    return Changes(**counts)


def differences(old: pl.DataFrame, new: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    """The rows of `new` that are missing from `old` or differ there, and the keys to delete, marked by `is_to_go`."""
    changed = new.join(old, on=[*key, ROW_HASH], how="anti")
    removed = old.join(new, on=list(key), how="anti").select(key)
    marked = [changed.with_columns(pl.lit(False).alias(_GOES)), removed.with_columns(pl.lit(True).alias(_GOES))]
    return pl.concat(marked, how="diagonal")


def write_first(delta: DeltaTable, rows: pl.DataFrame, batches: Sequence[str]) -> None:
    """Commit the `rows` of batches that have none yet; raises CommitFailedError if one has rows by now.

    Does what a merge would do in at most a third of the time, by overwriting these batches, which are empty.
    """
    write_deltalake(delta, rows.to_arrow(), mode="overwrite", predicate=_is_of(batches))


def merge_differences(
    delta: DeltaTable, table: Table, changed: pl.DataFrame, batches: Sequence[str] | None = None
) -> None:
    """Commit `changed` (see `differences`) to the batches; raises CommitFailedError if one has changed meanwhile.

    Delta records only the predicate on the partition as what the merge has read: writers of other batches do not
    conflict, any other writer of this batch does. It would record the whole table if rows were deleted by
    `when_not_matched_by_source_delete`, and too little if `streamed_exec=False` added the range of the keys.
    """
    key_is_same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    (
        delta.merge(
            changed.to_arrow(),
            predicate=f"t.{_is_of(batches)} AND {key_is_same}" if batches else key_is_same,
            source_alias="s",
            target_alias="t",
            streamed_exec=True,
        )
        .when_matched_delete(predicate=f"s.{_GOES}")
        .when_matched_update_all(except_cols=[_GOES])
        .when_not_matched_insert_all(except_cols=[_GOES])
        .execute()
    )


def _is_of(batches: Sequence[str]) -> str:
    names = ", ".join("'" + name.replace("'", "''") + "'" for name in batches)
    return f"{BATCH} IN ({names})"
