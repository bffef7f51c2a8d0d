"""A gate over rows that say of themselves whether they apply and count."""

import polars as pl

from fashion_assets.gates.gate import Gate


def gate(direction="at_least", error=0.85, warn=0.90) -> Gate:
    return Gate("good", "why", pl.col("applies"), pl.col("counts"), direction, error, warn)
