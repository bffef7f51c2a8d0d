"""Repairing a damaged table: what is damaged is set aside, and every row that can still be read is kept.

A lost data file is taken out of the log, and the table goes on without its rows. Where the log itself is damaged, the
whole table is set aside; one that holds what exists nowhere else is written anew from its data files, which hold their
rows without the log. Nobody else may write the table meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from fashion_assets.storage.conforming import conform
from fashion_assets.storage.damage import LAST_CHECKPOINT, Damage, Part, examine
from fashion_assets.storage.last_commits import forget_commits, record_commit
from fashion_assets.storage.places import file_system_errors
from fashion_assets.storage.recomputing import mark_lost
from fashion_assets.storage.set_aside import damaged_folder, set_aside
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, ROW_HASH, Origin, Table

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Repair:
    """What was done to a table: where its damaged files are now, and what of its rows is gone.

    `rows_kept` is None if they were not touched, `rows_lost` None if their number is unknown; `lost` names files.
    """

    table: Table
    set_aside: Path
    rows_kept: int | None
    rows_lost: int | None
    lost: tuple[str, ...]
    batches: tuple[str, ...] = ()

    def in_words(self) -> str:
        name, place = self.table.name, f"what is damaged is now in '{self.set_aside}'"
        if self.table.origin is Origin.DERIVED:
            return f"'{name}': {place}, and the next run computes the lost rows again."
        if self.table.origin is Origin.CACHED:
            return f"'{name}': {place}, and lost rows are computed again when they are needed."
        kept = "" if self.rows_kept is None else f", and {self.rows_kept:,} rows were kept"
        if not self.lost:
            return f"'{name}': {place}{kept}; no row was lost."
        count = "an unknown number of" if self.rows_lost is None else f"{self.rows_lost:,}"
        return f"'{name}': {place}{kept}; {count} rows were LOST, those of {', '.join(self.lost)}."


def repair(
    store: TableStore, table: Table, damages: Sequence[Damage], all_batches: Iterable[str], now: datetime
) -> Repair:
    """Repair the table's `damages`, as `examine` found them, at `now` (UTC).

    `all_batches` are those that a derived table by batch has to hold again if all of it is lost. Raises StorageError
    where the file system refuses to move a file.
    """
    aside = damaged_folder(store.uri, now)
    with file_system_errors(store.uri):
        if {damage.part for damage in damages} == {Part.CHECKPOINT}:
            _set_aside_files(
                store, table, [*(damage.file for damage in damages), f"_delta_log/{LAST_CHECKPOINT}"], aside
            )
            damages = examine(store.location(table), table)
            if not damages:
                return Repair(table, aside, None, 0, ())
        if all(damage.part is Part.DATA for damage in damages):
            return _without_files(store, table, damages, aside)
        return _anew(store, table, damages, all_batches, aside)


def _without_files(store: TableStore, table: Table, damages: Sequence[Damage], aside: Path) -> Repair:
    """Take data files out of the log: Delta Lake's own repair drops those that are not there."""
    _set_aside_files(store, table, [damage.file for damage in damages], aside)
    location = store.location(table)
    delta = DeltaTable(location)
    delta.repair()
    record_commit(location, DeltaTable(location).version())
    batches = sorted({damage.batch for damage in damages if damage.batch is not None})
    if table.origin is Origin.DERIVED:
        mark_lost(store.uri, table, batches)
    rows = [damage.rows for damage in damages]
    lost = None if None in rows else sum(count or 0 for count in rows)
    return Repair(table, aside, store.count(table), lost, tuple(damage.file for damage in damages), tuple(batches))


def _anew(
    store: TableStore, table: Table, damages: Sequence[Damage], all_batches: Iterable[str], aside: Path
) -> Repair:
    """Set the whole table aside; write it again from its data files if its rows are not computed again."""
    folder, batches = Path(store.location(table)), sorted({*all_batches} if BATCH in table.partition_by else ())
    kept = set_aside(folder, Path(store.uri), aside) if folder.is_dir() else aside
    forget_commits(store.location(table))
    if not table.origin.is_irreplaceable:
        if table.origin is Origin.DERIVED:
            mark_lost(store.uri, table, batches)
        return Repair(table, aside, None, None, (), tuple(batches))
    if kept == aside:
        return Repair(table, aside, 0, None, ("all of it",))
    rows, unreadable = rows_of_files(kept, table)
    store.ensure(table)
    if table.origin is Origin.KEPT:
        store.merge(table, rows)
    elif len(rows):
        store.append(table, rows)
    lost = tuple(f"{table.name}/{name}" for name in unreadable)
    if any(damage.part is Part.TABLE for damage in damages) and rows.is_empty() and not lost:
        lost = ("all of it",)
    return Repair(table, aside, len(rows), None if lost else 0, lost)


def rows_of_files(folder: Path, table: Table) -> tuple[pl.DataFrame, list[str]]:
    """The rows in a table's data files, without its log, each once; and the files that cannot be read.

    Compaction and merges leave files with earlier copies of rows. Of a table that is kept up to date, the row that was
    written last counts.
    """
    frames, unreadable = [pl.DataFrame(schema=table.schema)], []
    files = [file for file in folder.rglob("*.parquet") if not file.relative_to(folder).parts[0].startswith("_")]
    for file in sorted(files, key=lambda file: (file.stat().st_mtime_ns, str(file))):
        name = file.relative_to(folder)
        try:
            rows = pl.read_parquet(file, hive_partitioning=False)
        except (pl.exceptions.PolarsError, OSError):
            unreadable.append(str(name))
        else:
            partition = [pl.lit(value, pl.String).alias(column) for column, value in _partition(name)]
            frames.append(conform(rows.with_columns(partition), table, list(table.schema)))
    key = list(table.key) if table.origin is Origin.KEPT else [*table.key, ROW_HASH]
    rows = pl.concat(frames).unique(key, keep="last", maintain_order=True)
    return rows.select(list(table.row_schema)), unreadable


def _partition(name: Path) -> list[tuple[str, str | None]]:
    """The partition columns in the path of a data file."""
    named = (part.partition("=") for part in name.parts[:-1])
    return [(column, None if value == _NO_VALUE else unquote(value)) for column, _, value in named]


def _set_aside_files(store: TableStore, table: Table, names: Iterable[str], aside: Path) -> None:
    for name in names:
        if (file := Path(store.location(table), name)).is_file():
            set_aside(file, Path(store.uri), aside)
