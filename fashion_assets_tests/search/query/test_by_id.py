"""A query that is a product's id finds that product first, whatever else would come before it."""

import polars as pl
import pytest

from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.index.words import IDENTIFIERS, words_column
from fashion_assets.search.query.by_id import ID_SCORE
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.query.hits import Reasons
from fashion_assets.search.query.search import search
from fashion_assets_tests.factories.embedding_rows import color_rows, without_photos

ENCODER = FakeEncoder()


@pytest.fixture
def table(open_index):
    """Five red products; the first is the shop's `red`, and the second has SKUs, one of which is the key of another."""
    rows = color_rows(*["red"] * 5, gender=["Men", "Women", "Men", "Men", "Men"]).with_columns(
        shop_id=pl.Series(["Red", "WS23113TLE", "0003", "Größe 4", None]),
        skus=pl.Series([[], ["WS-S", "ws m", "5"], None, ["4"], [None]], dtype=pl.List(pl.String)),
    )
    return open_index(rows)


def found(table, text, **options):
    return [hit.product_id for hit in search(table, ENCODER, text=text, **options)]


@pytest.mark.parametrize("index", [*INDEXES])
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ws23113tle", [2]),
        (" WS23113TLE ", [2]),
        ("WS-s", [2]),
        ("WS  M", [2]),
        ("3", [3]),
        ("0003", [3]),
        ("grosse 4", [4]),
        ("GRO\N{COMBINING DIAERESIS}SSE 4", [4]),
        ("4", [4]),
        ("5", [5, 2]),
        ("red", [1]),
    ],
)
def test_ids_and_skus_come_first(table, text, first, index):
    assert found(table, text, index=index)[: len(first)] == first
    assert sorted(found(table, text, index=index)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("text", ["WS", "003", "ws m 5", "-", "x" * 300])
def test_a_part_of_an_id_is_no_id(table, text):
    assert all(hit.why.boosts != ("id",) for hit in search(table, ENCODER, text=text))


@pytest.mark.parametrize(("text", "column"), [("ws23113tle", "shop_id"), ("2", "product_id")])
def test_the_id_is_the_reason_and_the_cosine_is_the_score(table, text, column):
    first, second = search(table, ENCODER, text=text, limit=2)
    assert first.why == Reasons(ID_SCORE, boosts=("id",), matched={column: text})
    assert first.score == pytest.approx(second.score)


def test_nothing_is_printed(table, capfd):
    found(table, "ws23113tle")
    assert capfd.readouterr() == ("", "")


def test_filters_exclusions_and_limits_hold(table):
    assert 2 not in found(table, "WS23113TLE", filters=Filters(gender=("Men",)))
    assert 2 not in found(table, "WS23113TLE", excluded_ids={2})
    assert found(table, "5", limit=1) == [5]


def test_a_product_without_a_photo_is_found_by_its_id(open_index):
    table = open_index(without_photos(color_rows("red", "blue"), 1))
    (first, second) = search(table, ENCODER, text="1", index="vs_image_search")
    assert (first.product_id, first.score, second.product_id) == (1, 0.0, 2)


def test_a_version_without_such_columns_knows_the_keys(open_index):
    table = open_index(color_rows("red", "red", "red"))
    table.checkout_latest()
    table.drop_columns([IDENTIFIERS, words_column("embedded_text"), words_column("baseline_description")])
    table.create_index("embedded_text", config=_plain_words())
    assert found(table, "2")[0] == 2
    assert 2 not in found(table, "2", excluded_ids={2})
    assert found(table, "shirt") == [1, 2, 3]
    assert found(table, "no. 2") == [1, 2, 3]


def _plain_words():
    from lancedb.index import FTS

    return FTS()
