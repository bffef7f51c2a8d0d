"""Hybrid vectors, and checks that a table's vectors are well-formed. Independent of model and photos."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from fashion_assets.models.clip.vectors import NORM_TOLERANCE, norm, normalise

if TYPE_CHECKING:
    import numpy as np

MIN_COVERAGE = 0.999
SAMPLE_IDS = 5


def hybrid(images: np.ndarray, texts: np.ndarray, image_weight: float) -> np.ndarray:
    """normalise(w * image + (1 - w) * text), row by row: (n, d) each."""
    return normalise(image_weight * images + (1 - image_weight) * texts)


@dataclass(frozen=True)
class VectorProblems:
    """Problems with the vectors of a batch: counts of vectors, and the ids of the first few products.

    `dimensions` are the lengths that occur; `coverage` is the share of readable photos (0..1) that have a vector, 1 if
    there is no readable photo.
    """

    vectors: int
    not_finite: int
    wrong_norm: int
    dimensions: tuple[int, ...]
    coverage: float
    malformed_ids: tuple[int, ...]
    uncovered_ids: tuple[int, ...]

    @property
    def is_well_formed(self) -> bool:
        """Whether every vector is finite and of unit length, and all have the same dimension."""
        return not self.not_finite and not self.wrong_norm and len(self.dimensions) <= 1

    @property
    def is_covered(self) -> bool:
        return self.coverage >= MIN_COVERAGE


def vector_problems(rows: pl.DataFrame, columns: list[str], readable_photo_ids: Collection[int]) -> VectorProblems:
    """The problems of the vectors in `columns` of `rows` (null: no vector, which only affects coverage).

    `readable_photo_ids` are the products whose `image_embedding` must exist. The norm is measured in float64 over
    the stored float32 values and may differ from 1 by NORM_TOLERANCE.
    """
    long = pl.concat(rows.select("product_id", pl.col(name).alias("vector")) for name in columns).drop_nulls("vector")
    measured = long.select(
        "product_id",
        dimension=pl.col("vector").list.len().cast(pl.Int64),
        norm=norm("vector"),
    )
    most_frequent = measured["dimension"].mode().min()
    is_finite = pl.col("norm").is_finite()
    has_wrong_norm = is_finite & ((pl.col("norm") - 1).abs() > NORM_TOLERANCE)
    malformed = measured.filter(~is_finite | has_wrong_norm | pl.col("dimension").ne_missing(most_frequent))
    embedded = rows.filter(pl.col("image_embedding").is_not_null())["product_id"]
    readable = set(readable_photo_ids)
    uncovered = sorted(readable.difference(embedded))
    return VectorProblems(
        vectors=len(measured),
        not_finite=measured.filter(~is_finite).height,
        wrong_norm=measured.filter(has_wrong_norm).height,
        dimensions=tuple(measured["dimension"].unique().sort()),
        coverage=(len(readable) - len(uncovered)) / len(readable) if readable else 1.0,
        malformed_ids=tuple(malformed["product_id"].unique().sort().head(SAMPLE_IDS)),
        uncovered_ids=tuple(uncovered[:SAMPLE_IDS]),
    )
