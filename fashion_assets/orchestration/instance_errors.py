"""What can be wrong with Dagster's own database: busy, damaged, of another version, without space; each in a sentence.

Nothing is repaired or deleted here: the database holds the record of runs, and tables and index do not depend on it.
"""

import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from fashion_assets.errors import FashionError, InstanceDamaged, InstanceUnusable, InstanceUnwritable

_DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
"""Dagster's local databases; there is one more for the events of each run."""

_LEAST_FREE = 64 * 1024
"""Bytes: with less, SQLite cannot make the files that it needs to open a database, and says nothing of space."""

_RECORD = "Dagster records every run there"
_NEW_HOME = "Dagster then starts a new record, on which tables and index do not depend"


@contextmanager
def instance_errors(home: Path) -> Iterator[None]:
    """Raises InstanceUnusable when Dagster's database or configuration in `home` cannot be used in the block."""
    try:
        yield
    except FashionError:
        raise
    except Exception as error:  # of sqlalchemy, alembic, yaml and dagster, which are not imported for this
        unusable = _unusable(error, home)
        if unusable is None:
            raise
        raise unusable from error


def require_known_schema(home: Path) -> None:
    """Raise InstanceUnusable if a newer Dagster has migrated a local database in `home`, which this one cannot undo."""
    for name in _DATABASES:
        if not (home / name).is_file():
            continue
        with suppress(sqlite3.OperationalError), _reading(home / name) as database:  # locked, or not yet made
            revisions = {revision for (revision,) in database.execute("SELECT version_num FROM alembic_version")}
            if unknown := revisions - _known_revisions():
                raise _of_newer_dagster(home, min(unknown))


@lru_cache
def _known_revisions() -> frozenset[str]:
    """The revisions of the database's schema that the installed Dagster knows."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from dagster._core.storage.sql import ALEMBIC_SCRIPTS_LOCATION

    config = Config()
    config.set_main_option("script_location", ALEMBIC_SCRIPTS_LOCATION)
    return frozenset(script.revision for script in ScriptDirectory.from_config(config).walk_revisions())


def _unusable(error: Exception, home: Path) -> InstanceUnusable | None:
    """The sentence for an error of the database or of `dagster.yaml`; None for any other error."""
    module = type(error).__module__.partition(".")[0]
    if module in ("sqlalchemy", "sqlite3"):
        return _of_database(str(getattr(error, "orig", None) or error), home)
    if module == "yaml" or type(error).__name__ == "DagsterInvalidConfigError":
        return InstanceUnusable(
            value=f"{str(home / 'dagster.yaml')!r} cannot be used ({_in_one_line(error)})",
            rule="Dagster reads its settings there",
            remedy="correct it, or move it away: the next command writes a new one",
        )
    return None


def _of_database(why: str, home: Path) -> InstanceUnusable:
    place = str(home)
    if re.search("is locked|is busy", why):
        return InstanceUnusable(
            value=f"Dagster's database in {place!r} stayed locked by another process for longer than Dagster waits "
            "(5 s, or 30 s for events)",
            rule="only one process can write there at a time",
            remedy="try again when that one has ended (`fuser` names the processes that have a file open)",
        )
    if re.search("not a database|malformed|encrypted", why):
        return InstanceDamaged(
            value=f"Dagster's database {_damaged(home)!r} is damaged ({why})",
            rule=_RECORD,
            remedy="restore it from a backup, run `fashion doctor --repair`, which sets it aside, or move the folder "
            f"{place!r} away: {_NEW_HOME}",
        )
    if re.search("no such (table|column)|no column named", why):
        return InstanceUnusable(
            value=f"Dagster's database in {place!r} is of another version of Dagster ({why})",
            rule="its tables must be those of the installed version",
            remedy=f"run `DAGSTER_HOME={shlex.quote(place)} dagster instance migrate`",
        )
    value = f"Dagster's database in {place!r} cannot be used ({_in_one_line(why)})"
    if "disk is full" in why or (home.is_dir() and shutil.disk_usage(home).free < _LEAST_FREE):
        remedy = "free some space, and run the command again"
        return InstanceUnwritable(value=value, rule=_RECORD, remedy=remedy)
    if re.search("readonly|unable to open", why):
        rule, remedy = "this user must be able to write it", "change its permissions, or use another FASHION_HOME"
        return InstanceUnwritable(value=value, rule=rule, remedy=remedy)
    remedy = "check the disk, or the storage that its dagster.yaml names"
    return InstanceUnusable(value=value, rule=_RECORD, remedy=remedy)


def _of_newer_dagster(home: Path, revision: str) -> InstanceUnusable:
    from dagster import __version__

    return InstanceUnusable(
        value=f"Dagster's database in {str(home)!r} was migrated by a version of Dagster that is newer than the "
        f"installed {__version__} (revision {revision})",
        rule="an older version cannot read what a newer one writes",
        remedy=f"install that version with `pip install --upgrade dagster dagster-webserver`, or move the folder away: "
        f"{_NEW_HOME}",
    )


def _damaged(home: Path) -> str:
    """The first local database that SQLite finds damaged, or the folder if it is that of a run's events."""
    for name in _DATABASES:
        try:
            with suppress(sqlite3.OperationalError), _reading(home / name) as database:  # missing, or locked
                if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                    return str(home / name)
        except sqlite3.DatabaseError:
            return str(home / name)
    return str(home / "history" / "runs")


def _reading(file: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True))


def _in_one_line(error: Exception | str) -> str:
    return " ".join(str(error).split())
