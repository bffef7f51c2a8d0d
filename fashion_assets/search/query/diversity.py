"""Maximal marginal relevance (Carbonell and Goldstein, 1998), against ten near-identical products in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def maximal_marginal_relevance(relevance: np.ndarray, vectors: np.ndarray, trade_off: float, limit: int) -> list[int]:
    """Positions of at most `limit` candidates in the order in which they are chosen.

    Each choice maximizes `trade_off` * relevance - (1 - `trade_off`) * the largest cosine with those chosen before.
    `relevance` is (n,), `vectors` (n, d) of unit length; at a `trade_off` of 1 only relevance counts.
    """
    import numpy as np

    similarity = np.full(len(relevance), -1.0)
    left = np.ones(len(relevance), dtype=bool)
    chosen: list[int] = []
    for _ in range(min(limit, len(relevance))):
        # There is no similarity before the first choice, so the most relevant candidate comes first.
        marginal = trade_off * relevance - (1 - trade_off) * similarity if chosen else relevance
        best = int(np.argmax(np.where(left, marginal, -np.inf)))
        chosen.append(best)
        left[best] = False
        similarity = np.maximum(similarity, vectors @ vectors[best])
    return chosen
