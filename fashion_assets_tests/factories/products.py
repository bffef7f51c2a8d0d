"""Small products, photos and attribute rows for tests of several slices."""

import hashlib
from pathlib import Path

import polars as pl
from PIL import Image

from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH

BATCH_0 = "batch_00000"
RED, GREEN, BLUE = (200, 0, 0), (0, 200, 0), (0, 0, 200)


def shaded(colour: str | tuple[int, int, int]) -> Image.Image:
    """A picture in two shades of one colour, which fake models take for one colour and the ingest for a photo."""
    image = Image.new("RGB", (60, 80), colour)
    lower = (0, 60, 60, 80)
    image.paste(image.crop(lower).point([value // 2 for value in range(256)] * 3), lower)
    return image


def write_photo(folder: Path, name: str, colour: str | tuple[int, int, int], is_blank: bool = False) -> str:
    """A photo in shades of one colour, or all in that colour; returns the hash of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    (Image.new("RGB", (60, 80), colour) if is_blank else shaded(colour)).save(folder / name)
    return hashlib.sha256((folder / name).read_bytes()).hexdigest()


def product(product_id: int, **values) -> dict:
    """A row of the `products` table: a shirt without a photo, unless said otherwise."""
    return {
        "product_id": product_id,
        "product_display_name": f"Brand Shirt {product_id}",
        "master_category": "Apparel",
        "sub_category": "Topwear",
        "article_type": "Shirts",
        "base_color": "Blue",
        "gender": "Men",
        "usage": "Casual",
        "season": "Fall",
        "photo_status": "missing",
        **values,
    }


def photographed(product_id: int, folder: Path, colour: tuple[int, int, int], **values) -> dict:
    """A product with a photo of one colour below `folder`."""
    return photographed_as(product_id, folder, Image.new("RGB", (30, 40), colour), **values)


def photographed_as(product_id: int, folder: Path, photo: Image.Image, **values) -> dict:
    """A product with this photo, stored as PNG below `folder`."""
    name = f"{product_id}.png"
    folder.mkdir(parents=True, exist_ok=True)
    photo.save(folder / name)
    sha256 = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    return product(product_id, image_path=name, photo_status="ok", photo_sha256=sha256, **values)


def products(*rows: dict) -> pl.DataFrame:
    return conform(pl.DataFrame(list(rows)).with_columns(pl.lit(BATCH_0).alias(BATCH)), PRODUCTS)


def attributes(*rows: dict) -> pl.DataFrame:
    """Rows of `product_extracted_attributes`: successful and sure, unless said otherwise."""
    usual = {
        "extraction_success": True,
        "extraction_errors": [],
        "material": "woven fabric",
        "pattern": "solid color",
        "confidence_material": "high",
        "formality": "casual",
        "style_keywords": ["modern"],
        "visual_details": [],
        "collar_type": "collar",
        "sleeve_length": "short sleeve",
        "fit_type": "regular",
        "model_id": "fake",
        "prompt_version": "test",
        BATCH: BATCH_0,
    }
    types = {
        name: EXTRACTED_ATTRIBUTES.schema[name] for name in ("extraction_errors", "style_keywords", "visual_details")
    }
    frame = pl.DataFrame(
        [{**product(number), **usual, **row} for number, row in enumerate(rows)], schema_overrides=types
    )
    return conform(frame, EXTRACTED_ATTRIBUTES)
