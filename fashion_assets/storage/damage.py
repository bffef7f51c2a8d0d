"""What is damaged in a table: files of its log and of its data that are missing, cut short or overwritten.

Only looks; `repair.py` repairs. An object store keeps its objects whole by itself, and is not examined.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable

from fashion_assets.errors import StorageDamaged
from fashion_assets.storage.last_commits import LastCommit, commit_file, last_commit
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.table import BATCH, Table

LAST_CHECKPOINT = "_last_checkpoint"

REPAIR = "run `fashion doctor --repair`, which sets aside what is damaged and keeps the rest, and then `fashion run`"


class Part(StrEnum):
    """What of a table a file is: all of it, a checkpoint of its log, an entry of its log, or some of its rows."""

    TABLE = "table"
    CHECKPOINT = "checkpoint"
    ENTRY = "entry"
    DATA = "data"


@dataclass(frozen=True)
class Damage:
    """A file of a table, relative to its folder, and what is wrong with it, as a clause.

    `rows` is the number of rows in a data file, as the log has it, and `partition` their partition columns.
    """

    table: Table
    part: Part
    file: str
    problem: str
    rows: int | None = None
    partition: Mapping[str, str] = field(default_factory=dict)

    @property
    def batch(self) -> str | None:
        return self.partition.get(BATCH)

    def in_words(self) -> str:
        """Table, file, and what is lost."""
        name = self.table.name if self.part is Part.TABLE else f"{self.table.name}/{self.file}"
        of = f" of {', '.join(self.partition.values())}" if self.partition else ""
        lost = "" if self.rows is None else f", with {self.rows:,} {'row' if self.rows == 1 else 'rows'}{of}"
        return f"Table '{self.table.name}' is damaged: '{name}' {self.problem}{lost}"

    def as_error(self) -> StorageDamaged:
        """The error that names the command that repairs."""
        rule = (
            "nothing else holds what is recorded there"
            if self.table.origin.is_irreplaceable
            else "its rows have to be computed again"
        )
        return StorageDamaged(value=self.in_words(), rule=rule, remedy=REPAIR)


def examine(location: str, table: Table) -> list[Damage]:
    """What is damaged in the table at `location`, found by reading all its files; nothing in an object store."""
    if is_object_store(location):
        return []
    folder, last = Path(location), last_commit(location)
    if not any(Path(folder, "_delta_log").glob("*[0-9].json")) and not _checkpoints(folder):
        is_known = last is not None or any(folder.rglob("*.parquet"))
        problem = "has lost its log" if folder.is_dir() else "is missing"
        return [Damage(table, Part.TABLE, ".", problem)] if is_known else []
    if damages := list(_log_damages(folder, table, last)):
        return damages
    try:
        delta = DeltaTable(location)
    except Exception as error:  # deltalake raises several types for a log that it cannot read
        return [Damage(table, Part.ENTRY, "_delta_log", f"cannot be read ({_brief(error)})")]
    return list(_data_damages(folder, table, delta))


def _log_damages(folder: Path, table: Table, last: LastCommit | None) -> Iterator[Damage]:
    """The checkpoint that Delta Lake starts from, and the entries after it."""
    bad, start = _newest_checkpoint(folder)
    for name, problem in bad.items():
        yield Damage(table, Part.CHECKPOINT, f"_delta_log/{name}", problem)
    entries = {int(file.stem) for file in Path(folder, "_delta_log").glob("*[0-9].json") if file.stem.isdecimal()}
    newest = max([start, *entries, -1 if last is None else last.version])
    for version in range(start + 1, newest + 1):
        problem = _entry_problem(commit_file(str(folder), version))
        if problem is None and last is not None and version == last.version:
            is_whole = commit_file(str(folder), version).stat().st_size == last.bytes
            problem = None if is_whole else "is cut short or overwritten"
        if problem is not None:
            yield Damage(table, Part.ENTRY, f"_delta_log/{version:020}.json", problem)


def _checkpoints(folder: Path) -> dict[int, Path]:
    files = Path(folder, "_delta_log").glob("*.checkpoint.parquet")
    return {int(file.name.partition(".")[0]): file for file in files}


def _newest_checkpoint(folder: Path) -> tuple[dict[str, str], int]:
    """The damaged checkpoints that Delta Lake would start from, and the version of the newest one that can be read."""
    import pyarrow.parquet as pq

    files, bad = _checkpoints(folder), {}
    hinted = _hinted(folder)
    if hinted is not None and hinted not in files:
        bad[f"{hinted:020}.checkpoint.parquet"] = "is missing"
    for version in sorted(files, reverse=True):
        try:
            pq.read_table(files[version], columns=["add"])
        except Exception as error:  # of pyarrow and the system
            bad[files[version].name] = f"cannot be read ({_brief(error)})"
        else:
            return bad, version
    return bad, -1


def _hinted(folder: Path) -> int | None:
    """The version of the checkpoint that the log names as its last; None if it names none that can be read."""
    try:
        return int(json.loads(Path(folder, "_delta_log", LAST_CHECKPOINT).read_bytes())["version"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # Delta Lake then lists the folder
        return None


def _entry_problem(file: Path) -> str | None:
    """What is wrong with an entry of the log, also where Delta Lake would not notice; None if nothing is."""
    if not file.is_file():
        return "is missing"
    try:
        actions = [json.loads(line) for line in file.read_bytes().splitlines() if line.strip()]
        kinds = [next(iter(action)) for action in actions]
        told = _added_files(actions)
    except (ValueError, TypeError, AttributeError, StopIteration):
        return "is cut short or overwritten"
    is_whole = "commitInfo" in kinds and told in (None, kinds.count("add"))
    return None if is_whole else "is cut short or overwritten"


def _added_files(actions: list[dict[str, Any]]) -> int | None:
    """How many data files the commit added, as it says itself; None if it does not, as that of a merge."""
    info = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    metrics = info.get("operationMetrics") or {}
    told = metrics.get("num_added_files")
    return None if told is None else int(told)


def _data_damages(folder: Path, table: Table, delta: DeltaTable) -> Iterator[Damage]:
    for action in pl.DataFrame(delta.get_add_actions(flatten=True)).iter_rows(named=True):
        name, rows = unquote(action["path"]), action["num_records"]
        problem = _data_problem(folder / name, action["size_bytes"], rows)
        if problem is not None:
            prefix = "partition."
            partition = {
                key.removeprefix(prefix): str(value) for key, value in action.items() if key.startswith(prefix)
            }
            yield Damage(table, Part.DATA, name, problem, rows, partition)


def _data_problem(file: Path, size: int, rows: int | None) -> str | None:
    import pyarrow.parquet as pq

    if not file.is_file():
        return "is missing"
    if file.stat().st_size != size:
        return f"is cut short or overwritten ({file.stat().st_size:,} of {size:,} bytes)"
    try:
        with pq.ParquetFile(file) as opened:
            read = sum(opened.read_row_group(number).num_rows for number in range(opened.num_row_groups))
    except Exception as error:  # of pyarrow and the system
        return f"cannot be read ({_brief(error)})"
    return None if rows in (None, read) else f"has {read:,} rows instead of {rows:,}"


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
