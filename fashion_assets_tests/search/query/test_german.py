"""A German query in a German index finds by German words, and boosts the same attribute values."""

import polars as pl
import pytest

from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.index.build import build_index
from fashion_assets.search.index.rows import IndexRows
from fashion_assets.search.index.update import update_index
from fashion_assets.search.index.versions import index_facts, open_live
from fashion_assets.search.query.backend import LanceBackend, SearchQuery
from fashion_assets.search.query.filters import Filters
from fashion_assets.shop.languages.reader import load_language
from fashion_assets.shop.profile import ShopProfile
from fashion_assets_tests.factories.embedding_rows import MODEL, color_rows

GERMAN = ShopProfile(language=load_language("Deutsch"))
TEXTS = ["Gürtel, braun. Für Herren", "Kleider, weiß, gestreift. Für Damen", "Guertel, Hemd für den Rock"]


@pytest.fixture
def rows():
    values = {
        "gender": ["Men", "Women", None],
        "base_color": ["Braun", "Weiß", None],
        "pattern": ["solid color", "striped", None],
        "article_type": ["Gürtel", "Kleider", None],
    }
    return color_rows("white", "white", "white", **values).with_columns(embedded_text=pl.Series(TEXTS))


@pytest.fixture
def backend(rows, index_uri):
    version = build_index(index_uri, IndexRows.of_frame(rows, MODEL, language=GERMAN.language)).version
    return LanceBackend(open_live(index_uri, version), FakeEncoder(), shop=GERMAN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Guertel", {1, 3}),
        ("GÜRTELN", {1, 3}),
        ("Kleid", {2}),
        ("gestreiftes", {2}),
        ("weisses", {2}),
        ("weiße", {2}),
        ("Röcke", {3}),
        ("für den", set()),
        ("fuer", set()),
    ],
)
def test_words_are_found_by_their_german_stems(backend, text, found):
    assert {hit.product_id for hit in backend.search(SearchQuery(text)) if hit.why.text_rank} == found


def test_named_values_are_boosted(backend):
    first = backend.search(SearchQuery("Kleid mit Streifen für Frauen, weiss"))[0]
    assert first.product_id == 2
    assert first.why.matched == {
        "article_type": "Kleider",
        "base_color": "Weiß",
        "gender": "Women",
        "pattern": "striped",
    }


def test_filters_take_german_words(backend):
    hits = backend.search(SearchQuery("Gürtel", filters=Filters(gender=("damen", "Herren"))))
    assert {hit.product_id for hit in hits} == {1, 2}


def test_an_index_of_another_language_is_built_whole(backend, rows, index_uri):
    table = backend.table
    assert index_facts(table).full_text == GERMAN.language.full_text.version
    assert update_index(index_uri, table.version, IndexRows.of_frame(rows, MODEL)) is None
    same = update_index(index_uri, table.version, IndexRows.of_frame(rows, MODEL, language=GERMAN.language))
    assert same is not None and same[1].count == 0


def test_a_language_without_a_stemmer_is_searched_by_whole_words(rows, index_uri, tmp_path):
    from importlib.resources import files

    file = tmp_path / "own.toml"
    text = files("fashion_assets.shop.languages").joinpath("de.toml").read_text("utf-8")
    file.write_text(text.replace('stemmer = "German"', 'stemmer = "none"'), encoding="utf-8")
    own = ShopProfile(language=load_language(file))
    version = build_index(index_uri, IndexRows.of_frame(rows, MODEL, language=own.language)).version
    backend = LanceBackend(open_live(index_uri, version), FakeEncoder(), shop=own)
    ranks = {
        text: backend.search(SearchQuery(text, limit=1))[0].why.text_rank for text in ("Kleider", "Kleides", "für")
    }
    assert ranks == {"Kleider": 1, "Kleides": None, "für": None}
