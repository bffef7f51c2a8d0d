"""A gate over rows that say of themselves whether they apply and count."""

from typing import Literal

import polars as pl

from fashion_assets.gates.gate import ShareGate


def gate(
    direction: Literal["at_least", "at_most"] = "at_least", error: float | None = 0.85, warn: float | None = 0.90
) -> ShareGate:
    return ShareGate(
        name="good",
        why="why",
        applies=pl.col("applies"),
        counts=pl.col("counts"),
        direction=direction,
        error=error,
        warn=warn,
    )
