"""Whether contenders did the same work: their answers and photo vectors, compared one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .answers import read_answer
from .contender import PHOTO, Results


@dataclass(frozen=True)
class Agreement:
    """How far two contenders' results are the same.

    `answers` and `photo_vectors` count what the first holds; `same_answers` is the share (0..1) of its answers that the
    other has letter by letter, `same_values` that of their values, `read_answers` the share of the other's answers to
    the same questions that are JSON objects, and `least_cosine` the smallest cosine (-1..1) between their vectors of a
    photo. An answer that is missing differs, a vector that is missing has the cosine -1; texts are each contender's
    own, and so are their vectors.
    """

    answers: int
    photo_vectors: int
    same_answers: float
    same_values: float
    read_answers: float
    least_cosine: float


def compare_results(first: Results, other: Results) -> Agreement:
    """Raises ValueError if the first holds no answer or no photo vector."""
    pairs = [
        (answer, other.answers.get(product, {}).get(question, ""))
        for product, of_product in first.answers.items()
        for question, answer in of_product.items()
    ]
    values = [(key, value, _values(theirs)) for answer, theirs in pairs for key, value in _values(answer).items()]
    vectors, others = first.vectors[PHOTO], other.vectors[PHOTO]
    if not pairs or not vectors:
        raise ValueError(f"{len(pairs)} answers and {len(vectors)} photo vectors leave nothing to compare")
    return Agreement(
        answers=len(pairs),
        photo_vectors=len(vectors),
        same_answers=sum(answer == theirs for answer, theirs in pairs) / len(pairs),
        same_values=sum(key in theirs and theirs[key] == value for key, value, theirs in values) / len(values),
        read_answers=sum(read_answer(theirs) is not None for _, theirs in pairs) / len(pairs),
        least_cosine=min(_cosine(vector, others.get(product)) for product, vector in vectors.items()),
    )


def _values(answer: str) -> Mapping[str, Any]:
    """By key; an answer that is no JSON object, or an empty one, is one value."""
    return read_answer(answer) or {"": answer}


def _cosine(vector: np.ndarray, other: np.ndarray | None) -> float:
    if other is None:
        return -1.0
    return float(vector @ other / (np.linalg.norm(vector) * np.linalg.norm(other)))
