"""The hand labels of a shop: from a file, the demo catalog's truth, or the answers to the random audit."""

from pathlib import Path

import polars as pl

from fashion_assets.catalog.product_names import key_finder
from fashion_assets.errors import NotComputed
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.labels.random_audit import read_audit_labels
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore


def labels_at_hand(
    settings: Settings, store: TableStore, file: Path | None = None, is_audit: bool = False
) -> pl.DataFrame:
    """The labels of `file`, else the demo catalog's truth; for another catalog, or if `is_audit`, the random audit's.

    Raises SourceError for a file that cannot be read.
    """
    if file is not None:
        return read_labels(file, key_of=key_finder(store))
    if settings.own_labels is not None and not is_audit:
        return read_labels(settings.own_labels)
    return read_audit_labels(store)


def require_labels(labels: pl.DataFrame) -> pl.DataFrame:
    """`labels`; raises NotComputed when there are none."""
    if labels.is_empty():
        raise NotComputed(
            value="No labels are given, and nobody has answered the random audit yet",
            rule="accuracy is measured against labels",
            remedy="answer it with `fashion review --by NAME`, or name a CSV file of hand labels",
        )
    return labels
