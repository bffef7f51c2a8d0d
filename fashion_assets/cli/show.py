"""`fashion show`: all that is known about one product, and where it came from."""

import json
from typing import Annotated

import polars as pl
import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS
from fashion_assets.cli.console import output
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.errors import UnknownProduct
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

_TABLES = (INGESTED_PRODUCTS, PHOTOS, EXTRACTED_ATTRIBUTES, CONSISTENCY_CHECKS, ENRICHED_DESCRIPTIONS, EMBEDDINGS)


def show(
    product_id: Annotated[int, typer.Argument(help="The product's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show everything known about a product: source, photo, the model's answers, attributes, descriptions, vectors.

    Example: `fashion show 10003`
    """
    store = TableStore(load_settings().tables_uri)
    known = collect_product(store, product_id)
    if as_json:
        output.print_json(json.dumps(known, default=str))
        return
    for name, rows in known.items():
        for row in rows:
            table = Table("column", "value", title=name, title_justify="left", show_header=False)
            for column, value in row.items():
                table.add_row(column, escape(str(value)))
            output.print(table)


def collect_product(store: TableStore, product_id: int) -> dict[str, list[dict]]:
    """Rows about the product by table name, vectors shortened to their length; raises UnknownProduct when unknown."""
    assigned = store.read(BATCH_ASSIGNMENTS, among={"product_id": [product_id]})
    if assigned.is_empty():
        raise UnknownProduct(
            value=f"There is no product {product_id}",
            rule="only products that the ingest took are shown",
            remedy=(
                "if it is in the source, see why it was quarantined: `fashion status`, or the table "
                "quarantined_rows in `make ui`"
            ),
        )
    batch = assigned[BATCH][0]
    known = {BATCH_ASSIGNMENTS.name: assigned.to_dicts()}
    for table in _TABLES:
        rows = store.read(table, batch if table.partition_by else None).filter(product_id=product_id)
        known[table.name] = [_without_empty(row) for row in _short_vectors(rows).to_dicts()]
    photo = next((row.get("sha256") for row in known[PHOTOS.name]), None)
    answers = store.read(RESPONSE_JOURNAL, among={"photo_sha256": [photo]}) if photo else pl.DataFrame()
    known[RESPONSE_JOURNAL.name] = answers.to_dicts()
    return known


def _short_vectors(rows: pl.DataFrame) -> pl.DataFrame:
    vectors = [name for name, dtype in rows.schema.items() if dtype == pl.List(pl.Float32)]
    return rows.with_columns(pl.col(name).list.len().cast(pl.String) + pl.lit(" numbers") for name in vectors)


def _without_empty(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}
