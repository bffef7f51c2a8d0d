"""The catalog slice's tables: accepted source rows, quarantined rows, photos, batch assignments, products."""

import polars as pl

from fashion_assets.storage.table import BATCH, UTC_TIME, Column, table_of_asset

SOURCE_COLUMNS = (
    Column("product_id", pl.Int64, "The shop's id of the product; the key in all tables."),
    Column("product_display_name", pl.String, "The product's name; may be missing."),
    Column("master_category", pl.String, "Apparel, Footwear, Accessories, ..."),
    Column("sub_category", pl.String, "Topwear, Shoes, Watches, ..."),
    Column("article_type", pl.String, "Tshirts, Casual Shoes, Watches, ..."),
    Column("base_color", pl.String, "The catalog's word for the main colour."),
    Column("price", pl.Float64, "In the shop's currency; may be missing, never negative."),
    Column("image_path", pl.String, "Photo, relative to the photos folder."),
    Column("gender", pl.String, "Men, Women, Boys, Girls or Unisex."),
    Column("season", pl.String, "Summer, Winter, Fall or Spring; may be missing."),
    Column("year", pl.Int32, "Year of the collection; may be missing."),
    Column("usage", pl.String, "Casual, Formal, Sports, Ethnic, ...; may be missing."),
)
SOURCE_COLUMN_NAMES = tuple(column.name for column in SOURCE_COLUMNS)

PHOTO_FACTS = (
    Column("photo_status", pl.String, "Whether the photo can be used.", allowed=("ok", "missing", "unreadable")),
    Column("photo_sha256", pl.String, "Hash of the photo file's bytes; null when missing."),
)

INGESTED_PRODUCTS = table_of_asset("ingested_products", columns=(*SOURCE_COLUMNS, *PHOTO_FACTS))
"""Every accepted source row that is still on sale, with its batch: the input of the partitioned `products`."""

PRODUCTS = table_of_asset("products", columns=(*SOURCE_COLUMNS, *PHOTO_FACTS))

QUARANTINED_ROWS = table_of_asset(
    "quarantined_rows",
    key=("line_number",),
    columns=(
        Column("line_number", pl.Int64, "Line in the source file (the header is line 1), or row number."),
        Column("reason", pl.String, "The rule that the row broke, with the value."),
        Column("raw_line", pl.String, "The row as in the source."),
    ),
    partition_by=(),
)

PHOTOS = table_of_asset(
    "photos",
    columns=(
        Column("product_id", pl.Int64, "The product shown."),
        Column(BATCH, pl.String, "The product's batch."),
        Column("image_path", pl.String, "Photo, relative to the photos folder."),
        Column("status", pl.String, "Whether the photo can be used.", allowed=("ok", "missing", "unreadable")),
        Column("problem", pl.String, "Why the photo cannot be used; null when it can."),
        Column("sha256", pl.String, "Hash of the file's bytes; null when missing."),
        Column("perceptual_hash", pl.String, "256-bit pHash and mean colour (rrggbb), in hex; null unless ok."),
        Column("duplicate_group", pl.Int64, "Smallest product id among near-duplicate photos; null when unique."),
        Column("mode", pl.String, "Colour mode in the file, as Pillow names it."),
        Column("width", pl.Int32, "In pixels."),
        Column("height", pl.Int32, "In pixels."),
        Column("file_bytes", pl.Int64, "Size of the file."),
        Column("modified_ns", pl.Int64, "The file's modification time, to skip unchanged files."),
    ),
)

BATCH_ASSIGNMENTS = table_of_asset(
    "batch_assignments",
    columns=(
        Column("product_id", pl.Int64, "The product."),
        Column("position", pl.Int64, "Sequence number of first appearance; batch = position // 1000."),
        Column(BATCH, pl.String, "The product's batch, which never changes."),
        Column("is_withdrawn", pl.Boolean, "True if the product has left the source, which leaves a gap in its batch."),
        Column("assigned_at", UTC_TIME, "When the product was first seen.", is_hashed=False),
    ),
)
