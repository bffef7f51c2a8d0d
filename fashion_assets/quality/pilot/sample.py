"""The products of a pilot: a sample stratified by article type, topped up where a rule needs more of a type."""

import polars as pl

from fashion_assets.storage.hashing import hash_text

SIZE = 100
AT_LEAST = {"Watches": 20, "Tshirts": 20}
"""Products of the types that decide the verdict."""


def pilot_sample(products: pl.DataFrame, size: int = SIZE, seed: int = 0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stratified sample, and what tops it up to AT_LEAST; both in `products`' columns, as far as there are so many.

    Only products with a usable photo are drawn, and of those that share a photo one. Every article type gets its share
    of `size`, rounded by largest remainders: so each of at least 1 % is there when `size` is 100. The same catalog
    and seed give the same sample, and another product changes it little: the order is that of a hash of the ids.
    """
    usable = products.filter(pl.col("photo_status") == "ok")
    order = pl.Series("order", [hash_text(f"{seed}:{number}") for number in usable["product_id"]], dtype=pl.String)
    ranked = (
        usable.with_columns(order, article_type=pl.col("article_type").fill_null("unknown"))
        .sort("order")
        .unique("photo_sha256", keep="first", maintain_order=True)
        .with_columns(place=pl.int_range(pl.len()).over("article_type"))
    )
    drawn = ranked.join(_quotas(ranked, size), on="article_type").filter(pl.col("place") < pl.col("quota"))
    wanted = pl.DataFrame({"article_type": list(AT_LEAST), "wanted": list(AT_LEAST.values())})
    added = (
        ranked.join(wanted, on="article_type")
        .filter(pl.col("place") < pl.col("wanted"))
        .join(drawn.select("product_id"), on="product_id", how="anti")
    )
    return tuple(
        products.join(some.select("product_id", "order"), on="product_id").sort("order").drop("order")
        for some in (drawn, added)
    )


def _quotas(ranked: pl.DataFrame, size: int) -> pl.DataFrame:
    """Columns `article_type` and `quota`; the quotas sum to `size`, or to all products if there are fewer."""
    counts = ranked.group_by("article_type").agg(products=pl.len().cast(pl.Int64)).sort("article_type")
    exact = pl.col("products") / pl.col("products").sum() * min(size, len(ranked))
    shares = counts.with_columns(quota=exact.floor().cast(pl.Int64), rest=exact - exact.floor())
    missing = min(size, len(ranked)) - shares["quota"].sum()
    by_rest = shares.sort("rest", "products", "article_type", descending=[True, True, False]).with_row_index("nth")
    return by_rest.select("article_type", quota=pl.col("quota") + (pl.col("nth") < missing).cast(pl.Int64))
