"""How many photos at once: what fits, and what is remembered not to."""

from datetime import UTC, datetime, timedelta

import pytest

from fashion_assets.extraction.micro_batch import LARGEST, REMEMBERED, fitting_micro_batch, remember, remembered_limit

NOW = datetime(2030, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("free", "photo", "fits"),
    [(0, 100, 1), (200, 100, 1), (399, 100, 1), (400, 100, 2), (1_700, 100, 8), (10**12, 1, 64)],
)
def test_half_of_the_free_memory_is_filled_by_a_power_of_two(free, photo, fits):
    assert fitting_micro_batch(free, photo) == fits


def test_what_did_not_fit_is_halved_next_time_on_that_device_and_model_only(store):
    assert remembered_limit(store, "m", "T4", NOW) == LARGEST
    remember(store, "m", "T4", [64, 32], NOW)
    assert remembered_limit(store, "m", "T4", NOW) == 16
    assert remembered_limit(store, "other", "T4", NOW) == LARGEST
    assert remembered_limit(store, "m", "A100", NOW) == LARGEST


def test_after_a_while_the_full_size_is_tried_again(store):
    remember(store, "m", "T4", [1], NOW)
    assert remembered_limit(store, "m", "T4", NOW + REMEMBERED - timedelta(seconds=1)) == 1
    assert remembered_limit(store, "m", "T4", NOW + REMEMBERED) == LARGEST
