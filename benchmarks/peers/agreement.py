"""Whether contenders did the same work: their answers and photo vectors, compared one by one."""

from dataclasses import dataclass

import numpy as np

from .contender import PHOTO, Results


@dataclass(frozen=True)
class Agreement:
    """How far two contenders' results are the same.

    `answers` and `photo_vectors` count what the first holds; `same_answers` is the share (0..1) of its answers that the
    other has letter by letter, and `least_cosine` the smallest cosine (-1..1) between their vectors of a photo. An
    answer that is missing differs, a vector that is missing has the cosine -1; texts are each contender's own, and so
    are their vectors.
    """

    answers: int
    photo_vectors: int
    same_answers: float
    least_cosine: float


def compare_results(first: Results, other: Results) -> Agreement:
    """Raises ValueError if the first holds no answer or no photo vector."""
    pairs = [
        (answer, other.answers.get(product, {}).get(question))
        for product, of_product in first.answers.items()
        for question, answer in of_product.items()
    ]
    vectors, others = first.vectors[PHOTO], other.vectors[PHOTO]
    if not pairs or not vectors:
        raise ValueError(f"{len(pairs)} answers and {len(vectors)} photo vectors leave nothing to compare")
    return Agreement(
        answers=len(pairs),
        photo_vectors=len(vectors),
        same_answers=sum(answer == theirs for answer, theirs in pairs) / len(pairs),
        least_cosine=min(_cosine(vector, others.get(product)) for product, vector in vectors.items()),
    )


def _cosine(vector: np.ndarray, other: np.ndarray | None) -> float:
    if other is None:
        return -1.0
    return float(vector @ other / (np.linalg.norm(vector) * np.linalg.norm(other)))
