"""Which products are asked again, and which rows stay: small cases worked out by hand."""

import pytest

from fashion_assets.extraction.attributes import NOT_ANSWERED
from fashion_assets.extraction.retries import failures_by_code, keep_retried, products_to_retry, with_retried
from fashion_assets_tests.factories import attributes, product, products

BAD = "value_out_of_vocabulary:material='?'"


def shop(*numbers, **values):
    return products(*(product(n, photo_status="ok", photo_sha256=f"p{n}", **values) for n in numbers))


def row(number, model="a", error=None, prompts="p1", **values):
    """A stored row of the product `number`; failed with `error`, else successful and made of wool by its model."""
    photo = {"product_id": number, "photo_status": "ok", "photo_sha256": f"p{number}", "material": f"by {model}"}
    outcome = {"extraction_success": error is None, "extraction_errors": [error] if error else []}
    return {**product(number), **photo, **outcome, "model_id": model, "prompt_version": prompts, **values}


def rows(*each):
    return attributes(*each) if each else attributes(row(0)).clear()


def outcomes(frame):
    return frame.select("product_id", "material", "extraction_success", "retry_of_model_id").rows()


def test_failed_new_and_changed_products_are_asked_again(questions):
    stored = rows(row(1), row(2, error=BAD), row(4, photo_sha256="old"), row(5, sub_category="Innerwear"))
    wanted = products_to_retry(shop(1, 2, 3, 4, 5), stored, questions)
    assert wanted["product_id"].to_list() == [2, 3, 4, 5]


def test_nothing_is_asked_again_where_all_succeeded(questions):
    assert products_to_retry(shop(1), rows(row(1)), questions).is_empty()
    assert products_to_retry(shop(1).clear(), rows(), questions).is_empty()


@pytest.mark.parametrize(
    ("stored", "retried", "expected"),
    [
        pytest.param(row(1, error=BAD), row(1, "b"), ("by b", True, "a"), id="another model mends"),
        pytest.param(row(1, error=BAD), row(1, "b", BAD), ("by a", False, None), id="two failures: the first stays"),
        pytest.param(row(1, error="timeout:q"), row(1), ("by a", True, None), id="the same model, this time in time"),
        pytest.param(row(1, error=BAD), row(1), ("by a", True, "a"), id="the same model with other settings"),
        pytest.param(None, row(1, "b", BAD), ("by b", False, None), id="no row before: better a failure than none"),
        pytest.param(row(1, error=BAD, photo_sha256="x"), row(1, "b"), ("by b", True, None), id="another photo"),
        pytest.param(
            row(1, "b", BAD, retry_of_model_id="a", retry_of_prompt_version="p1"),
            row(1, "c"),
            ("by c", True, "a"),
            id="a failure that stood in for one already",
        ),
    ],
)
def test_what_a_retry_leaves(questions, stored, retried, expected):
    before = rows(*([stored] if stored else []))
    assert outcomes(with_retried(shop(1), before, rows(retried), questions)) == [(1, *expected)]


def test_a_newer_failure_of_the_same_model_replaces_the_old_one(questions):
    left = with_retried(shop(1), rows(row(1, error="timeout:q")), rows(row(1, error=BAD)), questions)
    assert left["extraction_errors"].to_list() == [[BAD]]


def test_other_rows_stay_but_for_their_source_columns(questions):
    present = shop(1, 2, price=9.0)
    left = with_retried(present, rows(row(2, price=5.0), row(3), row(1, error=BAD)), rows(row(1, "b")), questions)
    assert outcomes(left) == [(1, "by b", True, "a"), (2, "by a", True, None)]  # 3 is withdrawn
    assert left["price"].to_list()[1] == 9.0
    assert left.schema == rows().schema


RETRIED = row(1, "b", retry_of_model_id="a", retry_of_prompt_version="p1")


@pytest.mark.parametrize(
    ("stored", "new", "material"),
    [
        pytest.param(RETRIED, row(1, error=BAD), "by b", id="fails again: the retry stays"),
        pytest.param(RETRIED, row(1), "by a", id="succeeds now: no need of the retry"),
        pytest.param(RETRIED, row(1, "new", BAD), "by new", id="another normal model"),
        pytest.param(RETRIED, row(1, error=BAD, prompts="p2"), "by a", id="other prompts"),
        pytest.param(RETRIED, row(1, error=BAD, photo_sha256="x"), "by a", id="another photo"),
        pytest.param(RETRIED, row(1, error=BAD, sub_category="Socks"), "by a", id="other questions"),
        pytest.param(row(1), row(1, error=BAD), "by a", id="no retry: code that fails now is seen"),
        pytest.param({**RETRIED, "extraction_success": False}, row(1, error=BAD), "by a", id="a failed retry"),
    ],
)
def test_what_a_normal_run_keeps_of_a_retry(questions, stored, new, material):
    kept = keep_retried(rows(new), rows(stored), questions)
    assert kept["material"].to_list() == [material]
    assert kept["extraction_success"].to_list() == [material == "by b" or not new["extraction_errors"]]


def test_a_kept_row_has_the_present_source_columns_and_its_place(questions):
    new = rows(row(2, price=2.0), row(1, error=BAD, price=1.0), row(3, price=3.0))
    kept = keep_retried(new, rows(RETRIED), questions)
    assert kept.select("product_id", "price", "model_id").rows() == [(2, 2.0, "a"), (1, 1.0, "b"), (3, 3.0, "a")]
    assert kept.schema == new.schema


def test_failed_products_are_counted_once_per_code_and_harmless_codes_not():
    counted = rows(
        row(1, extraction_success=False, extraction_errors=[BAD, BAD, "unknown_list_item:details='x'"]),
        row(2, extraction_success=False, extraction_errors=[NOT_ANSWERED, BAD]),
        row(3, extraction_errors=["unknown_list_item:details='x'"]),
    )
    assert failures_by_code(counted) == {"value_out_of_vocabulary": 2, "not_answered": 1}
    assert failures_by_code(rows()) == {}
