"""The parser is total: values within the vocabulary, or typed errors."""

import pytest

from fashion_assets.extraction.answers import parse_answer


@pytest.fixture
def material(questions):
    return next(q for q in questions if q.id == "material_and_pattern")


@pytest.fixture
def style(questions):
    return next(q for q in questions if q.id == "style_and_formality")


def test_a_clean_answer(material):
    parsed = parse_answer('{"material": "denim", "pattern": "striped", "confidence": "high"}', material)
    assert parsed.values == {"material": "denim", "pattern": "striped", "confidence": "high"}
    assert parsed.errors == []


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"material": "denim", "pattern": "striped", "confidence": "high"}\n```',
        "Sure! {'material': 'Denim', 'pattern': 'stripes', 'confidence': 'HIGH'}",
        '{"material": "denim", "pattern": "striped", "confidence": "high"',
        '[{"material": "denim", "pattern": ["striped"], "confidence": "high"}]',
    ],
)
def test_what_can_be_repaired_is(material, text):
    assert parse_answer(text, material).values == {"material": "denim", "pattern": "striped", "confidence": "high"}


@pytest.mark.parametrize("text", ["", "denim", "42", "null", "[]", "<html>"])
def test_no_object_is_unparseable(material, text):
    assert parse_answer(text, material).errors == ["answer_unparseable:material_and_pattern"]


def test_a_value_outside_the_vocabulary_is_an_error_not_a_guess(material):
    parsed = parse_answer('{"material": "velvet", "pattern": 7, "confidence": "high"}', material)
    assert parsed.values == {"confidence": "high"}
    assert parsed.errors == ["value_out_of_vocabulary:material='velvet'", "value_out_of_vocabulary:pattern=7"]


def test_an_unknown_list_item_is_dropped_and_coded_without_failing(style):
    text = '{"formality": "casual", "style_keywords": ["boho", "cute", "boho"], "details": ["zip", "none"]}'
    parsed = parse_answer(text, style)
    assert parsed.values == {"formality": "casual", "style_keywords": ["bohemian"], "details": ["has zipper"]}
    assert parsed.errors == ["unknown_list_item:style_keywords='cute'"]


@pytest.mark.parametrize("nothing", ['"none"', '"none visible"', "[]", "null", '["none"]'])
def test_words_for_nothing_are_an_empty_list(style, nothing):
    parsed = parse_answer(f'{{"formality": "casual", "style_keywords": [], "details": {nothing}}}', style)
    assert parsed.values["details"] == []
    assert parsed.errors == []


def test_a_list_is_cut_to_its_most_items(style):
    text = '{"formality": "casual", "style_keywords": ["modern", "vintage", "sporty", "elegant"], "details": []}'
    assert parse_answer(text, style).values["style_keywords"] == ["modern", "vintage", "sporty"]


def test_a_mass_that_is_no_number_is_a_forced_answer(material):
    text = '{"material": "denim", "pattern": "striped", "confidence": "high"}'
    parsed = parse_answer(text, material, {"material": float("nan"), "pattern": 0.5, "confidence": 1.0})
    assert parsed.values == {"pattern": "striped", "confidence": "high"}
    assert parsed.errors == ["answer_forced:material=nan"]
