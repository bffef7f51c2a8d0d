"""The texts that the rivals embed."""

from benchmarks.peers.models import enriched_text


def test_what_the_model_saw_stands_before_what_the_catalog_says():
    answers = {"a": '{"material": "cotton", "pattern": "striped"}', "b": '{"style_keywords": ["casual", "classic"]}'}
    assert enriched_text("Plain Shirt Blue", answers) == "cotton, striped, casual, classic. Plain Shirt Blue"
