"""Files of storage, one of which is damaged: tables in Delta's format, and SQLite databases as Dagster keeps them."""

import io
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

import polars as pl

from fashion_assets.errors import FashionError
from fashion_assets.orchestration.instance_repair import damaged_files, set_damaged_aside
from fashion_assets.storage.damage import examine
from fashion_assets.storage.repair import repair
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.tables import LOG

_APPENDED = 3
_DATABASE = "history/runs.db"
Files = Mapping[str, bytes]


@cache
def table_files() -> Files:
    """The files of an append-only table of three commits, by path."""
    with tempfile.TemporaryDirectory() as folder:
        store = TableStore(str(Path(folder, "tables")))
        for number in range(_APPENDED):
            store.append(LOG, pl.DataFrame({"key": [str(number)], "model": ["m/ü"], "text": ["t" * 100]}))
        return files_in(Path(folder))


@cache
def database_files() -> Files:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _DATABASE)
        file.parent.mkdir()
        with closing(sqlite3.connect(file)) as database:
            database.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, body TEXT)")
            database.executemany("INSERT INTO runs (body) VALUES (?)", [("x" * 1000,)] * 50)
            database.commit()
        return files_in(Path(folder))


def take_table_files(content: bytes, folder: Path) -> None:
    """A table that is read, or is refused, repaired, and read then."""
    unpack(content, folder)
    store = TableStore(str(folder / "tables"))
    try:
        store.read(LOG)
    except FashionError:
        damages = examine(store.location(LOG), LOG)
        assert damages
        repair(store, LOG, damages, (), NOW)
        assert set(TableStore(store.uri).read(LOG)["key"]) <= {str(number) for number in range(_APPENDED)}
        raise


def take_database_files(content: bytes, folder: Path) -> None:
    """A database that is whole, or is set aside."""
    unpack(content, folder)
    if list(damaged_files(folder)):
        set_damaged_aside(folder, folder / "aside")
        assert list(damaged_files(folder)) == []
    else:
        with closing(sqlite3.connect(folder / _DATABASE)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()


def each_file(files: Callable[[], Files]) -> dict[str, Callable[[], bytes]]:
    """Inputs: each file as it is, to be changed; the paths are the names."""
    return {name: lambda name=name: files()[name] for name in files()}


def among(files: Callable[[], Files]) -> Callable[[str, bytes], bytes]:
    """All files in a ZIP archive, with a content of its own for the one called so."""

    def packed(name: str, content: bytes) -> bytes:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as opened:
            for each, as_it_was in files().items():
                opened.writestr(each, content if each == name else as_it_was)
        return archive.getvalue()

    return packed


def files_in(folder: Path) -> Files:
    """All files below a folder, by path."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def unpack(content: bytes, folder: Path) -> None:
    """Write what `among` packed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
