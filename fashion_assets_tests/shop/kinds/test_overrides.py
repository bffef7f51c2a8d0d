"""The shop's own lines decide before anything else, and name kinds that exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.errors import SettingsError
from fashion_assets.shop.kinds import category_overrides, kind_named, nearest_kinds


def types_of(lines: dict[str, str], *categories: str) -> list[str | None]:
    kind_of = category_overrides(lines)
    kinds = [kind_of(category) for category in categories]
    return [kind and (kind.article_type or kind.sub_category or kind.master_category) for kind in kinds]


def test_a_line_speaks_of_a_level_a_leaf_or_a_whole_path():
    lines = {"Strick": "Sweaters", "Damen > Mode > Ida": "Apparel > Dress", "Lotta": "Topwear"}
    assert types_of(lines, "Damen > Strick > Neu", "Damen > Mode > Ida", "Damen > Lotta", "Damen > Mode") == [
        "Sweaters",
        "Dresses",
        "Topwear",
        None,
    ]


def test_case_accents_hyphens_and_spaces_do_not_matter():
    assert types_of({"T-Röcke >  Läufer": "Skirts"}, "t-RÖCKE>läufer", "T röcke > Läufer", "Rocke") == [
        "Skirts",
        "Skirts",
        None,
    ]


def test_the_longest_match_wins_then_the_narrowest_level():
    lines = {"Kleider": "Dresses", "Damen > Kleider": "Nightdress", "Damen": "Tops", "Kleider > Lang": "Robe"}
    assert types_of(lines, "Damen > Kleider", "Herren > Kleider", "Damen > Kleider > Lang", "Damen > Neu") == [
        "Nightdress",
        "Dresses",
        "Robe",
        "Tops",
    ]


def test_a_line_that_is_the_whole_cell_wins():
    lines = {"Damen > Kleider": "Dresses", "Damen > Kleider, Neu": "Jumpsuit"}
    assert types_of(lines, "Damen > Kleider, Neu", "damen > kleider, neu", "Neu, Damen > Kleider") == [
        "Jumpsuit",
        "Jumpsuit",
        "Dresses",
    ]


def test_one_path_of_several_is_enough():
    assert types_of({"Kleider": "Dresses"}, "Damen > Kleider, Neu", "Sale|Kleider", "Kleiderbügel") == [
        "Dresses",
        "Dresses",
        None,
    ]


def test_an_override_is_as_sure_as_can_be_and_says_its_line():
    kind = category_overrides({"Ida-Linie": "Dresses"})("Damen > IDA-Linie")
    assert kind is not None and (kind.sureness, kind.matched) == ("exact", "ida linie")


@pytest.mark.parametrize(
    ("target", "nearest"),
    [("Dreses", "Dresses"), ("Topware", "Topwear"), ("Apparel > Jaket", "Jackets"), ("Sokks", "Socks")],
)
def test_an_unknown_target_is_refused_with_the_nearest_kinds(target, nearest):
    with pytest.raises(SettingsError, match=rf"'Ida' has the kind '{target}'.*{nearest}"):
        category_overrides({"Ida": target})


def test_a_line_without_words_is_refused():
    with pytest.raises(SettingsError, match="must have a word"):
        category_overrides({" > ": "Dresses"})


def test_no_lines_speak_of_nothing():
    assert category_overrides({})("Dresses") is None


@given(text=st.text())
def test_the_nearest_kinds_of_any_text_are_kinds(text):
    names = nearest_kinds(text)
    assert names and all(kind_named(name) for name in names)


@given(category=st.text(), line=st.text(min_size=1))
def test_any_category_is_answered(category, line):
    try:
        kind_of = category_overrides({line: "Dresses"})
    except SettingsError:
        return
    kinds = {kind_of(category), kind_of(line)}
    assert kind_of(line) is not None and kinds <= {kind_of(line), None}
