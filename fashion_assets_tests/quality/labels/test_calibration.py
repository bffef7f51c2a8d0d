"""Calibration: figures worked out by hand."""

import math

import pytest

from fashion_assets.quality.labels.calibration import Judged, calibration_of, threshold_for


def test_calibration_of_a_model_that_is_as_sure_as_it_is_right():
    judged = [Judged(0.75, True)] * 3 + [Judged(0.75, False)] + [Judged(1.0, True)] * 2
    calibration = calibration_of(judged)
    assert calibration.error == pytest.approx(0)
    assert [(bin.label, bin.count) for bin in calibration.bins if bin.count] == [("0.7 to 0.8", 4), ("0.9 to 1.0", 2)]


def test_calibration_of_a_model_that_is_always_wrong():
    assert calibration_of([Judged(0.9, False), Judged(0.7, False)]).error == pytest.approx(0.8)


def test_calibration_weighs_the_bins_by_their_counts():
    judged = [Judged(0.95, True)] * 3 + [Judged(0.55, False)]
    assert calibration_of(judged).error == pytest.approx((3 * 0.05 + 1 * 0.55) / 4)


@pytest.mark.parametrize(("probability", "label"), [(0.0, "0.0 to 0.1"), (0.1, "0.0 to 0.1"), (0.11, "0.1 to 0.2")])
def test_a_bin_holds_its_upper_edge(probability: float, label: str):
    assert [bin.label for bin in calibration_of([Judged(probability, True)]).bins if bin.count] == [label]


def test_calibration_of_no_answers_is_no_number():
    calibration = calibration_of([])
    assert math.isnan(calibration.error)
    assert [group.count for group in (*calibration.bins, *calibration.by_confidence)] == [0] * 13


def test_calibration_tells_what_each_confidence_means():
    judged = [Judged(0.9, True, "high"), Judged(0.8, False, "high"), Judged(0.3, False, "low"), Judged(0.5, True)]
    high, medium, low = calibration_of(judged).by_confidence
    assert (high.label, high.count, high.accuracy) == ("high", 2, 0.5)
    assert high.probability == pytest.approx(0.85)
    assert (medium.count, low.count, low.accuracy) == (0, 1, 0.0)


def test_the_threshold_is_the_lowest_above_which_enough_is_right():
    judged = [Judged(0.95, True), Judged(0.9, True), Judged(0.8, False), Judged(0.7, True), Judged(0.6, False)]
    threshold = threshold_for(judged, precision=0.75)
    assert (threshold.probability, threshold.precision, threshold.kept) == (0.7, 0.75, 0.8)
    strict = threshold_for(judged, precision=0.99)
    assert (strict.probability, strict.precision, strict.kept) == (0.9, 1.0, 0.4)


def test_answers_of_one_probability_are_kept_or_left_together():
    judged = [Judged(0.9, True), Judged(0.9, False), Judged(0.9, False)]
    assert threshold_for(judged, precision=0.5) is None


def test_no_threshold_helps_a_model_that_is_always_wrong_or_says_nothing():
    assert threshold_for([Judged(0.9, False)], precision=0.5) is None
    assert threshold_for([], precision=0.5) is None
