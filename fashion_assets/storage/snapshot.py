"""A store whose tables stand still, for what reads them more than once."""

from deltalake import DeltaTable

from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table


class Snapshot(TableStore):
    """Another store's tables as they were when each was first read here, whatever is written meanwhile.

    For reading within hours: what a table has replaced is deleted from its disk after a week at the earliest.
    """

    def __init__(self, store: TableStore):
        super().__init__(store.uri, store.storage_options)
        self._first_seen: dict[str, DeltaTable | None] = {}

    def _open(self, table: Table) -> DeltaTable | None:
        if table.name not in self._first_seen:
            self._first_seen[table.name] = super()._open(table)
        return self._first_seen[table.name]
