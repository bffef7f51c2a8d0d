"""Reading hand labels: forgiving about words, strict about meaning."""

from pathlib import Path

import polars as pl
import pytest

from fashion_assets.errors import SourceError
from fashion_assets.quality.labels.hand_labels import read_labels


def written(folder: Path, text: str) -> Path:
    file = folder / "labels.csv"
    file.write_text(text)
    return file


def test_labels_take_the_names_and_types_of_the_table(tmp_path: Path):
    labels = read_labels(
        written(
            tmp_path, "product_id,material,details,collar_type,note\n7, Wool ,pockets| zip,v neck,nice\n8,,none,,\n"
        )
    )
    assert labels.schema == {
        "product_id": pl.Int64,
        "material": pl.String,
        "visual_details": pl.List(pl.String),
        "collar_type": pl.String,
    }
    assert labels.rows() == [(7, "knit fabric", ["has pockets", "has zipper"], "v-neck"), (8, None, [], None)]


def test_an_empty_list_cell_says_nothing(tmp_path: Path):
    labels = read_labels(written(tmp_path, "product_id,style_keywords\n1,\n2,none\n3,modern|modern\n"))
    assert labels["style_keywords"].to_list() == [None, [], ["modern"]]


@pytest.mark.parametrize(
    "text, message",
    [
        (
            "product_id,material\n1,leather\n2,wool blend\n",
            r"Line 3 of .* has material 'wool blend', but it must be one of: l",
        ),
        (
            "product_id,details\n1,has logo\n2,logo|wings\n",
            r"Line 3 of .* has details 'logo\|wings', but it must be one of: has",
        ),
        ("product_id,material\nx1,leather\n", r"Line 2 of .* has product_id 'x1', but it must be the id of a product"),
        (
            "product_id,material\n1,leather\n1,denim\n",
            r"Line 2 of .* has product_id '1', but each product may have one line",
        ),
        ("name,material\n1,leather\n", r"have no column product_id, only name, material, but it is required; add it"),
        (
            "product_id,colour\n1,red\n",
            r"have no column of an attribute, but a column must be one of material, pattern",
        ),
    ],
)
def test_bad_labels_are_one_sentence(tmp_path: Path, text: str, message: str):
    with pytest.raises(SourceError, match=message):
        read_labels(written(tmp_path, text))


def test_a_missing_file_is_one_sentence(tmp_path: Path):
    with pytest.raises(SourceError, match=r"cannot be read .*, but they must be a table with the columns product_id"):
        read_labels(tmp_path / "nowhere.csv")


def test_products_are_named_as_the_shop_names_them(tmp_path: Path):
    names = {"WS-7": -1, "0001": -2}
    file = written(tmp_path, "SKU;material\nWS-7;leather\n0001;denim\n")
    assert read_labels(file, key_of=names.get).rows() == [(-1, "leather"), (-2, "denim")]


def test_the_file_of_a_name_is_read_and_none_that_a_pattern_would_match(tmp_path: Path):
    (tmp_path / "a?b [1].csv").write_text("product_id,material\n1,leather\n")
    (tmp_path / "aXb 1.csv").write_text("product_id,material\n2,denim\n")
    assert read_labels(tmp_path / "a?b [1].csv")["product_id"].to_list() == [1]
