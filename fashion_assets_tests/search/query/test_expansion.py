import pytest

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.palette import PALETTE
from fashion_assets.search.query.expansion import as_typed, expand, folded
from fashion_assets.shop.languages.reader import load_language
from fashion_assets.shop.profile import SHIPPED

ALLOWED = {
    "base_color": set(PALETTE),
    "article_type": {article.name for article in ARTICLES},
    "gender": {"Men", "Women", "Boys", "Girls", "Unisex"},
    **{field.column: set(field.vocabulary.values()) for field in SHIPPED.taxonomy},
}
ENTRIES = [
    (column, phrase, values) for column, of in SHIPPED.language.synonyms.items() for phrase, values in of.items()
]


@pytest.mark.parametrize(("column", "phrase", "values"), ENTRIES, ids=lambda part: str(part))
def test_every_synonym_stands_for_a_value_of_its_column(column, phrase, values):
    assert values and set(values) <= ALLOWED[column]


@pytest.mark.parametrize(
    ("typed", "text", "added"),
    [
        ("plaid shirt", "plaid checkered shirt", {"plaid": ("checkered",)}),
        ("Crimson dress", "Crimson red dress", {"Crimson": ("red",)}),
        ("kids' cap", "kids boys girls' cap", {"kids": ("boys", "girls")}),
        ("solid tie", "solid plain tie", {"solid": ("plain",)}),
        ("no sleeves", "no sleeves sleeveless", {"no sleeves": ("sleeveless",)}),
        ("track pants", "track pants", {}),
        ("navy blue", "navy blue", {}),
        ("long gold dress", "long gold dress", {}),
        ("striped stripes", "striped stripes striped", {"stripes": ("striped",)}),
        ("👗", "👗", {}),
        ("قميص أحمر", "قميص أحمر", {}),
        ("", "", {}),
    ],
)
def test_words_are_joined_by_what_they_stand_for(typed, text, added):
    expanded = expand(typed)
    assert (expanded.text, expanded.added) == (text, added)


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("Karo Hemden", {"Karo": ("kariert",)}),
        ("ledernes Oberhemd", {"ledernes": ("Leder",), "Oberhemd": ("Hemd",)}),
        ("lockeres Kleid", {"lockeres": ("locker geschnitten",)}),
        ("Frauen", {"Frauen": ("Damen",)}),
        ("Kindermütze", {}),
        ("plaid", {"plaid": ("kariert",)}),
        ("gestreiftes Kleid langarm", {}),
        ("ohne Aermel", {"ohne Aermel": ("ärmellos",)}),
    ],
)
def test_german_words_are_joined_by_what_they_mean(typed, added):
    assert expand(typed, language=load_language("de")).added == added


def test_german_words_are_searched_in_both_spellings():
    german = load_language("de")
    assert expand("Gürtel", language=german).terms == ("gurtel", "guertel")
    assert as_typed("Guertel", german).terms == ("guertel", "gurtel")


def test_an_alias_of_several_words_gives_way_in_the_full_text_query():
    assert expand("white t-shirt for ladies").terms == ("white", "tshirts", "for", "ladies", "women")


def test_what_is_typed_as_it_is_gets_nothing_added():
    assert as_typed("plaid t-shirt").terms == ("plaid", "t", "shirt")


def test_number_and_case_do_not_matter():
    assert folded("Dresses WATCHES shoes") == folded("dress watch shoe")
    assert folded("dress") != folded("dres")
