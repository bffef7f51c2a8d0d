"""Two prompt sets on the same products: which is better, and is it more than chance?"""

import polars as pl
import pytest

from fashion_assets.quality.pilot.compare import compare_answers, is_sound, paired
from fashion_assets_tests.factories import attributes

VERSIONS = ("a.v1#1", "a.v2#2")


def counts(*values: bool) -> pl.DataFrame:
    return pl.DataFrame({"product_id": range(len(values)), "counts": values})


def answers(materials: list[str], **values) -> pl.DataFrame:
    return attributes(
        *(
            {"product_id": number, "article_type": "Shirts", "material": material, **values}
            for number, material in enumerate(materials)
        )
    )


@pytest.mark.parametrize(
    ("only_present", "only_other", "p_value"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 8, 2 / 2**8), (1, 7, 2 * (1 + 8) / 2**8), (8, 0, 2 / 2**8)],
)
def test_the_exact_test_worked_out_by_hand(only_present, only_other, p_value):
    present = counts(*[True] * 10, *[True] * only_present, *[False] * only_other)
    other = counts(*[True] * 10, *[False] * only_present, *[True] * only_other)
    found = paired("x", present, other)
    assert (found.only_present, found.only_other) == (only_present, only_other)
    assert found.p_value == pytest.approx(p_value)


def test_the_better_set_is_named_only_if_it_is_more_than_chance():
    present = answers(["unknown"] * 8 + ["denim"] * 12)
    clearly = compare_answers(present, answers(["denim"] * 20), VERSIONS, None)
    assert clearly.better == "other"
    assert clearly.in_words().startswith("The other prompts are better, by more than chance (by sound descriptions")
    assert compare_answers(answers(["denim"] * 20), present, VERSIONS, None).better == "present"
    hardly = compare_answers(answers(["unknown"] * 4 + ["denim"] * 16), answers(["denim"] * 20), VERSIONS, None)
    assert hardly.better is None
    assert "may well be chance" in hardly.in_words()


def test_labels_decide_where_there_are_some():
    labels = pl.DataFrame({"product_id": range(20), "material": ["denim"] * 20})
    present, other = answers(["canvas"] * 10 + ["denim"] * 10), answers(["denim"] * 20)
    found = compare_answers(present, other, VERSIONS, labels)
    assert found.better == "other"
    assert found.decisive.what == "all single values right"
    assert [one.what for one in found.details] == ["sound descriptions", "right material"]


def test_what_is_sound():
    rows = attributes(
        {"product_id": 1, "article_type": "Shirts"},
        {"product_id": 2, "article_type": "Shirts", "material": "unknown"},
        {"product_id": 3, "article_type": "Shirts", "confidence_material": "low"},
        {"product_id": 4, "article_type": "Shirts", "extraction_success": False},
        {"product_id": 5, "article_type": "Watches", "material": "denim"},
    )
    assert is_sound(rows).filter("counts")["product_id"].to_list() == [1]
