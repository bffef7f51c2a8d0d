"""Reading a source as an ingest does, into an empty shop, without writing anything that stays."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.catalog.disk_buffer import DiskBuffer
from fashion_assets.catalog.ids import assign_keys
from fashion_assets.catalog.ingest_steps import PLACED, JudgedSource, Placed, judge_source, place_products
from fashion_assets.catalog.judged import JUDGED
from fashion_assets.catalog.source import Source
from fashion_assets.catalog.validation import repeated_skus
from fashion_assets.catalog.variants import products_of


@dataclass(frozen=True)
class DryRun:
    """A source that was read: figures of its rows and offers, the number of products, and their rows in parts."""

    read: JudgedSource
    placed: Placed
    products: int
    _rows: DiskBuffer

    def parts(self) -> Iterator[pl.DataFrame]:
        """The products, as `products_of` gives them, some batches at a time."""
        return (products_of(self._rows.read(group)) for group in self._rows.buckets())


@contextmanager
def dry_run(source: Source) -> Iterator[DryRun]:
    """Read the whole source; raises SourceError if it cannot be read."""
    with tempfile.TemporaryDirectory(prefix="fashion-dry-run-") as folder:
        judged = DiskBuffer(Path(folder, "judged"), JUDGED)
        rows = DiskBuffer(Path(folder, "placed"), PLACED)
        read, good = judge_source(source, judged)
        accepted = good.join(repeated_skus(good), on="line_number", how="anti", maintain_order="left")
        nothing = pl.DataFrame(schema={"product_id": pl.Int64, "shop_id": pl.String})
        keys = assign_keys(nothing, accepted["shop_id"].unique(maintain_order=True)).with_row_index("position")
        good = good.join(keys.cast({"position": pl.Int64}), on="shop_id", how="left", maintain_order="left")
        placed = place_products(judged, read, good, source.rules.price, rows)
        yield DryRun(read, placed, len(keys), rows)
