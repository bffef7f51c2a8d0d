"""The vocabulary: values that mean one thing, flags in place of lists, and mistakes that are refused."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import fashion_assets
from fashion_assets.errors import SettingsError
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, NameWord, Taxonomy, Value, Vocabulary

TAXONOMY = SHIPPED.taxonomy


def test_values_are_those_of_the_specification():
    assert TAXONOMY["material"].vocabulary.values() == [
        "leather", "denim", "knit fabric", "woven fabric", "synthetic", "metal", "canvas", "unknown",
    ]  # fmt: skip
    assert TAXONOMY["sleeves"].vocabulary.values()[-1] == "not applicable"


@pytest.mark.parametrize("attribute", TAXONOMY.attributes, ids=lambda attribute: attribute.key)
def test_no_word_means_two_values(attribute):
    for value in attribute.vocabulary:
        for word in (value.name, *value.aliases):
            assert attribute.vocabulary.find(word) == value.name, word


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [
        ("pattern", "Plaid", "checkered"),
        ("collar", "V neck", "v-neck"),
        ("material", " athletic fabric. ", "synthetic"),
        ("sleeves", "three quarter sleeve", "three-quarter sleeve"),
        ("material", "velvet", None),
    ],
)
def test_usual_aliases_are_understood_and_other_words_are_nothing(key, word, value):
    assert TAXONOMY[key].vocabulary.find(word) == value


def test_flags_say_which_values_say_nothing():
    assert {attribute.key: attribute.silent_values for attribute in TAXONOMY if attribute.silent_values} == {
        "material": ["unknown"],
        "pattern": ["no clear pattern"],
        "collar": ["not applicable"],
        "sleeves": ["not applicable"],
        "fit": ["cannot determine"],
    }
    assert [attribute.key for attribute in TAXONOMY if attribute.not_applicable] == ["collar", "sleeves"]
    assert [attribute.key for attribute in TAXONOMY if attribute.cannot_tell] == ["material", "pattern", "fit"]
    assert TAXONOMY["confidence"].sure_values == ["high", "medium"]


def test_the_shipped_prompts_ask_what_the_taxonomy_says_that_they_ask():
    for question in load_questions(default_prompts_folder()):
        assert {attribute.question for attribute in question.fields} == {question.id}


def test_a_value_takes_over_a_word_that_was_an_alias():
    bigger = TAXONOMY.with_value("material", Value("suede"))
    assert TAXONOMY["material"].vocabulary.find("Suede") == "leather"
    assert bigger["material"].vocabulary.find("Suede") == "suede"
    assert bigger["material"].vocabulary.values()[-2:] == ["suede", "unknown"]


def test_a_list_of_all_values_holds_a_new_one_too():
    bigger = TAXONOMY.with_value("details", Value("has fringe"))
    assert bigger["details"].max_items == TAXONOMY["details"].max_items + 1
    assert bigger.with_value("style_keywords", Value("preppy"))["style_keywords"].max_items == 3


@pytest.mark.parametrize("value", [Value("Leather."), Value("velvet", ("NUBUCK",))])
def test_a_word_for_two_values_is_refused(value):
    with pytest.raises(SettingsError, match="means 'leather' and"):
        TAXONOMY.with_value("material", value)


def test_what_is_not_declared_is_refused():
    with pytest.raises(SettingsError, match="no attribute 'heel'"):
        TAXONOMY["heel"]
    with pytest.raises(SettingsError, match="no value 'velvet', but it must be one of leather"):
        TAXONOMY["material"].value("velvet")
    for wrong in ({"default": "velvet"}, {"shared_name_words": (NameWord("velvet", ("velvet",)),)}):
        with pytest.raises(SettingsError, match="no value 'velvet'"):
            replace(TAXONOMY["material"], **wrong)


def test_a_taxonomy_that_contradicts_itself_is_refused():
    heel = Attribute("heel", "heel", Vocabulary((Value("high"),)), question="shoes")
    with pytest.raises(SettingsError, match="'heel' is declared twice"):
        Taxonomy((heel, replace(heel, key="heel_height")))
    with pytest.raises(SettingsError, match="no attribute 'sole'"):
        Taxonomy((heel, replace(heel, key="sure", column="sure", confidence_of="sole")))


def test_no_other_module_names_values_that_say_nothing():
    """They are flagged in the declaration; a list of them elsewhere would not hold the next one."""
    package = Path(fashion_assets.__file__).parent
    naming = {
        str(module.relative_to(package))
        for module in package.rglob("*.py")
        if module.relative_to(package).parts[0] not in ("shop", "demo")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and node.value in TAXONOMY.silent_values
    }
    assert naming == {
        "quality/pilot/sample.py",  # an article type that is not known, no material
        "catalog/values/missing.py",  # cells of a shop's table, which no taxonomy words
    }
