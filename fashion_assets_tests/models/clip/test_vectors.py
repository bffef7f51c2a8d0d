import numpy as np
import polars as pl
import pytest

from fashion_assets.models.clip.vectors import are_unit, is_sound, normalise


def test_normalise_makes_unit_rows_and_leaves_zero_alone():
    np.testing.assert_allclose(normalise(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]], atol=1e-7)
    assert normalise(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ([0.6, 0.8], True),
        ([0.9995, 0.0], True),
        ([0.998, 0.0], False),
        ([0.0, 0.0], False),
        ([float("nan"), 1.0], False),
        ([float("inf"), 0.0], False),
        ([1.0, 0.0, 0.0], False),
        ([1.0, None], False),
        ([], False),
        (None, None),
    ],
)
def test_a_sound_vector_is_whole_finite_and_of_length_one(vector, expected):
    stored = pl.DataFrame({"vector": pl.Series([vector], dtype=pl.List(pl.Float32))})
    assert stored.select(is_sound("vector", 2)).item() is expected
    if vector and len(vector) == 2 and None not in vector:
        assert are_unit(np.array([vector], dtype=np.float32)).tolist() == [expected]
