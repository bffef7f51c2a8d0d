import polars as pl
import pytest

from fashion_assets.orchestration.batches import BATCH_SIZE, assign_batches, batch_key

NOTHING = pl.DataFrame(schema={"product_id": pl.Int64, "position": pl.Int64, "is_withdrawn": pl.Boolean})


def assign(ids, earlier=NOTHING) -> pl.DataFrame:
    assigned = assign_batches(earlier, pl.Series(ids, dtype=pl.Int64))
    return assigned.with_columns(batch_key(pl.col("position")).alias("batch"))


def places(assignments: pl.DataFrame) -> dict[int, int]:
    return dict(assignments.select("product_id", "position").iter_rows())


@pytest.mark.parametrize(
    ("position", "key"),
    [
        (0, "batch_00000"),
        (999, "batch_00000"),
        (1000, "batch_00001"),
        (44_423, "batch_00044"),
        (99_999_999, "batch_99999"),
    ],
)
def test_batch_key(position, key):
    assert pl.select(batch_key(pl.lit(position))).item() == key


def test_every_row_has_the_batch_of_its_position():
    assigned = assign(range(2_500))
    assert assigned["batch"].to_list() == [f"batch_{position // BATCH_SIZE:05d}" for position in assigned["position"]]


def test_products_are_placed_in_source_order():
    assert places(assign([30, 10, 20])) == {30: 0, 10: 1, 20: 2}


def test_what_each_product_was_before_is_returned():
    before = assign([2, 3], assign([1, 2]))
    assert before["was_withdrawn"].to_list() == [False, False, None]
    assert assign([1, 2], before)["was_withdrawn"].to_list() == [True, False, False]


@pytest.mark.parametrize(("products", "batches"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (44_424, 45)])
def test_batches_hold_a_thousand(products, batches):
    assigned = assign(range(products))
    assert assigned["batch"].n_unique() == batches
    assert assigned.group_by("batch").len()["len"].max() in (None, min(products, BATCH_SIZE))


def test_ten_added_and_five_deleted_move_nobody():
    before = assign(range(1_995))
    gone = {3, 500, 999, 1_000, 1_994}
    after = assign([*range(5_000, 5_010), *(i for i in range(1_995) if i not in gone)], before)
    assert {product: places(after)[product] for product in range(1_995)} == places(before)
    assert [places(after)[product] for product in range(5_000, 5_010)] == list(range(1_995, 2_005))
    assert after.filter(pl.col("product_id") >= 5_000)["batch"].to_list() == ["batch_00001"] * 5 + ["batch_00002"] * 5
    assert set(after.filter("is_withdrawn")["product_id"]) == gone


def test_a_gap_is_kept_for_its_product():
    withdrawn = assign([2], assign([1, 2]))
    with_new = assign([2, 3], withdrawn)
    assert places(with_new) == {1: 0, 2: 1, 3: 2}
    returned = assign([3, 2, 1], with_new)
    assert places(returned) == {1: 0, 2: 1, 3: 2}
    assert not returned["is_withdrawn"].any()


def test_all_products_may_leave():
    assert assign([], assign([1, 2]))["is_withdrawn"].to_list() == [True, True]


def test_the_same_source_again_changes_nothing():
    before = assign([5, 1, 9])
    again = assign([9, 5, 1], before)
    assert again.drop("was_withdrawn").equals(before.drop("was_withdrawn"))


def test_a_repeated_id_gets_one_place():
    assert places(assign([7, 7, 8])) == {7: 0, 8: 1}
