"""The shop's ids and the tables' integer keys: assigned once, and kept."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.ids import assign_keys, derived_id

NOTHING = pl.DataFrame(schema={"product_id": pl.Int64, "shop_id": pl.String})


def keys(assigned: pl.DataFrame, *shop_ids: str) -> dict[str, int]:
    return dict(assign_keys(assigned, pl.Series(shop_ids, dtype=pl.String)).iter_rows())


def test_plain_integers_are_their_own_keys_and_other_ids_get_negative_ones():
    given_keys = keys(NOTHING, "12", "WS23113TLE", "0001", "9223372036854775807", "9223372036854775808", "-5", "0")
    assert given_keys == {
        "12": 12,
        "WS23113TLE": -1,
        "0001": -2,
        "9223372036854775807": 2**63 - 1,
        "9223372036854775808": -3,
        "-5": -4,
        "0": 0,
    }


def test_a_key_is_kept_and_never_given_again():
    assigned = pl.DataFrame({"product_id": [-1, -2, 7], "shop_id": ["a", "b", "7"]})
    assert keys(assigned, "c", "b", "7") == {"c": -3, "b": -2, "7": 7}


@pytest.mark.parametrize(("spelled", "key"), [("0012", 12), ("+12", 12), ("12", 12), ("0013", -1)])
def test_homes_from_before_text_ids_keep_the_number_that_they_read(spelled, key):
    assigned = pl.DataFrame({"product_id": [12], "shop_id": [None]}, schema=NOTHING.schema)
    assert keys(assigned, spelled) == {spelled: key}


def test_two_spellings_of_a_number_from_before_are_two_products():
    assigned = pl.DataFrame({"product_id": [12], "shop_id": [None]}, schema=NOTHING.schema)
    given_keys = keys(assigned, "012", "12")
    assert given_keys["12"] == 12
    assert given_keys["012"] < 0


ids = st.text("0123456789abAB-+. ", min_size=1, max_size=6) | st.integers(-3, 20).map(str)


@given(st.lists(st.tuples(st.lists(ids, unique=True, max_size=8), st.randoms(use_true_random=False)), max_size=5))
def test_keys_stay_under_any_order_insertion_and_deletion_and_are_never_shared(history):
    known: dict[str, int] = {}
    for shop_ids, chance in history:
        chance.shuffle(shop_ids)
        assigned = pl.DataFrame({"product_id": list(known.values()), "shop_id": list(known)}, schema=NOTHING.schema)
        now = keys(assigned, *shop_ids)
        assert set(now) == set(shop_ids)
        assert all(now[shop_id] == key for shop_id, key in known.items() if shop_id in now)
        known |= now
        assert len(set(known.values())) == len(known)


def test_an_id_is_derived_from_the_folded_name_and_the_photo():
    one = derived_id("Checked Shirt", "https://a.example/1.jpg")
    assert one is not None and one.startswith("checked-shirt-")
    assert derived_id("CHECKED  Shirt ".replace("  ", " "), "https://a.example/1.jpg") == one
    assert derived_id("Checked Shirt", "https://a.example/2.jpg") != one
    assert derived_id(None, None) is None
    assert str(derived_id(None, "a.jpg")).startswith("product-")
