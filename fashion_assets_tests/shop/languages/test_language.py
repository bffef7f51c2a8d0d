"""Words of a language: in whatever inflection and spelling, they are the same word."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.shop.languages.language import FullText, Stemmer
from fashion_assets.shop.languages.reader import english, load_language, shipped_languages
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Value

GERMAN = load_language("de")
VISIBLE = [
    (attribute, value)
    for attribute in SHIPPED.taxonomy.visible
    for value in attribute.vocabulary
    if not value.says_nothing
]


@pytest.mark.parametrize(
    "forms",
    [
        "Kleid Kleider KLEIDES",
        "Hose Hosen",
        "rot rote roter rotes roten rotem",
        "grün gruen grüne gruenes GRÜN gru\u0308n",
        "blau blaue blauer blaues",
        "weiß weiss weiße WEISSES",
        "Gürtel Guertel Gürteln GÜRTEL",
        "Mann Männer Maenner",
        "Frau Frauen",
        "locker lockeres lockere",
        "Pullover Pullovers",
        "modern moderne modernes",
        "Röcke Rock Roecke",
        "gestreift gestreiftes gestreiften",
    ],
)
def test_forms_of_a_german_word_are_equal(forms):
    assert len(set(map(GERMAN.key, forms.split()))) == 1


def test_other_german_words_are_not():
    words = [
        "Bluse",
        "blue",
        "Hose",
        "Hase",
        "Rock",
        "rot",
        "Schuh",
        "Schal",
        "Hemd",
        "Mantel",
        "Männer",
        "Mädchen",
        "weiß",
    ]
    assert len(set(map(GERMAN.key, words))) == len(words)


@pytest.mark.parametrize(
    ("word", "spellings"),
    [
        ("Gürtel", ("gurtel", "guertel")),
        ("guertel", ("guertel", "gurtel")),
        ("GU\u0308RTEL", ("gurtel", "guertel")),
        ("blaue", ("blaue",)),
        ("Hemd", ("hemd",)),
    ],
)
def test_german_words_are_looked_for_in_both_spellings(word, spellings):
    assert GERMAN.spelled(word) == spellings


def test_a_version_changes_with_the_content():
    text = FullText("German", ("der", "die"))
    assert text.version == FullText("German", ("die", "der")).version != FullText("German", ("der",)).version
    assert english().full_text.version == "English", "as in indexes made before there were languages"
    assert GERMAN.version == load_language("Deutsch").version != english().version
    assert replace(GERMAN, words={}).version != GERMAN.version


def test_english_has_one_spelling():
    assert english().spelled("Blue") == ("blue",)
    assert english().spelled("Café") == ("cafe",)


@given(st.text("aehsxcbo1é", max_size=8))
def test_english_loses_plural_endings_only(word):
    """As the code did that wrote the descriptions and rankings of homes made before."""
    folded = word.lower().replace("é", "e")
    if re.search(r"(ss|sh|ch|x)es$", folded):
        expected = folded[:-2]
    elif len(folded) > 2 and folded.endswith("s") and not folded.endswith("ss"):
        expected = folded[:-1]
    else:
        expected = folded
    assert english().key(word) == expected


@pytest.mark.parametrize(("attribute", "value"), VISIBLE, ids=lambda part: getattr(part, "key", None) or part.name)
def test_english_says_what_the_taxonomy_says_and_german_something_else(attribute, value):
    assert english().phrase(attribute, value) == value.description
    phrase = GERMAN.phrase(attribute, value)
    assert bool(phrase) == bool(value.description)
    assert not phrase or phrase != value.description or phrase in {"canvas", "modern", "elegant"}


def test_a_value_of_a_shop_is_said_in_its_own_words():
    material = SHIPPED.taxonomy["material"]
    assert GERMAN.phrase(material, Value("suede")) == "suede"
    assert GERMAN.phrase(material, Value("velvet", phrase="velvety")) == "velvety"
    assert GERMAN.phrase(material, Value("unsure", says_nothing=True)) == ""


def test_words_of_the_catalog_are_translated_where_they_are_usual_ones():
    assert (GERMAN.word("gender", "Women"), GERMAN.word("gender", "Damen")) == ("Damen", "Damen")
    assert english().word("gender", "Women") == "Women"


@pytest.mark.parametrize("language", shipped_languages(), ids=lambda language: language.code)
def test_every_synonym_means_a_value_of_its_column(language):
    words = {column: set(of_column) for column, of_column in GERMAN.words.items()}
    allowed = words | {a.column: set(a.vocabulary.values()) for a in SHIPPED.taxonomy}
    for column, entries in language.synonyms.items():
        for phrase, values in entries.items():
            assert values and set(values) <= allowed[column], (column, phrase)


@pytest.mark.parametrize("occasion", sorted({o for a in SHIPPED.taxonomy for v in a.vocabulary for o in v.occasions}))
def test_every_occasion_has_a_german_word(occasion):
    assert occasion in GERMAN.words["occasions"]


@pytest.mark.parametrize("stemmer", [name for name in Stemmer.__args__ if name != "none"])
def test_lancedb_has_the_stemmers(stemmer, tmp_path):
    import lancedb
    import pyarrow
    from lancedb.index import FTS

    table = lancedb.connect(tmp_path).create_table("words", pyarrow.table({"text": ["word"]}))
    table.create_index("text", config=FTS(language=stemmer, custom_stop_words=[]))
    assert table.list_indices()[0].index_type == "FTS"
