"""What raw answers say, and the texts that the rivals embed."""

import pytest

from benchmarks.peers.answers import enriched_text, read_answer


def test_what_the_model_saw_stands_before_what_the_catalog_says():
    answers = {"a": '{"material": "cotton", "pattern": "striped"}', "b": '{"style_keywords": ["casual", "classic"]}'}
    assert enriched_text("Plain Shirt Blue", answers) == "cotton, striped, casual, classic. Plain Shirt Blue"


@pytest.mark.parametrize("answer", ["It is cotton.", '{"material": "cot', '["cotton"]', ""])
def test_what_is_no_object_says_nothing(answer):
    assert read_answer(answer) is None
    assert enriched_text("Plain Shirt Blue", {"a": answer}) == "Plain Shirt Blue"


def test_values_may_be_anything():
    assert enriched_text("Plain Shirt", {"a": '{"pockets": 2, "lined": null}'}) == "2, None. Plain Shirt"
