"""One batch being computed: what the pure functions of every stage need besides the batch's rows and the models."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class BatchContext:
    """The batch, where its tables and photos are, and `log`, which gets lines of progress for people."""

    batch: str
    store: TableStore
    photos_root: Path
    log: Callable[[str], None]
