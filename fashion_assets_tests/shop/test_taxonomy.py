"""One line in the taxonomy reaches the prompt, the schema, the parser, the table and the way back from an alias."""

import json
from dataclasses import replace

import pytest

from fashion_assets.extraction import questions as questions_module
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.extraction.tables import _attribute_column
from fashion_assets.shop import taxonomy
from fashion_assets.shop.taxonomy import FIELDS, Material, Vocabulary

VOCABULARIES = [field.vocabulary for field in FIELDS.values()]


def test_values_are_those_of_the_specification():
    assert Material.values() == [
        "leather", "denim", "knit fabric", "woven fabric", "synthetic", "metal", "canvas", "unknown",
    ]  # fmt: skip
    assert taxonomy.Sleeves.values()[-1] == "not applicable"


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_no_word_means_two_values(vocabulary):
    for member in vocabulary:
        for word in (member.value, *member.aliases):
            assert vocabulary.find(word) == member.value, word


@pytest.mark.parametrize(
    ("vocabulary", "word", "value"),
    [
        (taxonomy.Pattern, "Plaid", "checkered"),
        (taxonomy.Collar, "V neck", "v-neck"),
        (taxonomy.Material, " athletic fabric. ", "synthetic"),
        (taxonomy.Sleeves, "three quarter sleeve", "three-quarter sleeve"),
    ],
)
def test_usual_aliases_are_understood(vocabulary, word, value):
    assert vocabulary.find(word) == value


def test_a_word_outside_is_nothing():
    assert Material.find("velvet") is None


def test_a_new_material_reaches_prompt_schema_parser_and_table(monkeypatch):
    bigger = Vocabulary(
        "Material", {m.name: (m.value, *m.aliases) for m in Material} | {"VELVET": ("velvet", "velour")}
    )
    monkeypatch.setitem(questions_module.FIELDS, "material", replace(FIELDS["material"], vocabulary=bigger))
    question = next(q for q in load_questions(default_prompts_folder()) if "material" in q.keys)
    assert "velvet" in question.text
    assert "velvet" in question.schema["properties"]["material"]["enum"]
    answer = json.dumps({"material": "Velour", "pattern": "solid color", "confidence": "high"})
    assert parse_answer(answer, question).values["material"] == "velvet"
    assert "velvet" in _attribute_column(questions_module.FIELDS["material"]).allowed
