"""Whether the live version of the index is still there and can be searched.

After each promotion the sizes of the index's files are listed, so that one look at the folder shows what is missing or
cut short, without loading LanceDB. Where the list does not fit, the version is opened and searched to be sure.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from fashion_assets.errors import FashionError, IndexMissing
from fashion_assets.search.index.versions import (
    INDEXES,
    LIVE,
    SEARCHED_TEXT,
    TABLE,
    index_facts,
    indexed_ids,
    open_live,
    open_newest,
)
from fashion_assets.search.query.candidates import answers, containing, nearest, searched_column
from fashion_assets.search.tables import live_promotion
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.reader import TableReader

if TYPE_CHECKING:
    from lancedb.table import Table

_LIST = "files.json"
_TAGS = Path(f"{TABLE}.lance", "_refs", "tags")
_UNLISTED = (str(_TAGS), str(Path(f"{TABLE}.lance", "_transactions")), "latest_version_hint.json", _LIST)
"""What changes without a promotion, or is not needed to search."""

_ENDS = {".lance": b"LANC", ".manifest": b"LANC", ".arrow": b"ARROW1"}
"""The last bytes of Lance's data, index and manifest files, and of its lists of deleted rows, by suffix."""


def index_loss(store: TableReader, uri: str) -> str | None:
    """Why the live version cannot be searched, as a clause; None if it can, and before the first promotion."""
    live = live_promotion(store)
    return None if live is None else version_loss(uri, live["index_version"])


def version_loss(uri: str, version: int) -> str | None:
    """Why `version` cannot be searched, as a clause; None if it can."""
    if not is_object_store(uri) and _is_as_listed(Path(uri), version):
        return None
    loss = unreadable(uri, version)
    if loss is None:
        list_files(uri, version)
    return loss


def list_files(uri: str, version: int) -> None:
    """Write the list of the files of the index, in a folder, whose live version is `version`."""
    if is_object_store(uri) or not os.access(uri, os.W_OK):
        return
    content = json.dumps({"version": version, "files": _sizes(Path(uri))})
    unfinished = Path(uri, f".{_LIST}")
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(Path(uri, _LIST))


def unreadable(uri: str, version: int, is_whole: bool = False) -> str | None:
    """Why `version` cannot be searched, found by opening and searching it, or with `is_whole` by reading every row."""
    if (changed := _changed_file(uri)) is not None:
        return f"The file '{changed}' of the index is cut short or overwritten"
    try:
        table = open_live(uri, version)
        if LIVE not in open_newest(uri).tags.list():
            return f"The index at '{uri}' has lost its tag '{LIVE}'"
        _search_once(uri, table)
        if is_whole:
            table.to_arrow()
    except IndexMissing as missing:
        return missing.value
    except FashionError:
        raise
    except Exception as error:  # LanceDB has no type of its own for what is damaged
        why = " ".join(str(error).split(", /")[0].split())
        return f"Version {version} of the index at '{uri}' cannot be read ({why})"
    return None


@contextmanager
def loss_named(uri: str, version: int) -> Iterator[None]:
    """Raises IndexMissing, with the command that repairs, if the block failed because the index is lost or damaged."""
    try:
        yield
    except Exception as error:
        if isinstance(error, FashionError) and not isinstance(error, IndexMissing):
            raise
        loss = unreadable(uri, version)
        if loss is None:
            raise
        raise IndexMissing(
            value=loss, rule="a search needs it", remedy="run `fashion run`, which builds it again"
        ) from error


def _search_once(uri: str, table: "Table") -> None:
    """Read all ids and search each column once, which opens every file that a search needs."""
    import numpy as np

    indexed_ids(table)
    vector = np.ones(index_facts(table).embedding_dimension)
    for column in dict.fromkeys(INDEXES.values()):
        answers(nearest(table, vector, column, 1))
    for text_column in dict.fromkeys(SEARCHED_TEXT.values()):
        column = searched_column(table, text_column)
        texts = pl.DataFrame(table.search().select([column]).limit(1).to_arrow())[column]
        words = " ".join(texts.drop_nulls()).split()  # only a word that occurs has its postings read
        containing(table, words[:3] or ["a"], column, 1).select(["product_id"]).to_arrow()
    if not is_object_store(uri):
        _require_index_files(uri, table)


def _require_index_files(uri: str, table: "Table") -> None:
    """Raise FileNotFoundError unless the files of each search structure have the size that the version records."""
    for structure in table.list_indices():
        folder = Path(uri, f"{TABLE}.lance", "_indices", str(structure.index_uuid))
        size = sum(path.stat().st_size for path in folder.glob("*"))
        if structure.num_segments == 1 and size != structure.size_bytes:
            raise FileNotFoundError(f"of {structure.size_bytes} bytes in '{folder}' there are {size}")


def _listed(folder: Path) -> Mapping[str, Any]:
    """The list as it was written; empty if there is none that can be read."""
    try:
        listed = json.loads((folder / _LIST).read_bytes())
    except (FileNotFoundError, ValueError):  # one from before there were lists, or cut short itself
        return {}
    return listed if isinstance(listed, dict) else {}


def _changed_file(uri: str) -> Path | None:
    """The first listed file that is there and not as it was: LanceDB never changes such a file."""
    if is_object_store(uri):
        return None
    for name, size in _listed(Path(uri)).get("files", {}).items():
        file = Path(uri, name)
        if file.is_file() and not _is_whole(file, size):
            return file
    return None


def _is_as_listed(folder: Path, version: int) -> bool:
    """Whether all listed files, those of `version`, are there, a tag names what is live, and no tag is damaged."""
    listed = _listed(folder)
    if listed.get("version") != version:
        return False
    if not all((folder / name).is_file() and _is_whole(folder / name, size) for name, size in listed["files"].items()):
        return False
    try:
        tags = {file.stem: json.loads(file.read_bytes()) for file in (folder / _TAGS).glob("*.json")}
        numbers = [tag[name] for tag in tags.values() for name in ("version", "manifestSize")]
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # lost or cut short: open the index to be sure
        return False
    return LIVE in tags and all(isinstance(number, int) and 0 < number < 2**63 for number in numbers)


def _is_whole(file: Path, size: int) -> bool:
    if file.stat().st_size != size:
        return False
    end = _ENDS.get(file.suffix, b"")
    with file.open("rb") as opened:
        opened.seek(-min(len(end), size), 2)
        return opened.read() == end


def _sizes(folder: Path) -> Mapping[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file())
    named = ((str(path.relative_to(folder)), path) for path in files)
    return {name: path.stat().st_size for name, path in named if not any(part in name for part in _UNLISTED)}
