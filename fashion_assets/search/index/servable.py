"""The rows that may be served: selected in one pass over the tables, some batches at a time, and read again to write.

A withdrawn product never stays searchable and prices are always current, whatever the state of the batch: both come
from the ingest, not from the batch. A product has the same batch in both tables and never leaves it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS, embeddings_table
from fashion_assets.errors import IndexRefused
from fashion_assets.models.clip.vectors import is_sound
from fashion_assets.search.index.rows import ROW_KEY, Fingerprint, IndexRows, with_row_key
from fashion_assets.search.index.versions import IndexFacts
from fashion_assets.search.index.words import SEARCHED_COLUMNS
from fashion_assets.search.query.hits import PRICE_COLUMNS
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.reader import TableReader, in_groups, snapshot
from fashion_assets.storage.table import BATCH

_DIMENSION = "embedding_dimension"
_KEYS = pl.Schema(
    {"product_id": pl.Int64, ROW_KEY: pl.UInt64, _DIMENSION: pl.Int32, **dict.fromkeys(VECTOR_COLUMNS, pl.Boolean)}
)
"""What is kept of each row during the pass: for a vector column, whether there is a vector."""


@dataclass(frozen=True)
class ServableRows:
    """The `rows` that go into an index, with current prices, and the counts of the others by reason.

    The fingerprint covers all rows of the model on sale, malformed or not, so that it needs no vectors.
    """

    rows: IndexRows
    of_another_model: int
    malformed: int


def servable_rows(
    store: TableReader,
    embedding_model: str,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    language: Language = SHIPPED.language,
) -> ServableRows:
    """The rows of products that are still on sale, with well-formed vectors of `embedding_model`.

    Their dimension is the one that most of them have. Raises IndexRefused if there is none. Reads a snapshot: later
    writes of batches are not seen.
    """
    tables = snapshot(store)
    fingerprint = Fingerprint()
    models: Counter[str | None] = Counter()
    keys_of_batches: list[tuple[Sequence[str], pl.DataFrame]] = []
    for batches in in_groups(tables.batches(EMBEDDINGS)):
        on_sale = _on_sale(tables, batches, taxonomy, VECTOR_COLUMNS)
        models.update(dict(on_sale["embedding_model"].value_counts().iter_rows()))
        of_model = with_row_key(_of_model(on_sale, embedding_model), taxonomy)
        fingerprint.add(of_model)
        keys_of_batches.append((batches, _sound_keys(of_model)))
    sound = pl.concat([pl.DataFrame(schema=_KEYS), *(keys for _, keys in keys_of_batches)])
    if sound.is_empty():
        raise _nothing_is_servable(tables, models, embedding_model)
    dimension = int(sound.select(pl.col(_DIMENSION).mode().min()).item())
    servable = sound.filter(pl.col(_DIMENSION) == dimension)
    parts = [(batches, keys.filter(pl.col(_DIMENSION) == dimension)) for batches, keys in keys_of_batches]
    return ServableRows(
        rows=IndexRows(
            facts=IndexFacts(embedding_model, dimension, fingerprint.hex(), language.full_text.version),
            keys=servable.select("product_id", ROW_KEY),
            vectors={name: int(servable[name].sum()) for name in VECTOR_COLUMNS},
            read=lambda ids: _read(tables, parts, ids, taxonomy),
            taxonomy=taxonomy,
            language=language,
        ),
        of_another_model=models.total() - models[embedding_model],
        malformed=models[embedding_model] - len(servable),
    )


def servable_fingerprint(
    tables: TableReader, embedding_model: str, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> str | None:
    """The fingerprint of `servable_rows`, without reading a vector; None when no row of the model is on sale."""
    fingerprint, rows = Fingerprint(), 0
    for batches in in_groups(tables.batches(EMBEDDINGS)):
        of_model = _of_model(_on_sale(tables, batches, taxonomy), embedding_model)
        fingerprint.add(with_row_key(of_model, taxonomy))
        rows += len(of_model)
    return fingerprint.hex() if rows else None


def _on_sale(
    tables: TableReader, batches: Sequence[str], taxonomy: Taxonomy, vectors: Sequence[str] = ()
) -> pl.DataFrame:
    """The embedded products of `batches` that are still on sale: hashed columns, `vectors` and batch, and the current
    prices, ids and searched words."""
    current = tables.read(
        INGESTED_PRODUCTS, batches, ["product_id", "shop_id", "price", *PRICE_COLUMNS, *SEARCHED_COLUMNS]
    )
    table = embeddings_table(taxonomy)
    rows = tables.read(table, batches, [*table.hashed_columns, *vectors, BATCH])
    return rows.drop("price").join(current, on="product_id", how="inner")


def _of_model(rows: pl.DataFrame, embedding_model: str) -> pl.DataFrame:
    return rows.filter(pl.col("embedding_model") == embedding_model)


def _sound_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """_KEYS of the rows whose every vector is well-formed, in the row's dimension, or absent."""
    keys = rows.select("product_id", ROW_KEY, _DIMENSION, pl.col(VECTOR_COLUMNS).is_not_null())
    is_kept = pl.repeat(True, len(rows), eager=True)
    for column in VECTOR_COLUMNS:  # one at a time: all at once take five times the memory
        is_kept &= rows.select(is_sound(column, pl.col(_DIMENSION)).fill_null(True)).to_series()
    return keys.filter(is_kept)


def _read(
    tables: TableReader,
    parts: Sequence[tuple[Sequence[str], pl.DataFrame]],
    ids: pl.Series | None,
    taxonomy: Taxonomy,
) -> Iterator[pl.DataFrame]:
    for batches, keys in parts:
        wanted = keys if ids is None else keys.filter(pl.col("product_id").is_in(ids.implode()))
        if wanted.is_empty():
            continue
        on_sale = _on_sale(tables, batches, taxonomy, VECTOR_COLUMNS)
        yield with_row_key(on_sale.join(wanted, on="product_id", how="semi"), taxonomy)


def _nothing_is_servable(tables: TableReader, models: Mapping[str | None, int], embedding_model: str) -> IndexRefused:
    on_sale, of_model = sum(models.values()), models[embedding_model]
    if of_model:
        value = f"All {of_model} rows of '{embedding_model}' on sale hold malformed vectors"
        remedy = "run their batches again"
    elif on_sale:
        others = ", ".join(f"'{model}'" for model in sorted(models, key=str))
        value = (
            f"None of the {on_sale} embedded products on sale is of the model '{embedding_model}' (they are of "
            f"{others})"
        )
        remedy = "run the batches to embed them again, or set FASHION_CLIP back"
    elif len(embedded := tables.read(EMBEDDINGS, columns=["product_id"])):
        value = f"None of the {len(embedded)} embedded products is on sale any more"
        remedy = "ingest a source that lists some"
    else:
        value, remedy = "No product has been embedded yet", "run some batches first"
    rule = "an index needs at least one, so nothing was indexed and the live index, if any, is unchanged"
    return IndexRefused(value=value, rule=rule, remedy=remedy)
