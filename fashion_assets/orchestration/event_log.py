"""Dagster's event log in SQLite, whose files stay open between two events.

Dagster makes an SQLAlchemy engine and opens and closes a file up to five times for every event: each engine compiles
its statements anew, and each close writes SQLite's log back into the file, as no other process has it open. It also
looks whether a table exists for every check. The files, what is in them, and when it is committed are as Dagster has
them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, QueuePool, create_engine


class OpenEventLog(SqliteEventLogStorage):
    """The event log of a process that runs jobs: the files of all runs' assets and of the last run stay open."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None):
        self._engines: dict[str, Engine] = {}
        self._present_tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping) -> "OpenEventLog":
        return cls(inst_data=inst_data, **config_value)

    def dispose(self) -> None:
        super().dispose()
        with self._db_lock:
            self._close_all_but()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            if shard not in self._engines:
                self._close_all_but(INDEX_SHARD_NAME)  # a backfill has thousands of runs
                self._engines[shard] = create_engine(
                    self.conn_string_for_shard(shard),
                    poolclass=QueuePool,
                    pool_size=1,
                    connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
                )
            engine = self._engines[shard]
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def has_table(self, table_name: str) -> bool:
        if table_name not in self._present_tables and super().has_table(table_name):
            self._present_tables.add(table_name)
        return table_name in self._present_tables

    def _close_all_but(self, *shards: str) -> None:
        for shard in self._engines.keys() - shards:
            self._engines.pop(shard).dispose()


def open_event_log(home: Path) -> dict[str, object]:
    """The part of an instance's configuration that makes its event log an OpenEventLog, in the default place."""
    return {
        "event_log_storage": {
            "module": OpenEventLog.__module__,
            "class": OpenEventLog.__name__,
            "config": {"base_dir": str(home / "history" / "runs")},
        }
    }
