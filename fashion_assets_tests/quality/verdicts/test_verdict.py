"""A verdict binds to rows: when they change, it lapses."""

from datetime import UTC, datetime

import polars as pl
import pytest

from fashion_assets.errors import BatchRefused, BatchUnjudged
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.gate import judge_all
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.tables import BATCH_VERDICTS
from fashion_assets.quality.verdicts.verdict import (
    attributes_fingerprint,
    judge_batch,
    record_verdict,
    require_passed,
)
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.hashing import content_fingerprint
from fashion_assets_tests.factories import BATCH_0, attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = attributes(*[{}] * 25)
BAD = attributes(*[{"extraction_success": False}] * 25)


def judge(store, rows):
    record_verdict(store, judge_batch(BATCH_0, rows, judge_all(extraction_gates(SHIPPED), rows)), NOW)


def test_a_batch_that_passed_may_go_on(store):
    judge(store, GOOD)
    require_passed(store, BATCH_0, GOOD)


def test_a_batch_that_was_never_judged_is_refused_with_the_next_command(store):
    with pytest.raises(BatchRefused, match=r"no quality verdict.*fashion run --batch batch_00000 --until"):
        require_passed(store, BATCH_0, GOOD)


def test_a_batch_that_failed_is_refused_with_the_reasons(store):
    judge(store, BAD)
    with pytest.raises(BatchRefused, match=r"extraction_success.*0 of 25 rows are 0.0%.*fashion run --batch"):
        require_passed(store, BATCH_0, BAD)


def test_a_verdict_lapses_when_the_rows_change(store):
    judge(store, GOOD)
    changed = GOOD.with_columns(material=pl.lit("denim"))
    with pytest.raises(BatchRefused, match="no quality verdict"):
        require_passed(store, BATCH_0, changed)


def test_a_verdict_does_not_depend_on_row_order_or_timestamps(store):
    judge(store, GOOD)
    require_passed(store, BATCH_0, GOOD.reverse().with_columns(extraction_timestamp=pl.lit(NOW)))


def test_the_same_verdict_is_recorded_once(store):
    judge(store, BAD)
    judge(store, BAD)
    assert len(store.read(BATCH_VERDICTS)) == 1


def test_a_verdict_lapses_when_the_shop_states_something_else(store):
    judge(store, GOOD)
    stated = GOOD.with_columns(stated_material=pl.lit("leather"))
    with pytest.raises(BatchUnjudged, match="no quality verdict"):
        require_passed(store, BATCH_0, stated)
    judge(store, stated)
    require_passed(store, BATCH_0, stated)
    require_passed(store, BATCH_0, GOOD)


def test_rows_without_a_stated_value_have_the_fingerprint_of_homes_made_before():
    before = [column.name for column in EXTRACTED_ATTRIBUTES.columns if column.is_hashed and not column.added_later]
    assert attributes_fingerprint(GOOD) == content_fingerprint(GOOD.select(before), before)
