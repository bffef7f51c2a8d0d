"""Batches of a table whose rows were lost, until they are written again: an empty file for each, beside the tables."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote, unquote

from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.table import Table

_FOLDER = "_to_recompute"


def mark_lost(uri: str, table: Table, batches: Iterable[str]) -> None:
    """Record that rows of these batches have to be computed again; `uri` is the folder of the tables."""
    folder = Path(uri, _FOLDER, table.name)
    folder.mkdir(parents=True, exist_ok=True)
    for batch in batches:
        (folder / quote(batch, safe="")).touch()


def lost_batches(uri: str, table: Table) -> set[str]:
    """The batches of the table whose rows have to be computed again; none in an object store."""
    folder = Path(uri, _FOLDER, table.name)
    if is_object_store(uri) or not folder.is_dir():
        return set()
    return {unquote(mark.name) for mark in folder.iterdir()}


def clear_lost(uri: str, table: Table, batches: Iterable[str] | None = None) -> None:
    """Record that these batches, or all, have been written again."""
    lost = lost_batches(uri, table)
    for batch in lost if batches is None else lost.intersection(batches):
        Path(uri, _FOLDER, table.name, quote(batch, safe="")).unlink(missing_ok=True)
