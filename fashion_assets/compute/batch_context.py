"""One batch being computed: what the pure functions of every stage need besides the batch's rows and the models."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class BatchContext:
    """The batch by its `key`, as `batch_00003`, its tables and photos, and `log`, which gets progress for people."""

    key: str
    store: TableStore
    photos_root: Path
    log: Callable[[str], None]
