"""How many photos at once: what fits, and what is remembered not to."""

from datetime import UTC, datetime, timedelta

import pytest

from fashion_assets.extraction.micro_batch import (
    LARGEST,
    REMEMBERED,
    fitting_micro_batch,
    remember,
    remembered_limit,
    remembering,
)
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.tables import OUT_OF_MEMORY_EVENTS

NOW = datetime(2030, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("free", "photo", "fits"),
    [(-1_000, 100, 1), (0, 100, 1), (200, 100, 1), (399, 100, 1), (400, 100, 2), (1_700, 100, 8), (10**12, 1, 64)],
)
def test_half_of_the_free_memory_is_filled_by_a_power_of_two(free, photo, fits):
    assert fitting_micro_batch(free, photo) == fits


def test_what_did_not_fit_is_halved_next_time_on_that_device_and_model_only(store):
    assert remembered_limit(store, "m", "T4", NOW) == LARGEST
    remember(store, "m", "T4", 64, NOW)
    remember(store, "m", "T4", 32, NOW)
    assert remembered_limit(store, "m", "T4", NOW) == 16
    assert remembered_limit(store, "other", "T4", NOW) == LARGEST
    assert remembered_limit(store, "m", "A100", NOW) == LARGEST


def test_after_a_while_the_full_size_is_tried_again(store):
    remember(store, "m", "T4", 1, NOW)
    assert remembered_limit(store, "m", "T4", NOW + REMEMBERED - timedelta(seconds=1)) == 1
    assert remembered_limit(store, "m", "T4", NOW + REMEMBERED) == LARGEST


def test_a_new_process_starts_with_what_fitted_the_last_one(store):
    model = FakeVisionLanguageModel()
    with pytest.raises(KeyboardInterrupt), remembering(model, "T4", store):
        model.micro_batch = 2  # as after an out-of-memory error
        raise KeyboardInterrupt
    another = FakeVisionLanguageModel()
    with remembering(another, "T4", store):
        assert another.micro_batch == 2
    elsewhere = FakeVisionLanguageModel()
    with remembering(elsewhere, "A100", store):
        assert elsewhere.micro_batch == FakeVisionLanguageModel.micro_batch
    assert len(store.read(OUT_OF_MEMORY_EVENTS)) == 1
