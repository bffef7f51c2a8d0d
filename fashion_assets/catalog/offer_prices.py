"""The prices of accepted offers: how they are written is decided by the whole column, so this comes after judging."""

import polars as pl

from fashion_assets.catalog.judged import PRICE, listed, shown
from fashion_assets.catalog.values.amounts import Sign
from fashion_assets.catalog.values.prices import read_prices


def with_prices(accepted: pl.DataFrame, decimal: Sign, sale_decimal: Sign, currency: str | None) -> pl.DataFrame:
    """Accepted offers with price, list_price (Float64, null unless reduced), currency and is_price_range;
    what could not be read is noted in `unreadable`."""
    regular = read_prices(accepted["price"], decimal)
    sale = read_prices(accepted["sale_price"], sale_decimal)
    before = read_prices(accepted["list_price"], decimal)["amount"]
    is_reduced = sale["amount"].is_not_null() & (regular["amount"].is_null() | (sale["amount"] < regular["amount"]))
    has_price = regular["amount"].is_not_null() | sale["amount"].is_not_null()
    frame = pl.DataFrame(
        {
            "regular": regular["amount"],
            "sale": sale["amount"],
            "before": before,
            "is_reduced": is_reduced,
            "written": pl.select(pl.coalesce(sale["currency"], regular["currency"])).to_series(),
            "has_price": has_price,
            "is_range": regular["is_range"],
            "problem": regular["problem"],
        }
    )
    prices = frame.select(
        price=pl.when("is_reduced").then("sale").otherwise("regular"),
        list_price=pl.coalesce(
            pl.when("is_reduced").then("regular"),
            pl.when(pl.col("before") > pl.coalesce("regular", "sale")).then("before"),
        ),
        currency=pl.when("has_price").then(pl.coalesce("written", pl.lit(currency, pl.String))),
        is_price_range=pl.when(pl.col("is_range") & ~pl.col("is_reduced")).then(pl.lit(True)),
    )
    problem = pl.when(regular["problem"].is_not_null()).then(pl.format(PRICE + ": {}", shown("price")))
    noted = accepted.with_columns(
        unreadable=pl.concat_list(pl.col("unreadable").fill_null([]), listed(problem).fill_null([]))
    )
    noted = noted.with_columns(pl.when(pl.col("unreadable").list.len() > 0).then("unreadable").alias("unreadable"))
    return noted.drop("price", "sale_price", "list_price").hstack(prices)
