"""The addresses that one run wants, and the stage of each: in a temporary table, so that memory stays flat."""

import sqlite3
from collections.abc import Iterable, Mapping
from enum import StrEnum

from fashion_assets.catalog.fetching.addresses import read_address
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import (
    REMEMBERED,
    Failure,
    Kind,
    Outcome,
    Photo,
    Task,
    Validators,
)
from fashion_assets.catalog.fetching.state import record, transaction

_TASKS_AT_ONCE = 200
_REMEMBERED_KINDS = ", ".join(f"'{kind}'" for kind in REMEMBERED)


class Stage(StrEnum):
    """Of a wanted address. `problem` goes with the last three, and with UNUSABLE and REMEMBERED."""

    DUE = "due"
    UNUSABLE = "unusable"
    """No address that can be asked for."""
    FRESH = "fresh"
    """Had or checked a short time ago."""
    REMEMBERED = "remembered"
    """It failed a short time ago, and lastingly."""
    FETCHED = "fetched"
    REVALIDATED = "revalidated"
    FAILED = "failed"
    NOT_ASKED = "not asked"


Group = tuple[Stage, str | None, bool, int]
"""Of addresses: their stage and problem, whether they have a photo, and how many there are."""


class WantedPhotos:
    """The addresses of one run; `connection` is that of the state, and only this writes to it."""

    def __init__(self, connection: sqlite3.Connection, limits: FetchLimits):
        self._connection = connection
        self._limits = limits

    def add(self, addresses: Iterable[str], now: float, force: bool) -> None:
        """Find the stage of every address, each once; with `force`, whatever can be asked for is due."""
        rows = (
            (number, address.text, address.host, address.problem, Stage.UNUSABLE if address.problem else Stage.DUE)
            for number, address in enumerate(map(read_address, addresses))
        )
        with transaction(self._connection):
            self._connection.execute(
                "CREATE TEMP TABLE wanted"
                " (number INTEGER, address TEXT PRIMARY KEY, host TEXT, problem TEXT, stage TEXT) WITHOUT ROWID"
            )
            self._connection.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?, ?, ?, ?)", rows)
            if not force:
                self._find_what_can_wait(now)
            self._connection.execute(f"CREATE INDEX temp.due ON wanted (host, number) WHERE stage = '{Stage.DUE}'")

    def _find_what_can_wait(self, now: float) -> None:
        """Times in the future are of a clock that was wrong, and count for nothing."""
        self._connection.execute(
            f"""
            UPDATE wanted SET
                stage = CASE WHEN photos.problem_at IS NULL THEN '{Stage.FRESH}' ELSE '{Stage.REMEMBERED}' END,
                problem = photos.problem
            FROM photos WHERE photos.address = wanted.address AND stage = '{Stage.DUE}' AND (
                (photos.kind IN ({_REMEMBERED_KINDS}) AND photos.problem_at BETWEEN :failed_after AND :now)
                OR (photos.kind IS NULL AND photos.checked_at BETWEEN :checked_after AND :now)
            )
            """,
            {
                "now": now,
                "failed_after": now - self._limits.remember_seconds,
                "checked_after": now - self._limits.revalidate_after_seconds,
            },
        )

    def due_by_host(self) -> dict[str, int]:
        """The number of due addresses of each host, in the order of the catalog."""
        query = f"SELECT host, count(*) FROM wanted WHERE stage = '{Stage.DUE}' GROUP BY host ORDER BY min(number)"
        return dict(self._connection.execute(query).fetchall())

    def tasks(self, host: str, after: int) -> list[Task]:
        """The next due addresses of a host, in the order of the catalog, with numbers greater than `after`."""
        rows = self._connection.execute(
            f"""
            SELECT wanted.address, wanted.number, sha256, etag, modified, answered_by, missing_since
            FROM wanted LEFT JOIN photos ON photos.address = wanted.address
            WHERE host = ? AND number > ? AND stage = '{Stage.DUE}' ORDER BY number LIMIT {_TASKS_AT_ONCE}
            """,
            (host, after),
        )
        return [
            Task(address, host, number, sha256, Validators(*validators), missing_since)
            for address, number, sha256, *validators, missing_since in rows
        ]

    def settle(self, outcomes: Iterable[tuple[Task, Outcome]], now: float) -> None:
        """Keep the outcomes, all or none."""
        with transaction(self._connection):
            for task, outcome in outcomes:
                record(self._connection, task, outcome, now, self._limits.remember_seconds)
                problem = outcome.problem if isinstance(outcome, Failure) else None
                self._connection.execute(
                    "UPDATE wanted SET stage = ?, problem = ? WHERE address = ?",
                    (_stage(task, outcome), problem, task.address),
                )

    def give_up(self, hosts: Mapping[str, str], now: float) -> None:
        """What is still due of these hosts was not asked for, for the given reasons."""
        rows = [{"host": host, "problem": f"its host was given up: {hosts[host]}", "now": now} for host in hosts]
        is_due = f"host = :host AND stage = '{Stage.DUE}'"
        with transaction(self._connection):
            self._connection.executemany(
                f"""
                INSERT INTO photos (address, kind, problem, problem_at)
                SELECT address, '{Kind.LATER}', :problem, :now FROM wanted WHERE {is_due}
                ON CONFLICT (address) DO UPDATE SET
                    kind = excluded.kind, problem = excluded.problem, problem_at = excluded.problem_at
                WHERE sha256 IS NULL
                """,
                rows,
            )
            self._connection.executemany(
                f"UPDATE wanted SET stage = '{Stage.NOT_ASKED}', problem = :problem WHERE {is_due}", rows
            )

    def groups(self) -> list[Group]:
        """All addresses, counted by stage, problem and whether they have a photo; the largest groups first."""
        rows = self._connection.execute(
            """
            SELECT stage, wanted.problem, sha256 IS NOT NULL, count(*)
            FROM wanted LEFT JOIN photos ON photos.address = wanted.address
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2
            """
        )
        return [(Stage(stage), problem, bool(has_photo), count) for stage, problem, has_photo, count in rows]

    def examples(self, group: Group, count: int) -> tuple[str, ...]:
        """The first addresses of a group."""
        stage, problem, has_photo, _ = group
        rows = self._connection.execute(
            """
            SELECT wanted.address FROM wanted LEFT JOIN photos ON photos.address = wanted.address
            WHERE stage = ? AND wanted.problem IS ? AND (sha256 IS NOT NULL) = ? ORDER BY number LIMIT ?
            """,
            (stage, problem, has_photo, count),
        )
        return tuple(address for (address,) in rows)


def _stage(task: Task, outcome: Outcome) -> Stage:
    if isinstance(outcome, Failure):
        return Stage.FAILED
    return Stage.FETCHED if isinstance(outcome, Photo) and outcome.sha256 != task.sha256 else Stage.REVALIDATED
