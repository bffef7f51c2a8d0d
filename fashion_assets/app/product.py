"""Everything that the tables know about one product, and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from fashion_assets.app.value_sources import ValueSource, value_sources
from fashion_assets.catalog.product_names import ProductNames
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS, PRODUCT_VARIANTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.quality.labels.corrections import current_corrections
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

_TABLES = (
    INGESTED_PRODUCTS,
    PRODUCT_VARIANTS,
    PHOTOS,
    EXTRACTED_ATTRIBUTES,
    CONSISTENCY_CHECKS,
    ENRICHED_DESCRIPTIONS,
    EMBEDDINGS,
)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class ProductRecord:
    """The rows about a product by table name, in the order of the pipeline; vectors are replaced by their length."""

    product_id: int
    tables: Mapping[str, Rows]
    values: Sequence[ValueSource] = ()
    """What counts for each attribute, and who said it; none before the product's photo was looked at."""

    def __getitem__(self, table: str) -> Rows:
        return self.tables[table]

    def as_dict(self) -> Mapping[str, object]:
        """The rows by table name, and `values`."""
        return {**self.tables, "values": self.values}


def read_product(store: TableStore, product: str | int) -> ProductRecord:
    """The rows about the product, of every table, by its id in the shop or an SKU; raises UnknownProduct."""
    product_id = ProductNames(store).require(product)
    assigned = store.read(BATCH_ASSIGNMENTS, among={"product_id": [product_id]})
    batch = assigned[BATCH][0]
    tables: dict[str, Rows] = {BATCH_ASSIGNMENTS.name: assigned.to_dicts()}
    for table in _TABLES:
        rows = store.read(table, batch if table.partition_by else None).filter(product_id=product_id)
        tables[table.name] = [_without_empty(row) for row in _with_short_vectors(rows).to_dicts()]
    photo = next((row.get("sha256") for row in tables[PHOTOS.name]), None)
    answers = store.read(RESPONSE_JOURNAL, among={"photo_sha256": [photo]}) if photo else pl.DataFrame()
    tables[RESPONSE_JOURNAL.name] = answers.to_dicts()
    corrections = current_corrections(store).filter(product_id=product_id)
    extracted = tables[EXTRACTED_ATTRIBUTES.name]
    values = value_sources(extracted[0], corrections) if extracted else ()
    return ProductRecord(product_id, tables, values)


def _with_short_vectors(rows: pl.DataFrame) -> pl.DataFrame:
    vectors = [name for name, dtype in rows.schema.items() if dtype == pl.List(pl.Float32)]
    return rows.with_columns(pl.col(name).list.len().cast(pl.String) + pl.lit(" numbers") for name in vectors)


def _without_empty(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
