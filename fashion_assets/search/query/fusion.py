"""Fuses two rankings: reciprocal rank fusion, and a weighted sum of scores. Pure functions over product ids."""

from collections.abc import Mapping, Sequence

RANK_CONSTANT = 60
"""From Cormack, Clarke and Buettcher (2009): the larger, the less the first ranks outweigh the next."""


def reciprocal_rank_fusion(
    by_vector: Sequence[int], by_text: Sequence[int], text_weight: float, constant: int = RANK_CONSTANT
) -> dict[int, float]:
    """Scores 0..1 of all ids in either ranking (best first); 1 for the first of both. `text_weight` is 0..1."""
    fused: dict[int, float] = {}
    for ranking, weight in ((by_vector, 1 - text_weight), (by_text, text_weight)):
        for rank, product_id in enumerate(ranking, 1):
            fused[product_id] = fused.get(product_id, 0) + weight * (constant + 1) / (constant + rank)
    return fused


def weighted_sum(by_vector: Mapping[int, float], by_text: Mapping[int, float], text_weight: float) -> dict[int, float]:
    """Scores of all ids in either mapping: `text_weight` (0..1) times the text score relative to the best one, plus the
    rest times the cosine of the vectors. An id that is missing from a mapping scores 0 there.
    """
    best = max(by_text.values(), default=0) or 1
    return {
        product_id: (1 - text_weight) * by_vector.get(product_id, 0) + text_weight * by_text.get(product_id, 0) / best
        for product_id in {**by_vector, **by_text}
    }
