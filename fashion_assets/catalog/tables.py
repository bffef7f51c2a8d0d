"""The catalog slice's tables: accepted source rows, quarantined rows, photos, batch assignments, products."""

import polars as pl

from fashion_assets.storage.table import BATCH, UTC_TIME, Column, Origin, table_of_asset

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

PHOTO_STATUSES: tuple[str, ...] = ("ok", "missing", "unreadable", "blank")
"""Only an `ok` photo is looked at; a blank one decodes, but is of one colour or too small to show a product."""

PHOTO_FACTS = (
    Column("photo_status", pl.String, "Whether the photo can be used.", allowed=PHOTO_STATUSES),
    Column("photo_sha256", pl.String, "Hash of the photo file's bytes; null when missing."),
)

SHOP_COLUMNS = (
    Column("shop_id", pl.String, "The shop's own id, as it stands in the source.", is_hashed=False),
    Column("group_id", pl.String, "The shop's id of what comes in several colours or sizes.", added_later=True),
    Column("option", pl.String, "Which of them this is, as far as one can see it.", added_later=True),
    Column("skus", pl.List(pl.String), "The ids of its variants that look the same.", added_later=True),
    Column("sizes", pl.List(pl.String), "Its sizes.", added_later=True),
    Column("in_stock", pl.Boolean, "Whether any variant is in stock; null if not stated.", added_later=True),
    Column("category", pl.String, "The shop's own category words, where they are not ours.", added_later=True),
    Column("currency", pl.String, "Of the price: an ISO code, or as the shop writes it.", added_later=True),
    Column("list_price", pl.Float64, "The price before a reduction; null without one.", added_later=True),
    Column(
        "is_price_range", pl.Boolean, "True if the source gives a range, of which this is the lowest.", added_later=True
    ),
    Column("brand", pl.String, "The maker's name.", added_later=True),
    Column("description", pl.String, "The shop's own description, as text.", added_later=True),
    Column("further_text", pl.String, "Tags and other words to search.", added_later=True),
    Column("given", pl.String, "Attributes that the shop states, as a JSON object.", added_later=True),
    Column("photo_address", pl.String, "Where its photo was fetched from.", added_later=True),
    Column(
        "unreadable",
        pl.List(pl.String),
        "Values of the source that could not be read, as `what: value`.",
        added_later=True,
    ),
    Column("more_photos", pl.List(pl.String), "Its further photos, as `image_path`.", added_later=True),
)
"""What a shop may say beyond SOURCE_COLUMNS. It belongs to ingested products only and needs no inference."""

INGESTED_PRODUCTS = table_of_asset("ingested_products", columns=(*SOURCE_COLUMNS, *PHOTO_FACTS, *SHOP_COLUMNS))
"""Every accepted product that is still on sale, with its batch: the input of the partitioned `products`."""

PRODUCTS = table_of_asset("products", columns=(*SOURCE_COLUMNS, *PHOTO_FACTS, *SHOP_COLUMNS))

PRODUCT_VARIANTS = table_of_asset(
    "product_variants",
    key=("sku",),
    columns=(
        Column("sku", pl.String, "The shop's own id of the variant."),
        Column("product_id", pl.Int64, "The product that it looks like."),
        Column(BATCH, pl.String, "The product's batch."),
        Column("shop_id", pl.String, "The product's name."),
        Column("group_id", pl.String, "The shop's id of all variants together."),
        Column("option", pl.String, "The values of options that one can see, as a colour."),
        Column("size", pl.String, "The values of options that one cannot see."),
        Column("price", pl.Float64, "Of this variant."),
        Column("stock", pl.String, "As the shop states it."),
        Column("in_stock", pl.Boolean, "Whether it can be had; null if not stated."),
        Column("line_number", pl.Int64, "Its line in the source."),
    ),
)
"""One row for each variant of a product that comes in several; none for catalogs without variants."""

QUARANTINED_ROWS = table_of_asset(
    "quarantined_rows",
    key=("line_number",),
    columns=(
        Column("line_number", pl.Int64, "Line in the source file (the header is line 1), or row number."),
        Column("kind", pl.String, "The rule that the row broke, in a word.", is_hashed=False),
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
        Column("status", pl.String, "Whether the photo can be used.", allowed=PHOTO_STATUSES),
        Column("problem", pl.String, "Why the photo cannot be used; null when it can."),
        Column("sha256", pl.String, "Hash of the file's bytes; null when missing."),
        Column("perceptual_hash", pl.String, "256-bit pHash and mean colour (rrggbb), in hex; null unless ok."),
        Column("duplicate_group", pl.Int64, "Smallest product id among near-duplicate photos; null when unique."),
        Column("mode", pl.String, "Colour mode in the file, as Pillow names it."),
        Column("width", pl.Int32, "In pixels."),
        Column("height", pl.Int32, "In pixels."),
        Column("file_bytes", pl.Int64, "Size of the file."),
        Column("modified_ns", pl.Int64, "The file's modification time, to skip unchanged files."),
        Column("rules", pl.Int32, "Version of the rules by which the file was judged; null when missing."),
    ),
)

BATCH_ASSIGNMENTS = table_of_asset(
    "batch_assignments",
    columns=(
        Column("product_id", pl.Int64, "The product."),
        Column(
            "shop_id",
            pl.String,
            "The shop's own id; null if assigned before there were others than integers.",
            is_hashed=False,
        ),
        Column("position", pl.Int64, "Sequence number of first appearance; batch = position // 1000."),
        Column(BATCH, pl.String, "The product's batch, which never changes."),
        Column("is_withdrawn", pl.Boolean, "True if the product has left the source, which leaves a gap in its batch."),
        Column("assigned_at", UTC_TIME, "When the product was first seen.", is_hashed=False),
    ),
    origin=Origin.KEPT,
)
