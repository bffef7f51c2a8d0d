"""Builds a whole index version, and has what every write shares: row checks, schema, vector indexes.

Rows stream into LanceDB, so that a build takes the memory of a few batches and of its graphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.embeddings.tables import VECTOR_COLUMNS, embeddings_table
from fashion_assets.embeddings.vectors import vector_problems
from fashion_assets.errors import IndexRefused
from fashion_assets.search.index.place import lance_location
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.versions import (
    CATEGORY_COLUMNS,
    FACTS_OF,
    SEARCHED_TEXT,
    TABLE,
    BuiltIndex,
    IndexFacts,
    finished,
)
from fashion_assets.search.index.words import IDENTIFIERS, with_words, words_column
from fashion_assets.search.query.hits import PRICE_COLUMNS, SHOP_ID
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.arrow import arrow_schema
from fashion_assets.storage.object_store import is_object_store, require_reachable
from fashion_assets.storage.table import ROW_HASH

if TYPE_CHECKING:
    import pyarrow as pa
    from lancedb.db import DBConnection
    from lancedb.index import FTS
    from lancedb.table import Table

TEXT_COLUMNS = ("baseline_description", "rich_text_description", "embedded_text")

WORDED_COLUMNS = tuple(dict.fromkeys(SEARCHED_TEXT.values()))
"""The texts that full-text queries search, in their folded form."""

ROWS_AT_ONCE = 2_000
"""Rows checked and converted to Arrow at a time: checking five columns in float64 then takes less than 100 MB."""

EXACT_VECTORS = 4_000
"""Up to this many vectors, a column has no index: a query reads them all and misses none, in about 10 ms at 512 numbers
(measured on two cores, benchmarks/results/search-growth-512.md)."""

M, EF_CONSTRUCTION = 16, 300
"""Neighbours of a vector in its column's graph, and the breadth of the search for them while it is built.

Measured on 44,424 x 512: a breadth of 150 halves the build, but recall@20 falls from 0.999 to 0.987 in some builds; 20
neighbours find no more; four partitions instead of one make filtered queries slower.
"""

VECTORS_IN_A_GRAPH = 250_000
"""Approximate, as neighbours share a graph: larger columns have several partitions, and queries search them all.

Measured on 1,000,000 x 64, four partitions against one: 0.7 GiB and 544 s of CPU to build against 1.7 GiB and 583 s;
recall@20 is 1.000 in both; the median query takes 5 ms against 4, filtered to a fifth of the rows 25 against 17, to a
hundredth 26 in both. LanceDB's target size must be the same: an update joins smaller partitions and rebuilds their
graphs.
"""


def build_index(uri: str, rows: IndexRows) -> BuiltIndex:
    """Write `rows` as a new version of the index at `uri`, with all its indexes.

    Readers of other versions are not affected. Null vectors (products without a photo) are stored as nulls, which no
    vector search returns. Raises SearchError if there are no rows, or they repeat a product, hold vectors of another
    model than their facts, or malformed ones.
    """
    import lancedb

    require_each_once(rows)
    require_reachable(uri)
    if not is_object_store(uri):
        Path(uri).mkdir(parents=True, exist_ok=True)
    table = _write(lancedb.connect(lance_location(uri)), rows)
    index_vectors(table, rows)
    _index_facts_and_words(table, rows.language)
    return finished(table)


def require_each_once(rows: IndexRows) -> None:
    """Raise SearchError if there are no rows, or a product occurs twice."""
    if rows.keys.is_empty():
        raise IndexRefused(
            value="There are 0 rows to index",
            rule="an index must have at least one",
            remedy="embed some products first",
        )
    ids = rows.keys["product_id"]
    if ids.n_unique() < len(ids):
        repeated = ids.filter(ids.is_duplicated()).min()
        raise IndexRefused(
            value=f"Product {repeated} occurs twice",
            rule="the index holds each product once",
            remedy="merge the batches",
        )


def record_batches(rows: pl.DataFrame, facts: IndexFacts, taxonomy: Taxonomy) -> Iterator[pa.RecordBatch]:
    """`rows` (EMBEDDINGS schema with ROW_HASH) in the form of `index_schema`, ROWS_AT_ONCE at a time.

    Raises SearchError if some are of another model or dimension than `facts`, or malformed.
    """
    schema, vector = index_schema(facts, taxonomy), pl.Array(pl.Float32, facts.embedding_dimension)
    for part in rows.iter_slices(ROWS_AT_ONCE):
        _require_sound(part, facts)
        stored = _with_prices(with_words(part, WORDED_COLUMNS)).select(schema.names)
        stored = stored.with_columns(pl.col(VECTOR_COLUMNS).cast(vector))
        yield from stored.to_arrow().cast(schema).to_batches()


def index_schema(facts: IndexFacts, taxonomy: Taxonomy) -> pa.Schema:
    """The stored columns in LanceDB's form: vectors as fixed-size lists, folded words, and the facts as metadata."""
    import pyarrow as pa

    plain = arrow_schema(embeddings_table(taxonomy))
    visual = [attribute.column for attribute in taxonomy.single_valued]
    stored = (*SOURCE_COLUMN_NAMES, *TEXT_COLUMNS, *visual, ROW_HASH, *VECTOR_COLUMNS)
    vector = pa.list_(pa.float32(), facts.embedding_dimension)
    fields = [pa.field(name, vector if name in VECTOR_COLUMNS else plain.field(name).type) for name in stored]
    fields += [pa.field(name, pa.string()) for name in (*map(words_column, WORDED_COLUMNS), IDENTIFIERS, SHOP_ID)]
    fields += [pa.field("list_price", pa.float64()), pa.field("currency", pa.string())]
    return pa.schema([field.with_metadata(facts.texts) if field.name == FACTS_OF else field for field in fields])


def index_vectors(table: Table, rows: IndexRows) -> None:
    """Give each vector column of `table`, which holds `rows`, its index if it has more than EXACT_VECTORS vectors and
    no index yet."""
    from lancedb.index import IvfHnswSq

    indexed = {column for index in table.list_indices() for column in index.columns}
    for name in VECTOR_COLUMNS:
        if name not in indexed and rows.vectors[name] > EXACT_VECTORS:
            graph = IvfHnswSq(
                distance_type="cosine",
                target_partition_size=VECTORS_IN_A_GRAPH,
                m=M,
                ef_construction=EF_CONSTRUCTION,
            )
            table.create_index(name, config=graph)


def _write(database: DBConnection, rows: IndexRows) -> Table:
    import pyarrow as pa

    failures: list[Exception] = []

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for part in rows.read(None):
                yield from record_batches(part, rows.facts, rows.taxonomy)
        except Exception as failure:  # LanceDB, which reads this, passes on only its text
            failures.append(failure)
            raise

    try:
        return database.create_table(
            TABLE,
            pa.RecordBatchReader.from_batches(index_schema(rows.facts, rows.taxonomy), batches()),
            mode="overwrite" if TABLE in database.list_tables().tables else "create",  # older versions stay readable
            on_bad_vectors="null",  # only nulls are left after the check, and LanceDB counts those as bad as well
        )
    except RuntimeError:
        if failures:
            raise failures[0] from None
        raise


def _with_prices(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with PRICE_COLUMNS, which are missing from rows that do not come from an ingest."""
    return rows.with_columns(pl.lit(None).alias(name) for name in PRICE_COLUMNS if name not in rows.columns)


def _require_sound(rows: pl.DataFrame, facts: IndexFacts) -> None:
    others = rows.filter(pl.col("embedding_model").ne_missing(facts.embedding_model))
    if len(others):
        raise IndexRefused(
            value=f"{len(others)} rows hold vectors of '{others['embedding_model'][0]}'",
            rule=f"the index is one of '{facts.embedding_model}' and vectors of two models cannot be compared",
            remedy="re-embed those batches",
        )
    problems = vector_problems(rows, list(VECTOR_COLUMNS), readable_photo_ids=())
    dimensions = tuple(sorted({*problems.dimensions, facts.embedding_dimension}))
    if not problems.is_well_formed or len(dimensions) > 1:
        raise IndexRefused(
            value=(
                f"{problems.not_finite} vectors are not finite, {problems.wrong_norm} are not of length 1, "
                f"and their dimensions are {dimensions}"
            ),
            rule="vectors must be finite and of length 1, and one dimension is allowed",
            remedy=f"re-embed the products, first of which are {problems.malformed_ids}",
        )


def _index_facts_and_words(table: Table, language: Language) -> None:
    from lancedb.index import FTS, Bitmap, BTree

    for name in CATEGORY_COLUMNS:
        table.create_index(name, config=Bitmap())
    table.create_index("price", config=BTree())
    for name in WORDED_COLUMNS:
        table.create_index(words_column(name), config=_stems(language))
    ids_as_they_are = FTS(
        base_tokenizer="whitespace",
        stem=False,
        remove_stop_words=False,
        lower_case=False,
        ascii_folding=False,
        max_token_length=None,
    )
    table.create_index(IDENTIFIERS, config=ids_as_they_are)


def _stems(language: Language) -> FTS:
    """LanceDB's index of stems; stop words are folded as the texts are, in all their spellings."""
    from lancedb.index import FTS

    stemmer, stop_words = language.full_text.stemmer, language.full_text.stop_words
    folded = None if stop_words is None else sorted({form for word in stop_words for form in language.spelled(word)})
    if stemmer == "none":
        return FTS(stem=False, remove_stop_words=folded is not None, custom_stop_words=folded)
    return FTS(language=stemmer, custom_stop_words=folded)
