"""Whether two contenders did the same work."""

import numpy as np
import pytest

from benchmarks.peers.agreement import compare_results
from benchmarks.peers.contender import PHOTO, Results


def results(answers, photos) -> Results:
    vectors = {product: np.array(vector, dtype=np.float32) for product, vector in photos.items()}
    return Results(answers, {PHOTO: vectors})


FIRST = results({1: {"a": "x", "b": "y"}, 2: {"a": "z"}}, {1: [1, 0], 2: [0, 1]})


def test_the_same_results_agree_whatever_the_length_of_vectors():
    other = results({2: {"a": "z"}, 1: {"b": "y", "a": "x"}}, {2: [0, 3], 1: [2, 0]})
    agreement = compare_results(FIRST, other)
    assert (agreement.answers, agreement.photo_vectors) == (3, 2)
    assert (agreement.same_answers, agreement.least_cosine) == (1.0, pytest.approx(1.0))


def test_one_other_answer_and_one_missing_product_count():
    other = results({1: {"a": "x", "b": "other"}}, {1: [1, 0], 2: [0, 1]})
    assert compare_results(FIRST, other).same_answers == pytest.approx(1 / 3)


def test_values_are_compared_one_by_one():
    first = results({1: {"a": '{"x": 1, "y": [1, 2]}', "b": '{"z": null}'}}, {1: [1, 0]})
    other = results({1: {"a": '{"y": [1, 2], "x": 2}', "b": "{}"}}, {1: [1, 0]})
    agreement = compare_results(first, other)
    assert (agreement.same_answers, agreement.same_values) == (0.0, pytest.approx(1 / 3))
    assert agreement.read_answers == 1.0


def test_what_is_no_object_or_missing_is_not_read():
    first = results({1: {"a": '{"x": 1}', "b": '{"x": 1}'}, 2: {"a": '{"x": 1}'}}, {1: [1, 0]})
    other = results({1: {"a": '{"x": 1}', "b": "x is 1"}}, {1: [1, 0]})
    assert compare_results(first, other).read_answers == pytest.approx(1 / 3)


@pytest.mark.parametrize(("photos", "least"), [({1: [1, 0], 2: [1, 1]}, 0.5**0.5), ({1: [1, 0]}, -1.0)])
def test_the_worst_photo_vector_decides(photos, least):
    assert compare_results(FIRST, results({}, photos)).least_cosine == pytest.approx(least)


def test_nothing_to_compare_is_no_agreement():
    with pytest.raises(ValueError, match="nothing to compare"):
        compare_results(results({}, {}), FIRST)
