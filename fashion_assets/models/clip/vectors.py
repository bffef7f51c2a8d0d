"""Arithmetic on unit vectors, in NumPy and in Polars, independent of models and photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np

NORM_TOLERANCE = 1e-3


def normalise(vectors: np.ndarray) -> np.ndarray:
    """`vectors` (n, d) as float32 with rows of length 1; a zero row, which has no direction, stays zero."""
    import numpy as np

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


def are_unit(vectors: np.ndarray) -> np.ndarray:
    """Which rows of `vectors` (n, d) are finite and of length 1, within NORM_TOLERANCE: n Booleans."""
    import numpy as np

    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    return np.isfinite(norms) & (np.abs(norms - 1) <= NORM_TOLERANCE)


def is_sound(column: str, dimension: int | pl.Expr) -> pl.Expr:
    """Whether the vector in `column` has `dimension` numbers, is finite and of length 1; null if there is none."""
    length = norm(column)
    is_unit = length.is_finite() & ((length - 1).abs() <= NORM_TOLERANCE)
    # The sum skips nulls among the numbers, which would go unnoticed.
    is_whole = (pl.col(column).list.len() == dimension) & ~pl.col(column).list.eval(pl.element().is_null()).list.any()
    return pl.when(pl.col(column).is_not_null()).then((is_unit & is_whole).fill_null(False))


def norm(column: str) -> pl.Expr:
    """The length of the vector in `column`, measured in float64."""
    return pl.col(column).list.eval(pl.element().cast(pl.Float64) ** 2).list.sum().sqrt()
