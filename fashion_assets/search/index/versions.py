"""The LanceDB index: built as a new version, promoted by moving one tag, read at a pinned version.

One table holds one row per product with every vector column; the five search indexes are its vector columns. A build
adds a new version and keeps the old ones, so nothing that is served changes before a promotion. Only one process may
write at a time (LanceDB does not prevent two), which `sole_writer.py` ensures. `build.py` builds a whole version,
`update.py` makes one from an older one. `tables.py` records what was promoted, when and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import IndexMissing, IndexRefused
from fashion_assets.search.index.declarations import SEARCH_INDEXES
from fashion_assets.search.index.place import lance_location
from fashion_assets.storage.object_store import is_object_store, require_reachable
from fashion_assets.storage.places import file_system_errors

if TYPE_CHECKING:
    from lancedb.table import Table

TABLE = "products"
LIVE = "live"
"""The tag of the served version."""

BUILT = "built-"
"""Prefix of the tag of each finished version."""

INDEXES: Mapping[str, str] = MappingProxyType({index.name: index.vector_column for index in SEARCH_INDEXES})
"""Search index to vector column; baseline and enriched searches share the image index."""

SEARCHED_TEXT: Mapping[str, str] = MappingProxyType(
    {index.name: index.text_column for index in SEARCH_INDEXES if index.text_column is not None}
)
"""Search index to the column that its full-text queries search; baseline searches never see extracted values."""

CATEGORY_COLUMNS = ("master_category", "article_type", "base_color", "gender", "season", "usage")

FACTS_OF = "product_id"
"""The column whose metadata holds the facts: LanceDB can change the metadata of a column, but not of the table."""


@dataclass(frozen=True)
class IndexFacts:
    """The provenance of a version; stored in the version itself, so that it cannot be separated from its vectors."""

    embedding_model: str
    embedding_dimension: int
    content_fingerprint: str
    full_text: str = "English"
    """How its words are indexed (the version of a FullText), which an update cannot change."""

    @property
    def texts(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class BuiltIndex:
    """A finished version, ready for its checks and promotion."""

    version: int
    rows: int
    facts: IndexFacts


def finished(table: Table) -> BuiltIndex:
    """Tag the newest version of `table` as finished; only finished versions can be promoted."""
    table.tags.create(_built_tag(table.version), table.version)
    return built_index(table)


def write_facts(table: Table, facts: IndexFacts) -> None:
    """Store the provenance in the newest version of `table`."""
    table.update_field_metadata({"path": FACTS_OF, "metadata": facts.texts})


def promote(uri: str, version: int) -> int | None:
    """Make `version` the live one; returns the version that was live before. A rollback promotes an older version.

    Raises SearchError if `version` is not a finished build.
    """
    tags = open_newest(uri).tags
    present = tags.list()
    if _built_tag(version) not in present:
        finished = sorted(int(tag.removeprefix(BUILT)) for tag in present if tag.startswith(BUILT))
        raise IndexRefused(
            value=f"Index version {version} was never finished",
            rule="only a finished one can go live",
            remedy=f"promote one of {finished} or build a new one",
        )
    before = live_version(uri)
    if before is None:
        tags.create(LIVE, version)
    else:
        tags.update(LIVE, version)
    return before


def live_version(uri: str) -> int | None:
    """The live version, None before the first promotion."""
    try:
        live = open_newest(uri).tags.list().get(LIVE)
    except IndexMissing:
        return None
    return live["version"] if live else None


def open_live(uri: str, version: int | None = None) -> Table:
    """The index pinned at `version`, by default the live one: it never changes for its reader.

    Raises IndexMissing if nothing was promoted, or the version does not exist (any more).
    """
    table = open_newest(uri)
    version = live_version(uri) if version is None else version
    if version is None:
        raise IndexMissing(
            value=f"No version of the index at '{uri}' was promoted",
            rule="a search needs one",
            remedy="run `fashion run`, which builds one",
        )
    try:
        table.checkout(version)
    except ValueError as error:
        raise IndexMissing(
            value=f"The index at '{uri}' has no version {version}",
            rule="only an existing version can be opened",
            remedy="open the live version, or run `fashion run`, which builds one",
        ) from error
    return table


def built_index(table: Table) -> BuiltIndex:
    """The version that `table` is pinned at, as `build_index` returned it."""
    return BuiltIndex(table.version, table.count_rows(), index_facts(table))


def index_facts(table: Table) -> IndexFacts:
    """The provenance of the version that `table` is pinned at."""
    stored = {key.decode(): value.decode() for key, value in _metadata(table).items()}
    return IndexFacts(
        stored["embedding_model"],
        int(stored["embedding_dimension"]),
        stored["content_fingerprint"],
        stored.get("full_text", IndexFacts.full_text),
    )


def _metadata(table: Table) -> dict[bytes, bytes]:
    """Versions before the first incremental one have their facts in the table's metadata, not in a column's."""
    return table.schema.field(FACTS_OF).metadata or table.schema.metadata


def indexed_ids(table: Table) -> pl.Series:
    """The product ids in the version that `table` is pinned at, as Int64, unordered."""
    stored = table.search().select(["product_id"]).limit(table.count_rows()).to_arrow()
    return pl.DataFrame(stored)["product_id"]


def without(ids: pl.Series, others: pl.Series) -> pl.Series:
    """The `ids` that are not in `others`, ascending."""
    return ids.filter(~ids.is_in(others.implode())).sort()


def open_newest(uri: str) -> Table:
    """The newest version of the index, promoted or not; raises IndexMissing if there is none."""
    import lancedb

    require_reachable(uri)
    missing = IndexMissing(
        value=f"There is no index at '{uri}'",
        rule="a search needs one",
        remedy="run `fashion run`, which builds one",
    )
    if not is_object_store(uri) and not Path(uri).is_dir():
        raise missing
    try:
        with file_system_errors(uri):
            return lancedb.connect(lance_location(uri)).open_table(TABLE)
    except ValueError as error:
        raise missing from error


def _built_tag(version: int | str) -> str:
    return f"{BUILT}{version}"
