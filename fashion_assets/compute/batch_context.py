"""The context of one batch: what the pure functions of every stage need besides the batch's rows and the models."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class BatchContext:
    """The batch's `key`, such as `batch_00003`, its tables and photos, and `log` for progress messages."""

    key: str
    store: TableStore
    photos_root: Path
    log: Callable[[str], None]
