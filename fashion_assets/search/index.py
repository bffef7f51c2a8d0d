"""The LanceDB index: built as a new version, promoted by moving one tag, read at a pinned version.

One table holds one row per product with every vector column; the five search indexes are its vector columns. A build
writes a new version beside the old ones, so what is served never changes before a promotion. There may be one writer
at a time (LanceDB does not guard against two), which `sole_writer.py` sees to. Here a version is built whole;
`update.py` makes one from an older one. What was promoted, when and why is recorded by `tables.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS, VISUAL_COLUMNS
from fashion_assets.embeddings.vectors import vector_problems
from fashion_assets.errors import IndexMissing, SearchError
from fashion_assets.storage.hashing import content_fingerprint, with_row_hash
from fashion_assets.storage.object_store import require_reachable
from fashion_assets.storage.table import ROW_HASH

if TYPE_CHECKING:
    import pyarrow as pa
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
TEXT_COLUMNS = ("baseline_description", "rich_text_description", "embedded_text")
STORED_COLUMNS = (*SOURCE_COLUMN_NAMES, *TEXT_COLUMNS, *VISUAL_COLUMNS, ROW_HASH, *VECTOR_COLUMNS)

EXACT_VECTORS = 4_000
"""Up to this many vectors, a column has no index: a query reads them all and misses none, in about 10 ms at 512 numbers
(measured on two cores, benchmarks/results/search-growth-512.md)."""

M, EF_CONSTRUCTION = 16, 300
"""Neighbours of a vector in its column's graph, and the breadth of the search for them while it is built.

Measured on 44,424 x 512: a breadth of 150 halves the build, but recall@20 falls from 0.999 to 0.987 in some builds; 20
neighbours find no more; four partitions instead of one make filtered queries slower. One does for 500,000 as well.
"""

_FACTS_OF = "product_id"
"""The column whose metadata holds the facts: LanceDB can change a column's, but not the table's."""


@dataclass(frozen=True)
class IndexFacts:
    """What a version was made of; stored in the version itself, so that it cannot part from its vectors."""

    embedding_model: str
    embedding_dimension: int
    content_fingerprint: str


@dataclass(frozen=True)
class BuiltIndex:
    """A finished version, ready to be checked and promoted."""

    version: int
    rows: int
    facts: IndexFacts


def index_fingerprint(rows: pl.DataFrame) -> str:
    """One hash of all that an index of `rows` (EMBEDDINGS schema) depends on: equal hash, no need to rebuild."""
    return content_fingerprint(rows, EMBEDDINGS.hashed_columns)


def build_index(
    uri: str, rows: pl.DataFrame, embedding_model: str, content_fingerprint: str | None = None
) -> BuiltIndex:
    """Write `rows` (EMBEDDINGS schema) as a new version of the index at `uri`, with all its indexes.

    `content_fingerprint` is that of the rows that these were chosen from, by default that of `rows` themselves.
    Readers of other versions notice nothing. Null vectors (products without a photo) are stored as nulls, which no
    vector search returns. Raises SearchError when `rows` are empty, repeat a product, hold vectors of another model
    than `embedding_model`, or malformed ones.
    """
    import lancedb

    facts = facts_of(rows, embedding_model, content_fingerprint)
    require_reachable(uri)
    database = lancedb.connect(uri)
    table = database.create_table(
        TABLE,
        arrow_rows(rows, facts),
        mode="overwrite" if TABLE in database.list_tables().tables else "create",  # older versions stay readable
        on_bad_vectors="null",  # only nulls are left after the check above, and LanceDB calls those bad as well
    )
    index_vectors(table, rows)
    _index_facts_and_words(table)
    return finished(table)


def facts_of(rows: pl.DataFrame, embedding_model: str, content_fingerprint: str | None = None) -> IndexFacts:
    """The facts of a version made of `rows`; raises SearchError when they cannot make one, as `build_index` does."""
    dimension = _checked_dimension(rows, embedding_model)
    return IndexFacts(embedding_model, dimension, content_fingerprint or index_fingerprint(rows))


def finished(table: Table) -> BuiltIndex:
    """Mark the newest version of `table` as built to its end; only such versions can be promoted."""
    table.tags.create(_built_tag(table.version), table.version)
    return built_index(table)


def write_facts(table: Table, facts: IndexFacts) -> None:
    """Have the newest version of `table` say what it was made of."""
    table.update_field_metadata({"path": _FACTS_OF, "metadata": _texts(facts)})


def promote(uri: str, version: int) -> int | None:
    """Make `version` the one that is served; returns the version served before. Also the way back: promote an old one.

    Raises SearchError when `version` is not a finished build.
    """
    tags = open_newest(uri).tags
    present = tags.list()
    if _built_tag(version) not in present:
        finished = sorted(int(tag.removeprefix(BUILT)) for tag in present if tag.startswith(BUILT))
        raise SearchError(
            f"Index version {version} was never built to its end; promote one of {finished} or build a new one."
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
        raise IndexMissing(f"No version of the index at '{uri}' was promoted; build and promote one first.")
    try:
        table.checkout(version)
    except ValueError as error:
        raise IndexMissing(
            f"The index at '{uri}' has no version {version}; open the live version or build a new one."
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
    return table.schema.field(_FACTS_OF).metadata or table.schema.metadata


def indexed_ids(table: Table) -> set[int]:
    """The products in the version that `table` is pinned at."""
    return set(table.search().select(["product_id"]).limit(table.count_rows()).to_arrow()["product_id"].to_pylist())


def open_newest(uri: str) -> Table:
    """The index as it was written last, promoted or not; raises IndexMissing when there is none."""
    import lancedb

    require_reachable(uri)
    try:
        return lancedb.connect(uri).open_table(TABLE)
    except ValueError as error:
        raise IndexMissing(f"There is no index at '{uri}'; build and promote one first.") from error


def _built_tag(version: int | str) -> str:
    return f"{BUILT}{version}"


def _checked_dimension(rows: pl.DataFrame, embedding_model: str) -> int:
    if rows.is_empty():
        raise SearchError("There are 0 rows to index, and an empty index answers nothing; embed some products first.")
    repeated = rows.filter(pl.col("product_id").is_duplicated())["product_id"]
    if len(repeated):
        raise SearchError(f"Product {repeated.min()} is there twice, but the index holds each once; merge the batches.")
    others = rows.filter(pl.col("embedding_model").ne_missing(embedding_model))
    if len(others):
        raise SearchError(
            f"{len(others)} rows hold vectors of '{others['embedding_model'][0]}', but the index is one of "
            f"'{embedding_model}' and vectors of two models cannot be compared; re-embed those batches."
        )
    problems = vector_problems(rows, list(VECTOR_COLUMNS), readable_photo_ids=())
    if not problems.is_well_formed:
        raise SearchError(
            f"{problems.not_finite} vectors are not finite, {problems.wrong_norm} are not of length 1, and their "
            f"dimensions are {problems.dimensions}, where one is allowed; re-embed the products, first of which are "
            f"{problems.malformed_ids}."
        )
    return problems.dimensions[0]


def with_index_hash(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` (EMBEDDINGS schema, current prices) with the hash that tells whether a product's row has changed."""
    return with_row_hash(rows, EMBEDDINGS.hashed_columns)


def arrow_rows(rows: pl.DataFrame, facts: IndexFacts) -> pa.Table:
    """`rows` as LanceDB wants them: vectors as fixed-size lists, texts as plain strings, the facts as metadata."""
    import pyarrow as pa

    vector = pl.Array(pl.Float32, facts.embedding_dimension)
    hashed = with_index_hash(rows.sort("product_id"))
    table = hashed.select(STORED_COLUMNS).with_columns(pl.col(VECTOR_COLUMNS).cast(vector)).to_arrow()
    is_text = {name for name in STORED_COLUMNS if hashed.schema[name] == pl.String}
    fields = [field.with_type(pa.string()) if field.name in is_text else field for field in table.schema]
    schema = pa.schema([field.with_metadata(_texts(facts)) if field.name == _FACTS_OF else field for field in fields])
    return table.cast(schema)


def _texts(facts: IndexFacts) -> dict[str, str]:
    return {name: str(value) for name, value in vars(facts).items()}


def index_vectors(table: Table, rows: pl.DataFrame) -> None:
    """Give each vector column of `table` that holds more than EXACT_VECTORS of `rows` its index, unless it has one."""
    from lancedb.index import IvfHnswSq

    indexed = {column for index in table.list_indices() for column in index.columns}
    for name in VECTOR_COLUMNS:
        if name not in indexed and rows[name].count() > EXACT_VECTORS:
            table.create_index(
                name, config=IvfHnswSq(distance_type="cosine", num_partitions=1, m=M, ef_construction=EF_CONSTRUCTION)
            )


def _index_facts_and_words(table: Table) -> None:
    from lancedb.index import FTS, Bitmap, BTree

    for name in CATEGORY_COLUMNS:
        table.create_index(name, config=Bitmap())
    table.create_index("price", config=BTree())
    for name in dict.fromkeys(SEARCHED_TEXT.values()):
        table.create_index(name, config=FTS())
