"""The forecast: worked out by hand, and right about as often as it says."""

import math

import numpy as np
import pytest

from fashion_assets.quality.pilot.forecast import (
    FEWEST_STEPS,
    CatalogForecast,
    StepTimes,
    forecast_catalog,
    mean_to_come,
)


def test_the_interval_is_students():
    found = mean_to_come([1.0, 2.0, 3.0], to_come=3)
    # s = 1, t(0.975, 2) = 4.3027: 4.3027 * sqrt(1/3 + 1/3) is more than the mean, and nothing takes less than no time.
    assert found.estimate == 2
    assert found.low == 0
    assert found.high == pytest.approx(2 + 4.302653 * math.sqrt(2 / 3), rel=1e-5)


def test_the_interval_holds_the_mean_to_come_in_95_of_100_cases():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(2000):
        found = mean_to_come(rng.normal(10, 1, 6).tolist(), to_come=60)
        hits += found.low <= rng.normal(10, 1, 60).mean() <= found.high
    assert 0.935 <= hits / 2000 <= 0.965


def test_time_tokens_and_money_are_those_of_all_photos():
    found = forecast_catalog(600, [0.1] * 5, 16, 0.02, [30.0, 30.0], [7.0, 7.0], price_per_hour=50)
    assert found.seconds.estimate == pytest.approx(72)
    assert found.seconds.low == pytest.approx(72)
    assert found.products_per_minute.estimate == pytest.approx(500)
    assert (found.tokens_in.estimate, found.tokens_out.estimate) == (18_000, 4_200)
    assert found.cost.estimate == pytest.approx(1)
    assert CatalogForecast.from_dict(found.as_dict()) == found


def test_without_a_price_there_is_no_cost():
    assert forecast_catalog(600, [0.1] * 5, 16, 0, [30.0, 30.0], [7.0, 7.0], None).cost is None


def test_too_few_steps_are_no_forecast():
    steps = [0.1] * FEWEST_STEPS
    assert forecast_catalog(600, steps, 16, 0, [30.0, 30.0], [7.0, 7.0], None) is not None
    assert forecast_catalog(600, steps[1:], 16, 0, [30.0, 30.0], [7.0, 7.0], None) is None


@pytest.mark.parametrize("micro_batch", [4, 16])
def test_steps_are_timed_from_one_to_the_next_and_a_rest_is_left_out(micro_batch):
    times = StepTimes(16, lambda: now)
    for done in (*range(0, 33, micro_batch), 35):
        now = {0: 0.0, 16: 8.0, 32: 24.0}.get(done, 25.0)
        times.moved(done, 35)
    assert times.seconds_per_photo == [0.5, 1.0]


def test_the_first_step_counts_only_where_too_few_others_are_left():
    assert StepTimes(16, seconds_per_photo=[9.0, 1.0, 1.1]).settled() == [9.0, 1.0, 1.1]
    assert StepTimes(16, seconds_per_photo=[9.0, 1.0, 1.1, 1.2]).settled() == [1.0, 1.1, 1.2]
