"""Accuracy against hand labels: figures worked out by hand, and intervals that cover the truth."""

import math

import numpy as np
import polars as pl
import pytest

from fashion_assets.quality.labels.accuracy import Accuracy, accuracies, confusion, ratio_interval, wilson_interval
from fashion_assets_tests.factories import attributes

LIST = pl.List(pl.String)


def labels(**columns: list) -> pl.DataFrame:
    """Labels of products 0, 1, 2, ..."""
    types = {name: LIST for name in columns if name in ("style_keywords", "visual_details")}
    count = len(next(iter(columns.values())))
    return pl.DataFrame({"product_id": list(range(count)), **columns}, schema_overrides=types)


def scored(rows: pl.DataFrame, labelled: pl.DataFrame) -> dict[str, Accuracy]:
    return {accuracy.attribute: accuracy for accuracy in accuracies(rows, labelled)}


def test_single_values_are_right_or_wrong():
    rows = attributes({"material": "denim"}, {"material": "denim"}, {"material": "leather"}, {"material": "metal"})
    material = scored(rows, labels(material=["denim", "leather", "leather", None]))["material"]
    assert (material.labels, material.score) == (3, pytest.approx(2 / 3))
    assert material.low < material.score < material.high
    assert material.goal == 0.75 and material.reaches_goal is False


def test_a_missing_answer_is_wrong_and_a_product_without_label_does_not_count():
    rows = attributes({"formality": None}, {"formality": "casual"}, {"formality": "casual"})
    formality = scored(rows, labels(formality=["casual", "casual"]))["formality"]
    assert (formality.labels, formality.score) == (2, 0.5)


def test_not_applicable_is_scored_on_its_own():
    said = ["crew neck", "v-neck", "not applicable", "not applicable", "collar"]
    true = ["crew neck", "collar", "crew neck", "not applicable", "not applicable"]
    found = scored(attributes(*({"collar_type": value} for value in said)), labels(collar_type=true))
    assert (found["collar_type"].labels, found["collar_type"].score) == (3, pytest.approx(1 / 3))
    applicable = found["collar_type, applicable or not"]
    assert (applicable.labels, applicable.score) == (5, 0.6)


def test_style_must_be_right_and_details_complete():
    said = [["modern", "sporty"], ["vintage"], []]
    rows = attributes(*({"style_keywords": some, "visual_details": ["has logo"]} for some in said))
    found = scored(
        rows,
        labels(
            style_keywords=[["modern"], ["vintage", "elegant"], ["modern"]],
            visual_details=[["has logo", "has hood"], [], ["has logo"]],
        ),
    )
    assert found["style_keywords"].score == pytest.approx(2 / 3)  # said three, two of them right
    assert found["visual_details"].score == pytest.approx(2 * 2 / (3 + 3))
    assert found["style_keywords"].reaches_goal is True


def test_without_labels_there_is_no_figure_and_no_verdict():
    found = scored(attributes({}), labels(material=[None]).cast({"material": pl.String}))
    assert found["material"].labels == 0
    assert math.isnan(found["material"].score) and found["material"].reaches_goal is None


def test_confusions_are_counted():
    rows = attributes({"material": "denim"}, {"material": "denim"}, {"material": "leather"})
    found = confusion(rows, labels(material=["denim", "denim", "denim"]), "material")
    assert found.rows() == [("denim", "denim", 2), ("denim", "leather", 1)]


@pytest.mark.parametrize(
    "right, total, low, high",
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_wilson_interval(right: int, total: int, low: float, high: float):
    assert wilson_interval(right, total) == pytest.approx((low, high), abs=1e-4)


def test_intervals_of_nothing_are_no_numbers():
    nothing = pl.Series([], dtype=pl.Float64)
    no_items = pl.Series([0.0])
    assert all(
        map(
            math.isnan, (*wilson_interval(0, 0), *ratio_interval(nothing, nothing), *ratio_interval(no_items, no_items))
        )
    )


def test_the_interval_of_a_ratio_is_wilsons_where_each_product_has_one_item():
    counted = pl.Series([1.0] * 80 + [0.0] * 20)
    # The variance between 100 products is 100/99 of that of 100 independent items.
    assert ratio_interval(counted, pl.Series([1.0] * 100)) == pytest.approx(wilson_interval(79.2, 99))


def test_items_that_go_together_count_less_than_as_many_independent_ones():
    together = pl.Series([4.0] * 80 + [0.0] * 20), pl.Series([4.0] * 100)
    low, high = ratio_interval(*together)
    alone_low, alone_high = wilson_interval(320, 400)
    assert high - low > 1.9 * (alone_high - alone_low)


def test_where_all_is_right_each_product_counts_once():
    assert ratio_interval(pl.Series([3.0] * 10), pl.Series([3.0] * 10)) == pytest.approx(wilson_interval(10, 10))
    assert ratio_interval(pl.Series([3.0]), pl.Series([3.0])) == pytest.approx(wilson_interval(1, 1))


@pytest.mark.parametrize("true_share", [0.75, 0.92, 0.98])
def test_wilson_covers_the_truth_over_2000_resamples_of_100_labels(true_share: float):
    rng = np.random.default_rng(0)
    is_right = rng.random(1200) < true_share
    drawn = [int(is_right[rng.choice(1200, 100, replace=False)].sum()) for _ in range(2000)]
    covered = [low <= is_right.mean() <= high for low, high in (wilson_interval(right, 100) for right in drawn)]
    assert np.mean(covered) >= 0.93
