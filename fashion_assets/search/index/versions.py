"""The LanceDB index: built as a new version, promoted by moving one tag, read at a pinned version.

One table holds one row per product with every vector column; the five search indexes are its vector columns. A build
writes a new version beside the old ones, so what is served never changes before a promotion. There may be one writer
at a time (LanceDB does not guard against two), which `sole_writer.py` sees to. `build.py` builds a version whole,
`update.py` makes one from an older one. What was promoted, when and why is recorded by `tables.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.errors import IndexMissing, IndexRefused
from fashion_assets.storage.object_store import require_reachable

if TYPE_CHECKING:
    from lancedb.table import Table

TABLE = "products"
LIVE = "live"
"""The tag of the version that is served."""

BUILT = "built-"
"""Begins the tag of each version that was built to its end."""

INDEXES: Mapping[str, str] = MappingProxyType(
    {
        "vs_image_search": "image_embedding",
        "vs_text_search": "text_embedding",
        "vs_hybrid_search": "hybrid_embedding",
        "vs_text_search_enriched": "text_embedding_enriched",
        "vs_hybrid_search_enriched": "hybrid_embedding_enriched",
    }
)
"""Search index to vector column; baseline and enriched searches share the image index."""

SEARCHED_TEXT: Mapping[str, str] = MappingProxyType(
    {
        "vs_text_search": "baseline_description",
        "vs_hybrid_search": "baseline_description",
        "vs_text_search_enriched": "embedded_text",
        "vs_hybrid_search_enriched": "embedded_text",
    }
)
"""Search index to the column that its full-text queries look into; baseline searches never see what was extracted."""

CATEGORY_COLUMNS = ("master_category", "article_type", "base_color", "gender", "season", "usage")

FACTS_OF = "product_id"
"""The column whose metadata holds the facts: LanceDB can change a column's, but not the table's."""


@dataclass(frozen=True)
class IndexFacts:
    """What a version was made of; stored in the version itself, so that it cannot part from its vectors."""

    embedding_model: str
    embedding_dimension: int
    content_fingerprint: str

    @property
    def texts(self) -> dict[str, str]:
        return {name: str(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class BuiltIndex:
    """A finished version, ready to be checked and promoted."""

    version: int
    rows: int
    facts: IndexFacts


def finished(table: Table) -> BuiltIndex:
    """Mark the newest version of `table` as built to its end; only such versions can be promoted."""
    table.tags.create(_built_tag(table.version), table.version)
    return built_index(table)


def write_facts(table: Table, facts: IndexFacts) -> None:
    """Have the newest version of `table` say what it was made of."""
    table.update_field_metadata({"path": FACTS_OF, "metadata": facts.texts})


def promote(uri: str, version: int) -> int | None:
    """Make `version` the one that is served; returns the version served before. Also the way back: promote an old one.

    Raises SearchError when `version` is not a finished build.
    """
    tags = open_newest(uri).tags
    present = tags.list()
    if _built_tag(version) not in present:
        finished = sorted(int(tag.removeprefix(BUILT)) for tag in present if tag.startswith(BUILT))
        raise IndexRefused(
            value=f"Index version {version} was never built to its end",
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
    """The version that is served, None before the first promotion."""
    try:
        live = open_newest(uri).tags.list().get(LIVE)
    except IndexMissing:
        return None
    return live["version"] if live else None


def open_live(uri: str, version: int | None = None) -> Table:
    """The index pinned at `version`, by default the live one: it never changes under its reader.

    Raises IndexMissing when nothing was promoted, or there is no such version (any more).
    """
    table = open_newest(uri)
    version = live_version(uri) if version is None else version
    if version is None:
        raise IndexMissing(
            value=f"No version of the index at '{uri}' was promoted",
            rule="a search needs one",
            remedy="build and promote one first",
        )
    try:
        table.checkout(version)
    except ValueError as error:
        raise IndexMissing(
            value=f"The index at '{uri}' has no version {version}",
            rule="only a version that is there can be opened",
            remedy="open the live version or build a new one",
        ) from error
    return table


def built_index(table: Table) -> BuiltIndex:
    """The version that `table` is pinned at, as `build_index` returned it."""
    return BuiltIndex(table.version, table.count_rows(), index_facts(table))


def index_facts(table: Table) -> IndexFacts:
    """What the version that `table` is pinned at was made of."""
    stored = {key.decode(): value.decode() for key, value in _metadata(table).items()}
    return IndexFacts(stored["embedding_model"], int(stored["embedding_dimension"]), stored["content_fingerprint"])


def _metadata(table: Table) -> dict[bytes, bytes]:
    """Versions before the first incremental one keep their facts with the table, not with a column."""
    return table.schema.field(FACTS_OF).metadata or table.schema.metadata


def indexed_ids(table: Table) -> pl.Series:
    """The products in the version that `table` is pinned at, as Int64 in no order."""
    stored = table.search().select(["product_id"]).limit(table.count_rows()).to_arrow()
    return pl.DataFrame(stored)["product_id"]


def without(ids: pl.Series, others: pl.Series) -> pl.Series:
    """Those of `ids` that are not among `others`, in ascending order."""
    return ids.filter(~ids.is_in(others.implode())).sort()


def open_newest(uri: str) -> Table:
    """The index as it was written last, promoted or not; raises IndexMissing when there is none."""
    import lancedb

    require_reachable(uri)
    try:
        return lancedb.connect(uri).open_table(TABLE)
    except ValueError as error:
        raise IndexMissing(
            value=f"There is no index at '{uri}'",
            rule="a search needs one",
            remedy="build and promote one first",
        ) from error


def _built_tag(version: int | str) -> str:
    return f"{BUILT}{version}"
