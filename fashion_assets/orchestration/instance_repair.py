"""Dagster's own files: which are damaged, and setting those aside, so that Dagster makes them anew.

They hold the record of runs and the state of sensors, on which tables and index do not depend.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from fashion_assets.orchestration.dagster_home import damaged_settings
from fashion_assets.storage.set_aside import set_aside

_BESIDE = ("-wal", "-shm", "-journal")
"""Files of SQLite that belong to a database."""


def databases(home: Path) -> list[Path]:
    """The SQLite databases in Dagster's home: of runs, of all events, of schedules, and of the events of each run."""
    return sorted(home.glob("history/**/*.db")) + sorted(home.glob("schedules/*.db"))


def damaged_databases(home: Path) -> Iterator[tuple[Path, str]]:
    """Each database that SQLite finds damaged, and why. One that another process has locked is not damaged."""
    for file in databases(home):
        try:
            with closing(sqlite3.connect(_address(file), uri=True)) as database:
                (answer,) = database.execute("PRAGMA quick_check(1)").fetchone()
                has_tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                yield file, str(error)
        except sqlite3.DatabaseError as error:
            yield file, str(error)
        else:
            if answer != "ok":
                yield file, str(answer)
            elif not has_tables:
                yield file, "it has no table"


def damaged_files(home: Path) -> Iterator[tuple[Path, str]]:
    """Each file in Dagster's home that is damaged, and why: its settings, and its databases."""
    yield from ((file, "it is cut short or overwritten") for file in damaged_settings(home))
    yield from damaged_databases(home)


def _address(file: Path) -> str:
    """How SQLite opens the file without writing; where nothing can be written, it must be told that nothing changes."""
    return f"{file.as_uri()}?mode=ro{'' if os.access(file.parent, os.W_OK) else '&immutable=1'}"


def set_damaged_aside(home: Path, folder: Path) -> list[Path]:
    """Rename the damaged files into `folder`; returns their old places. Nobody may have them open."""
    moved = []
    for file, _ in list(damaged_files(home)):
        for path in (file, *(file.with_name(file.name + ending) for ending in _BESIDE)):
            if path.exists():
                set_aside(path, home.parent, folder)
        moved.append(file)
    return moved
