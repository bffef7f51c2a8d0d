"""A catalog of any size in the shape of the reference catalog's file, and stand-ins for its photos.

Photos are 60 x 80 JPEG files, each with the product's number behind its end, so that every product has a photo of its
own. Only the products of MEASURED batches and of the one that is the model for all others have such a file; the rest
share one. The facts about all photos (hashes, sizes) are put into the table `photos` beforehand: an ingest checks every
file, but decodes none.
"""

import hashlib
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
from PIL import Image

from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.orchestration.batches import BATCH_SIZE, batch_key
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.store import TableStore

FIRST_ID = 10_000
MEASURED = 10
"""Batches at the end of the catalog that the stages run on; the others exist before."""

SOURCE, PHOTO_FOLDER = "styles.csv", "photos"
_SHARED = "images/shared.jpg"
_WRITTEN_AT = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e9)

KINDS = (
    ("Apparel", "Topwear", "Tshirts"),
    ("Apparel", "Topwear", "Shirts"),
    ("Apparel", "Bottomwear", "Jeans"),
    ("Apparel", "Dress", "Dresses"),
    ("Footwear", "Shoes", "Casual Shoes"),
    ("Footwear", "Shoes", "Sports Shoes"),
    ("Accessories", "Watches", "Watches"),
    ("Accessories", "Bags", "Handbags"),
)
"""Category, subcategory and article type: half of the products are garments, as in the reference catalog."""

_COLORS = ("Black", "White", "Blue", "Brown", "Grey", "Red", "Green", "Pink", "Navy Blue", "Purple")
_BRANDS = ("Nike", "Puma", "Fossil", "Wrangler", "Arrow", "Biba", "Titan", "Catwalk", "Gini and Jony", "Baggit")


RULES = CatalogRules.model_validate({"source": {"preset": "reference"}, "columns": {"image_path": "imagePath"}})


def measured_batches(products: int) -> list[str]:
    """The names of the batches that the stages run on, in order."""
    last = -(-products // BATCH_SIZE)
    return _names(range(max(0, last - MEASURED), last))


def batches_before(products: int) -> list[str]:
    """The names of the batches that exist before."""
    return _names(range(max(0, -(-products // BATCH_SIZE) - MEASURED)))


def _names(numbers: range) -> list[str]:
    positions = pl.DataFrame({"position": [number * BATCH_SIZE for number in numbers]}, schema={"position": pl.Int64})
    return positions.select(batch_key(pl.col("position")))["position"].to_list()


def write_catalog(home: Path, products: int, store: TableStore) -> None:
    """Write the source file, the photo files, and what is known of them into the table `photos`."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(len(KINDS), size=products)
    frame = pl.DataFrame({"id": np.arange(FIRST_ID, FIRST_ID + products)}).with_columns(
        pl.Series("gender", rng.choice(["Men", "Women", "Unisex"], size=products)),
        *(pl.Series(name, [kind[at] for kind in KINDS]).gather(kinds) for at, name in _KIND_COLUMNS),
        pl.Series("baseColour", rng.choice(_COLORS, size=products)),
        pl.Series("season", rng.choice(["Summer", "Fall", "Winter", "Spring"], size=products)),
        pl.Series("year", rng.integers(2010, 2020, size=products)),
        pl.Series("usage", rng.choice(["Casual", "Formal", "Sports"], size=products)),
    )
    number = pl.int_range(pl.len())
    has_file = (number < BATCH_SIZE) | (number >= (-(-products // BATCH_SIZE) - MEASURED) * BATCH_SIZE)
    frame = frame.with_columns(
        imagePath=pl.when(has_file).then(pl.format("images/{}.jpg", "id")).otherwise(pl.lit(_SHARED)),
        productDisplayName=pl.format(
            "{} {} {} {} {}", pl.Series(rng.choice(_BRANDS, size=products)), "gender", "baseColour", "articleType", "id"
        ),
    )
    home.mkdir(parents=True, exist_ok=True)
    frame.write_csv(home / SOURCE)
    _write_photos(home, frame, has_file, store, rng)


_KIND_COLUMNS = ((0, "masterCategory"), (1, "subCategory"), (2, "articleType"))


def _write_photos(
    home: Path, frame: pl.DataFrame, has_file: pl.Expr, store: TableStore, rng: np.random.Generator
) -> None:
    pixels = io.BytesIO()
    Image.fromarray(rng.integers(256, size=(80, 60, 3), dtype=np.uint8)).save(pixels, "JPEG")
    contents = [pixels.getvalue() + b"%012d" % number for number in frame["id"]]
    (home / PHOTO_FOLDER / "images").mkdir(parents=True)
    own = frame.with_row_index("at").filter(has_file)
    for at, path in [(0, _SHARED), *own.select("at", "imagePath").iter_rows()]:
        file = home / PHOTO_FOLDER / path
        file.write_bytes(contents[at])
        os.utime(file, ns=(_WRITTEN_AT, _WRITTEN_AT))
    facts = frame.select(
        pl.col("id").alias("product_id"),
        batch_key(pl.int_range(pl.len())).alias("batch"),
        pl.col("imagePath").alias("image_path"),
        pl.lit("ok").alias("status"),
        pl.Series("sha256", [hashlib.sha256(content).hexdigest() for content in contents]),
        pl.Series("perceptual_hash", [rng.bytes(35).hex() for _ in contents]),
        pl.lit("RGB").alias("mode"),
        pl.lit(60).alias("width"),
        pl.lit(80).alias("height"),
        pl.lit(len(contents[0])).alias("file_bytes"),
        pl.lit(_WRITTEN_AT).alias("modified_ns"),
    )
    store.append(PHOTOS, conform(facts, PHOTOS))
