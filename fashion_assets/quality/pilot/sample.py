"""The products of a pilot: a sample stratified by article type, topped up for rules that need more of a type."""

import polars as pl

from fashion_assets.shop.limits import PilotLimits
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.hashing import hash_text


def pilot_sample(
    products: pl.DataFrame, limits: PilotLimits = SHIPPED.limits.pilot, seed: int = 0
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stratified sample of `limits.sample_size`, and the products that top it up to `limits.fewest_of_type`.

    Both have the columns of `products` and hold fewer rows where the catalog has fewer. Only products with a usable
    photo are drawn, and of those that share a photo one. Each article type gets its share of the sample, rounded by
    largest remainders: of 100 products, each type of at least 1 % gets one. The same catalog and seed give the same
    sample, and another product changes it little: the order is that of a hash of the ids.
    """
    size, fewest = limits.sample_size, limits.fewest_of_type
    usable = products.filter(pl.col("photo_status") == "ok")
    order = pl.Series("order", [hash_text(f"{seed}:{number}") for number in usable["product_id"]], dtype=pl.String)
    ranked = (
        usable.with_columns(order, article_type=pl.col("article_type").fill_null("unknown"))
        .sort("order")
        .unique("photo_sha256", keep="first", maintain_order=True)
        .with_columns(place=pl.int_range(pl.len()).over("article_type"))
    )
    drawn = ranked.join(_quotas(ranked, size), on="article_type").filter(pl.col("place") < pl.col("quota"))
    wanted = pl.DataFrame(
        {"article_type": list(fewest), "wanted": list(fewest.values())},
        schema={"article_type": pl.String, "wanted": pl.Int64},
    )
    added = (
        ranked.join(wanted, on="article_type")
        .filter(pl.col("place") < pl.col("wanted"))
        .join(drawn.select("product_id"), on="product_id", how="anti")
    )
    return _in_order(products, drawn), _in_order(products, added)


def _in_order(products: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    return products.join(drawn.select("product_id", "order"), on="product_id").sort("order").drop("order")


def _quotas(ranked: pl.DataFrame, size: int) -> pl.DataFrame:
    """Columns `article_type` and `quota`; the quotas sum to `size`, or to all products if there are fewer."""
    counts = ranked.group_by("article_type").agg(products=pl.len().cast(pl.Int64)).sort("article_type")
    exact = pl.col("products") / pl.col("products").sum() * min(size, len(ranked))
    shares = counts.with_columns(quota=exact.floor().cast(pl.Int64), rest=exact - exact.floor())
    missing = min(size, len(ranked)) - shares["quota"].sum()
    by_rest = shares.sort("rest", "products", "article_type", descending=[True, True, False]).with_row_index("nth")
    return by_rest.select("article_type", quota=pl.col("quota") + (pl.col("nth") < missing).cast(pl.Int64))
