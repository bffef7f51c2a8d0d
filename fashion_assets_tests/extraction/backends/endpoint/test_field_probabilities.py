"""The probability of a value is that of the tokens that spell it, and of no other."""

import pytest

from fashion_assets.extraction.backends.endpoint.field_probabilities import field_probabilities

TEXT = '{"material": "denim", "tags": ["a", "b"]}'


def ends(*pieces: str) -> list[int]:
    assert "".join(pieces) == TEXT
    return [sum(map(len, pieces[: i + 1])) for i in range(len(pieces))]


def test_product_over_the_tokens_of_the_value():
    token_ends = ends('{"material": ', '"den', 'im"', ', "tags": ', '["a", "b"]', "}")
    probabilities = field_probabilities(TEXT, token_ends, [0.1, 0.5, 0.8, 0.1, 0.25, 0.1], ["material", "tags"])
    assert probabilities == {"material": pytest.approx(0.4), "tags": pytest.approx(0.25)}


def test_a_key_that_is_not_there_is_left_out():
    assert field_probabilities(TEXT, [len(TEXT)], [0.5], ["fit"]) == {}
