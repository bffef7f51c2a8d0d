"""How many photos go into a micro-batch: what fits into memory, and what is known not to fit.

`extract.py` halves a micro-batch after an out-of-memory error; here the size is recorded, so that the next run, perhaps
in another process, starts with one that fits.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import polars as pl

from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.tables import OUT_OF_MEMORY_EVENTS
from fashion_assets.storage.store import TableStore

LARGEST = 64
"""Photos. Four times as many were only a tenth faster on an H100, and answers are journalled every 64 photos."""

SHARE_OF_FREE_MEMORY = 0.5
"""The estimate of the memory for a photo leaves out what libraries allocate."""

REMEMBERED = timedelta(days=7)
"""Afterwards the full size is tried again: whatever filled the memory may be gone."""


def fitting_micro_batch(free_bytes: int, bytes_per_photo: float) -> int:
    """The largest power of two, up to LARGEST, of photos that fit into SHARE_OF_FREE_MEMORY of `free_bytes`."""
    photos = max(0, int(free_bytes * SHARE_OF_FREE_MEMORY / max(bytes_per_photo, 1.0)))
    return min(LARGEST, 1 << max(0, photos.bit_length() - 1))


@contextmanager
def remembering(model: VisionLanguageModel, device: str, store: TableStore) -> Iterator[None]:
    """Start `model` with a micro-batch that fits on `device` (its name), and record if it had to be halved."""
    model_id = model.identity.model_id
    model.micro_batch = min(model.micro_batch, remembered_limit(store, model_id, device, datetime.now(UTC)))
    initial = model.micro_batch
    try:
        yield
    finally:
        if model.micro_batch < initial:
            remember(store, model_id, device, 2 * model.micro_batch, datetime.now(UTC))


def remembered_limit(store: TableStore, model_id: str, device: str, now: datetime) -> int:
    """Half the smallest micro-batch that recently did not fit on `device` (its name); LARGEST if none is recorded."""
    events = store.read(OUT_OF_MEMORY_EVENTS).filter(
        pl.col("model_id") == model_id, pl.col("device") == device, pl.col("at") > now - REMEMBERED
    )
    return LARGEST if events.is_empty() else max(1, int(events.select(pl.min("micro_batch")).item()) // 2)


def remember(store: TableStore, model_id: str, device: str, micro_batch: int, now: datetime) -> None:
    """Record a micro-batch that did not fit."""
    event = {"micro_batch": micro_batch, "model_id": model_id, "device": device, "at": now}
    store.append(OUT_OF_MEMORY_EVENTS, pl.DataFrame([event]))
