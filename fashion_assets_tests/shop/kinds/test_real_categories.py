"""Category texts as shops write them mean the right kinds, however they are spelled."""

import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.shop.kinds import Place, map_category
from fashion_assets.shop.kinds.vocabulary import vocabulary

TABLES = ("real_categories.toml", "german_categories.toml")
TEXTS: dict[str, str] = {
    text: kind
    for name in TABLES
    for text, kind in tomllib.loads((Path(__file__).parent / name).read_text("utf-8")).items()
}
CASES = (str, str.lower, str.upper, str.title, str.swapcase)
SPACES = (" ", "  ", "\t", "\u00a0 ")


def expected(kind: str) -> Place | None:
    return None if kind == "-" else Place(*kind.split(" / "))


def place_of(category: str, name: str | None = None) -> Place | None:
    kind = map_category(category, name=name)
    return kind and kind.place


@pytest.mark.parametrize(("text", "kind"), TEXTS.items())
def test_the_texts_of_shops_mean_their_kinds(text, kind):
    assert place_of(text) == expected(kind)


def test_the_tables_of_texts_name_only_kinds():
    assert {expected(kind) for kind in TEXTS.values()} - {None} <= vocabulary().places


@given(text=st.sampled_from([*TEXTS]), case=st.sampled_from(CASES), space=st.sampled_from(SPACES))
def test_case_and_spaces_never_change_the_result(text, case, space):
    varied = f"{space}{case(text.replace('&gt;', '>')).replace(' ', space)}{space}"
    assert map_category(varied) == map_category(text)


@given(category=st.text(), name=st.none() | st.text())
def test_any_text_means_a_kind_of_the_catalog_or_none(category, name):
    assert place_of(category, name) in vocabulary().places | {None}


WORDS = sorted(
    {word for text in TEXTS for word in text.replace("&gt;", ">").split(" ")} | {"with", "für", "/", ",", "|"}
)


@given(words=st.lists(st.sampled_from(WORDS), max_size=8), name=st.lists(st.sampled_from(WORDS), max_size=6))
def test_any_mixture_of_the_words_of_shops_means_a_kind_of_the_catalog_or_none(words, name):
    kind = map_category(" ".join(words), name=" ".join(name))
    assert kind is None or kind.place in vocabulary().places | reference_mixtures(kind.place)


def reference_mixtures(place: Place) -> set[Place]:
    """The place itself where its levels are words of the catalog: a row may state a rare combination of them."""
    levels = zip(*vocabulary().places, strict=True)
    return {place} if all(level in names for level, names in zip(place, map(set, levels), strict=True)) else set()


def test_five_thousand_paths_take_well_under_a_second():
    paths = [f"Women > {text} > Collection {number}" for number in range(5_000 // len(TEXTS)) for text in TEXTS]
    started = time.process_time()
    mapped = [map_category(path) for path in paths]
    assert time.process_time() - started < 10  # 0.3 s where nothing else runs; what grows with the paths takes minutes
    assert any(mapped)
