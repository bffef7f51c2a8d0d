"""Any history of sources: a product's batch is assigned once, and the next free position is the next new product's."""

from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.orchestration import batches
from fashion_assets.orchestration.batches import assign_batches, batch_key

pytestmark = pytest.mark.long_form

NOTHING = pl.DataFrame(schema={"product_id": pl.Int64, "position": pl.Int64, "is_withdrawn": pl.Boolean})
SMALL_BATCH = 3
sources = st.lists(st.integers(0, 15) | st.sampled_from([2**63 - 1, 10**12]), max_size=12)


def assigned(earlier: pl.DataFrame, ids: list[int]) -> pl.DataFrame:
    with patch.object(batches, "BATCH_SIZE", SMALL_BATCH):
        return assign_batches(earlier, pl.Series(ids, dtype=pl.Int64)).with_columns(batch=batch_key(pl.col("position")))


def batch_of(rows: pl.DataFrame) -> dict[int, str]:
    return dict(rows.select("product_id", "batch").iter_rows())


@given(st.lists(sources, min_size=1, max_size=6))
def test_products_never_move_and_batches_are_never_too_large(history):
    earlier, before = NOTHING, {}
    for ids in history:
        rows = assigned(earlier, ids)
        after = batch_of(rows)
        assert before.items() <= after.items()
        assert set(after) == {*before, *ids}
        assert rows["position"].to_list() == list(range(len(rows)))
        assert rows["batch"].value_counts()["count"].max() in (None, *range(1, SMALL_BATCH + 1))
        earlier, before = rows, after


@given(st.lists(sources, min_size=1, max_size=6))
def test_new_products_come_after_all_others_in_the_order_of_their_source(history):
    earlier = NOTHING
    for ids in history:
        rows = assigned(earlier, ids)
        new = rows.filter(pl.col("was_withdrawn").is_null())["product_id"].to_list()
        assert new == list(dict.fromkeys(number for number in ids if number not in set(earlier["product_id"])))
        assert rows["product_id"].to_list() == [*earlier["product_id"], *new]
        earlier = rows


@given(st.lists(sources, min_size=1, max_size=6))
def test_exactly_those_that_left_the_source_are_withdrawn(history):
    earlier = NOTHING
    for ids in history:
        rows = assigned(earlier, ids)
        assert set(rows.filter("is_withdrawn")["product_id"]) == set(rows["product_id"]) - set(ids)
        earlier = rows


@given(sources, sources)
def test_the_same_source_twice_changes_nothing(first, second):
    earlier = assigned(assigned(NOTHING, first), second)
    again = assigned(earlier, second)
    assert again.drop("was_withdrawn").equals(earlier.drop("was_withdrawn"))
    assert (again["was_withdrawn"] == again["is_withdrawn"]).all()
