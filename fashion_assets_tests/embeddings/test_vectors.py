import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings.vectors import hybrid, vector_problems

COLUMNS = ["image_embedding", "text_embedding"]


def table(*images, text=(0.0, 1.0)):
    return pl.DataFrame(
        {
            "product_id": range(1, len(images) + 1),
            "image_embedding": pl.Series(images, dtype=pl.List(pl.Float32)),
            "text_embedding": pl.Series([text] * len(images), dtype=pl.List(pl.Float32)),
        }
    )


@pytest.mark.parametrize(("weight", "expected"), [(0, [0, 1]), (1, [1, 0]), (0.5, [0.7071, 0.7071])])
def test_hybrid_goes_from_text_to_photo(weight, expected):
    np.testing.assert_allclose(hybrid(np.array([[1, 0]]), np.array([[0, 1]]), weight), [expected], atol=1e-4)


def test_good_vectors_have_no_problem():
    problems = vector_problems(table([1.0, 0.0], None), COLUMNS, {1})
    assert problems.is_well_formed and problems.is_covered
    assert (problems.vectors, problems.dimensions, problems.coverage) == (3, (2,), 1.0)
    assert problems.malformed_ids == problems.uncovered_ids == ()


@pytest.mark.parametrize(("length", "is_fine"), [(0.998, False), (0.9995, True), (1.0005, True), (1.002, False)])
def test_norms_may_differ_from_one_by_a_thousandth(length, is_fine):
    problems = vector_problems(table([1.0, 0.0], [length, 0.0]), COLUMNS, {1, 2})
    assert (problems.is_well_formed, problems.wrong_norm) == (is_fine, 0 if is_fine else 1)
    assert problems.malformed_ids == (() if is_fine else (2,))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_found(value):
    problems = vector_problems(table([1.0, 0.0], [value, 0.0]), COLUMNS, {1, 2})
    assert not problems.is_well_formed
    assert (problems.not_finite, problems.wrong_norm, problems.malformed_ids) == (1, 0, (2,))


def test_a_second_dimension_is_found():
    problems = vector_problems(table([1.0, 0.0], [1.0, 0.0, 0.0]), COLUMNS, {1, 2})
    assert not problems.is_well_formed
    assert (problems.dimensions, problems.malformed_ids) == ((2, 3), (2,))


@pytest.mark.parametrize(("missing", "is_covered"), [(0, True), (1, True), (2, False)])
def test_coverage_is_at_least_999_in_1000_readable_photos(missing, is_covered):
    images = [None] * missing + [[1.0, 0.0]] * (1000 - missing)
    problems = vector_problems(table(*images), COLUMNS, range(1, 1001))
    assert problems.is_covered is is_covered
    assert problems.coverage == pytest.approx(1 - missing / 1000)
    assert problems.uncovered_ids == tuple(range(1, missing + 1))


def test_nothing_has_no_problem():
    problems = vector_problems(table(), COLUMNS, set())
    assert problems.is_well_formed and problems.is_covered and problems.dimensions == ()
