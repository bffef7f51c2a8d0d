"""Hand corrections of a shop, recorded one at a time or from a file, and exported; they win over the model."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.product_names import ProductNames, key_finder, shop_ids
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.errors import LabelError, SourceError
from fashion_assets.quality.labels.corrections import (
    current_corrections,
    read_corrections,
    record_corrections,
    write_corrections,
)
from fashion_assets.quality.labels.stated_values import stated_field, stated_value
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class Recorded:
    """How many corrections were given and how many say something new; some products may not be in the catalog (yet)."""

    given: int
    new: int
    unknown_products: tuple[str, ...]


class Corrections:
    """The corrections of one shop."""

    def __init__(self, store: TableStore):
        self._store = store

    def current(self) -> pl.DataFrame:
        """The last word on each corrected attribute: `product_id`, `field`, `value`, `author`, `at`."""
        return current_corrections(self._store)

    def record(self, product: str | int, field: str, value: str | None, by: str) -> Recorded:
        """Put one correction of a product on record, by its id in the shop or an SKU; None takes an earlier one back.

        Items of a list are separated by "|".

        Raises SourceError when the attribute or the value is none of the taxonomy's, or nobody is named.
        """
        product_id = key_finder(self._store)(str(product))
        if product_id is None:
            product_id = ProductNames(self._store).require(product)
        try:
            attribute = stated_field(field)
            stated = stated_value(attribute, (value or "").strip())
        except LabelError as error:
            raise SourceError(
                value=f"The correction of product {product} has {error.value}",
                rule=error.rule,
                remedy=f"{error.remedy} (nothing was recorded)",
            ) from error
        if not by.strip():
            raise SourceError(
                value=f"The correction of product {product} has no author",
                rule="a correction needs one",
                remedy="name a person by `by`",
            )
        row = {"product_id": product_id, "field": attribute.column, "value": stated}
        row |= {"author": by.strip(), "at": datetime.now(UTC)}
        return self._record(pl.DataFrame([row], schema=CORRECTIONS.row_schema))

    def import_file(self, file: Path, by: str | None = None) -> Recorded:
        """Take all the corrections of a file, or none; raises SourceError for a line that is wrong."""
        return self._record(read_corrections(file, by, datetime.now(UTC), key_of=key_finder(self._store)))

    def export_file(self, file: Path) -> int:
        """Write the corrections that count to a CSV file, which `import_file` reads; returns how many."""
        return write_corrections(self._store, file)

    def _record(self, corrections: pl.DataFrame) -> Recorded:
        new = record_corrections(self._store, corrections)
        catalog = self._store.read(INGESTED_PRODUCTS, columns=["product_id"])
        unknown = corrections.join(catalog, on="product_id", how="anti")["product_id"].unique().sort()
        return Recorded(len(corrections), new, tuple(shop_ids(self._store, unknown.to_list()).values()))
