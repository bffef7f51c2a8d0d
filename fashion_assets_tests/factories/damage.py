"""Ways to damage a file or a folder, and the files of a Delta table that can be damaged."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from fashion_assets.storage.recomputing import lost_batches
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table


def cut(file: Path) -> None:
    """Keep its first half, as a crash may."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    """Keep its name alone, as a loss of power may."""
    file.write_bytes(b"")


def zero(file: Path) -> None:
    """Keep its size alone."""
    file.write_bytes(bytes(file.stat().st_size))


def garble(file: Path) -> None:
    """Put something else in its place, which is valid JSON."""
    file.write_text('{"is": "something else"}\n')


def delete(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


DAMAGE: Mapping[str, Callable[[Path], None]] = {
    function.__name__: function for function in (cut, empty, zero, garble, delete)
}


def log_entries(folder: Path) -> list[Path]:
    """The entries of a table's log, oldest first."""
    return sorted(folder.glob("_delta_log/*[0-9].json"))


def data_files(folder: Path) -> list[Path]:
    """The data files of a table, without those of its change feed, by partition, oldest first."""
    files = [file for file in folder.rglob("*.parquet") if not file.relative_to(folder).parts[0].startswith("_")]
    return sorted(files, key=lambda file: (file.parent, file.stat().st_mtime_ns, file.name))


def drop_table(store: TableStore, table: Table) -> None:
    """Make it as if the table had never been written, and nothing were known of it."""
    shutil.rmtree(store.location(table), ignore_errors=True)
    Path(store.uri, "_last_commits", table.name).unlink(missing_ok=True)
    assert not lost_batches(store.uri, table)
