"""The shop's own ids and the integer keys of the tables: which product is which, for good.

`shop_id` is unique text as it stands in the source. Where that is a plain integer, it is the key as well; any other id
gets a negative key once and keeps it, so that no later integer meets it.
"""

import hashlib
import re

import polars as pl

from fashion_assets.shop.folding import fold

LARGEST_KEY = 2**63 - 1

_PLAIN = r"^(0|[1-9][0-9]{0,18})$"
_NUMBER = r"^\+?0*([0-9]{1,19})(\.0+)?$"
"""What homes from before text ids read as a whole number."""


def as_shop_ids(texts: pl.Expr) -> pl.Expr:
    """Ids as they are compared: without surrounding spaces, and without the `.0` that spreadsheets add to integers."""
    return texts.str.strip_chars().str.replace(r"^([0-9]+)\.0+$", "$1")


def assign_keys(assigned: pl.DataFrame, shop_ids: pl.Series) -> pl.DataFrame:
    """The key of each of the source's `shop_ids` (unique text, in order), as shop_id and product_id.

    `assigned` has the product_id and shop_id of every product ever seen; shop_id is null in rows from before text ids,
    which keep their key for any spelling of their number.
    """
    source = pl.DataFrame({"shop_id": shop_ids.cast(pl.String)})
    as_integer = pl.when(pl.col("shop_id").str.contains(_PLAIN)).then(pl.col("shop_id").cast(pl.Int64, strict=False))
    named = assigned.drop_nulls("shop_id").select("shop_id", by_name="product_id")
    source = source.with_columns(as_integer.alias("integer")).join(
        named, on="shop_id", how="left", maintain_order="left"
    )
    source = _with_keys_from_before(source, assigned)
    source = source.with_columns(pl.coalesce("by_name", "integer", "from_before").alias("product_id"))
    lowest = min(0, assigned["product_id"].min() or 0) if len(assigned) else 0  # type: ignore[type-var]
    is_new = pl.col("product_id").is_null()
    numbered = source.with_columns(
        pl.when(is_new).then(lowest - is_new.cast(pl.Int64).cum_sum()).otherwise("product_id").alias("product_id")
    )
    return numbered.select("shop_id", pl.col("product_id").cast(pl.Int64))


def _with_keys_from_before(source: pl.DataFrame, assigned: pl.DataFrame) -> pl.DataFrame:
    """`from_before`: the key that an id such as `0001` got when ids were numbers, unless `1` is in the source too."""
    unnamed = assigned.filter(pl.col("shop_id").is_null())["product_id"]
    number = pl.col("shop_id").str.extract(_NUMBER, 1).cast(pl.Int64, strict=False)
    is_taken = number.is_in(source["integer"].drop_nulls().implode()) | number.is_duplicated()
    is_from_before = number.is_in(unnamed.implode()) & ~is_taken & pl.col("integer").is_null()
    return source.with_columns(pl.when(is_from_before.fill_null(False)).then(number).alias("from_before"))


def derived_id(name: str | None, photo: str | None) -> str | None:
    """An id for a product of a table without ids: words of its name, and a hash of folded name and first photo.

    Null without name and photo. A renamed product is a new product.
    """
    if not name and not photo:
        return None
    words = re.sub(r"[^a-z0-9]+", "-", fold(name or "product")).strip("-")[:40].strip("-")
    content = hashlib.sha256(f"{fold(name or '').strip()}\n{photo or ''}".encode()).hexdigest()[:8]
    return f"{words or 'product'}-{content}"
