"""What queries are compared with: folded words, and ids as single words."""

import polars as pl
import pytest

from fashion_assets.search.index.words import IDENTIFIERS, folded_text, identifier, with_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Acme™ Café", "acme cafe"), ("T-Shirt No. 5", "t-shirt no. 5"), ("5 €", "5"), ("", "")],
)
def test_symbols_are_no_part_of_a_word(text, folded):
    assert folded_text(text).split() == folded.split()


@pytest.mark.parametrize(
    ("text", "same"),
    [(" WS-01 ", "ws-01"), ("Größe  4", "GROSSE 4"), ("a\u00a0b", "A b"), ("Lumière", "LUMIE\u0300RE")],
)
def test_an_id_is_one_word_in_every_spelling(text, same):
    assert identifier(text) == identifier(same)
    assert len(identifier(text).split()) == 1


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_nothing_is_no_id(text):
    assert identifier(text) == ""


def test_ids_come_from_the_columns_there_are():
    rows = pl.DataFrame(
        {
            "product_id": [7, -2],
            "shop_id": ["7", "WS 1"],
            "skus": pl.Series([["A", None, "a"], None], dtype=pl.List(pl.String)),
            "text": ["Été", None],
        }
    )
    worded = with_words(rows, ["text"])
    assert worded[IDENTIFIERS].to_list() == ["7 a", "ws␠1 -2"]
    assert worded["text_folded"].to_list() == ["ete", None]
    assert with_words(rows.select("product_id"), [])[IDENTIFIERS].to_list() == ["7", "-2"]
