"""Writing the demo catalog: a table, photos and the true labels, with the defects that real catalogs have.

Planted defects, for the pipeline to find: missing photos, a truncated one, two products with the same photo, names with
unquoted commas, and an id that occurs twice. The `catalog` slice reads the table.
"""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.names import catalog_entry, product_id
from fashion_assets.demo.render import RENDERER_VERSION, jpeg

CATALOG_COLUMNS = (
    "id", "gender", "masterCategory", "subCategory", "articleType", "baseColour", "season", "year", "usage", "price",
    "productDisplayName",
)  # fmt: skip
LABEL_COLUMNS = (
    "product_id", "material", "pattern", "formality", "style_keywords", "details", "collar", "sleeves", "fit",
)  # fmt: skip

# Product numbers with a defect, such that a few hundred products already have every kind.
MISSING_PHOTOS = (17, 43, 71, 89, 97)
TRUNCATED_PHOTO = 29
TWIN_PHOTOS = (31, 59)
"""The second of the two is the first product listed again, under another id and name."""
NAMES_WITH_COMMAS = (11, 37, 83)
REPEATED_ID = 53

_MARKER = "demo_catalog.json"
_CHUNK = 50


@dataclass(frozen=True)
class DemoCatalog:
    """The folder of a demo catalog, and what it was rendered from."""

    folder: Path
    products: int
    seed: int

    @property
    def table(self) -> Path:
        return self.folder / "catalog.csv"

    @property
    def images(self) -> Path:
        return self.folder / "images"

    @property
    def labels(self) -> Path:
        return self.folder / "labels.csv"


def write_demo_catalog(
    folder: Path,
    products: int = 1200,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    processes: int | None = None,
) -> DemoCatalog:
    """Write `products` distinct products to `folder`, unless the same catalog exists already.

    `progress` is called with the number of finished photos and their total. A marker file, written last, says that the
    catalog is complete; after an interrupted call, the next one starts over. More products leave the earlier ones
    unchanged.
    """
    catalog = DemoCatalog(folder, products, seed)
    marker, state = folder / _MARKER, {"products": products, "seed": seed, "renderer": RENDERER_VERSION}
    if marker.is_file() and json.loads(marker.read_text()) == state:
        return catalog
    marker.unlink(missing_ok=True)
    shutil.rmtree(catalog.images, ignore_errors=True)
    catalog.images.mkdir(parents=True)
    _write_photos(catalog, progress, processes or os.cpu_count() or 1)
    listed = [listed_product(seed, index) for index in range(products)]
    _replace(catalog.table, _table(listed))
    _replace(catalog.labels, _labels(listed))
    _replace(marker, json.dumps(state) + "\n")
    return catalog


def listed_product(seed: int, index: int) -> DemoProduct:
    """The product that row `index` lists: a different one for each row, except for the planted twin."""
    return replace(sample_product(seed, TWIN_PHOTOS[0] if index == TWIN_PHOTOS[1] else index), index=index)


def _write_photos(catalog: DemoCatalog, progress: Callable[[int, int], None] | None, processes: int) -> None:
    chunks = [range(start, min(start + _CHUNK, catalog.products)) for start in range(0, catalog.products, _CHUNK)]
    jobs = ([catalog.images] * len(chunks), [catalog.seed] * len(chunks), chunks)
    with ExitStack() as stack:
        write = map
        if processes > 1 and len(chunks) > 2:  # starting processes takes as long as a hundred photos
            pool = ProcessPoolExecutor(min(processes, len(chunks)), mp_context=get_context("spawn"))
            write = stack.enter_context(pool).map
        finished = 0
        for count in write(_write_chunk, *jobs):
            finished += count
            if progress:
                progress(finished, catalog.products)


def _write_chunk(images: Path, seed: int, indexes: range) -> int:
    for index in indexes:
        if index in MISSING_PHOTOS:
            continue
        content = jpeg(sample_product(seed, TWIN_PHOTOS[0] if index == TWIN_PHOTOS[1] else index))
        if index == TRUNCATED_PHOTO:
            content = content[: len(content) // 3]
        (images / f"{product_id(index)}.jpg").write_bytes(content)
    return len(indexes)


def _table(products: list[DemoProduct]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CATALOG_COLUMNS)
    for product in products:
        fields = catalog_entry(product).fields()
        if product.index in NAMES_WITH_COMMAS:
            stream.write(",".join([*fields, " Pack of 2", " Assorted"]) + "\n")  # unquoted, as in the reference file
        else:
            writer.writerow(fields)
        if product.index == REPEATED_ID:
            writer.writerow([*fields[:-1], fields[-1] + " (listed again)"])
    return stream.getvalue()


def _labels(products: list[DemoProduct]) -> str:
    """The truth about each product, as its photo shows it; empty if it does not apply, "none" for an empty list."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(LABEL_COLUMNS)
    for product in products:
        cells = [product.truth[column] for column in LABEL_COLUMNS[1:]]
        row = ["" if cell is None else "|".join(cell) or "none" if isinstance(cell, list) else cell for cell in cells]
        writer.writerow([product_id(product.index), *row])
    return stream.getvalue()


def _replace(file: Path, text: str) -> None:
    """Write a file atomically."""
    part = file.with_name(file.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
