"""Opening a table by the shop's rules: which of its columns are ours, and which tables are refused."""

import polars as pl
import pytest

from fashion_assets.catalog.shapes.offers import OFFERS
from fashion_assets.catalog.shapes.records import Repairs
from fashion_assets.catalog.source import open_source
from fashion_assets.errors import SettingsError, SourceError
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets_tests.factories import folder_names

REFERENCE_HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"
REFERENCE = {"preset": "reference"}


def test_rows_have_our_columns_as_text_and_missing_columns_as_nulls(read):
    offers = read("product_id,year,product_display_name\n7,2012,Blue Shirt\n")
    assert dict(offers.schema) == dict(OFFERS)
    row = offers.row(0, named=True)
    assert (row["line_number"], row["sku"], row["year"]) == (2, "7", "2012")
    assert row["price"] is None and row["problem"] is None
    assert row["raw_line"] == "7,2012,Blue Shirt"


def test_surplus_fields_belong_to_the_name_when_it_is_last(ingested):
    done = ingested("product_id,usage,product_display_name\n1,x,Perfume, Balm and, Gel\n2,x,Plain\n")
    assert done.products["product_display_name"].to_list() == ["Perfume, Balm and, Gel", "Plain"]
    assert done.result.recovered_names == 1


def test_surplus_fields_elsewhere_are_a_problem(read):
    offers = read("product_id,product_display_name,usage\n1,Perfume, Balm,x\n")
    assert offers["problem"].item() == "4 fields where the header has 3, and the last column is not the product name"


def test_a_preset_may_lack_optional_columns(read):
    offers = read(f"{REFERENCE_HEADER}\n1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt\n", source=REFERENCE)
    row = offers.row(0, named=True)
    assert (row["sku"], row["base_color"], row["product_display_name"], row["price"]) == ("1", "Blue", "Shirt", None)


def test_columns_are_found_whatever_their_case_and_accents(read):
    offers = read("ID,Größe,Titel\n1,M,Kleid\n", ids={"product": "id"}, columns={"product_display_name": "titel"})
    assert offers.select("sku", "product_display_name").row(0) == ("1", "Kleid")


def test_the_first_column_with_a_value_counts(read):
    columns = {"product_display_name": ["title", "headline"]}
    offers = read("product_id,headline,title\n1,b,a\n2,b,\n", columns=columns)
    assert offers["product_display_name"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "sections", "words"),
    [
        ("", {}, ["is empty"]),
        (" \n \n", {}, ["is empty"]),
        ("title,usage\na,b\n", {}, ["no column 'product_id'", "title, usage", "fashion init"]),
        (REFERENCE_HEADER, {}, ["no column 'product_id'", "FASHION_PRESET=reference"]),
        ("product_id,a\n1,2\n", {}, ["no product columns besides the id", "product_id, a"]),
        ("product_id,usage\n1,2\n", {"columns": {"price": "mrp"}}, ["no column 'mrp'"]),
        ("product_id,usage,usage\n1,2,3\n", {}, ["'usage' more than once"]),
        ("product_id,usage\n1,2\n", {"exclude": {"Status": ["draft"]}}, ["no column 'Status'"]),
        ("product_id,usage\n1,2\n", {"variants": {"group": "style"}}, ["no column 'style'"]),
    ],
)
def test_sources_that_cannot_be_read_are_refused_in_one_sentence(opened, content, sections, words):
    with pytest.raises(SourceError) as error:
        opened(content, **sections)
    assert all(word in str(error.value) for word in words)


def test_a_column_that_is_not_ours_is_refused(opened):
    with pytest.raises(SettingsError, match="'colour', but the names on its left must be ours: product_id, "):
        opened("product_id,usage\n1,2\n", columns={"colour": "usage"})


def test_a_missing_file_and_a_plain_folder_are_refused(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        open_source(tmp_path / "none.csv", CatalogRules())
    with pytest.raises(SourceError, match="is a folder without"):
        open_source(tmp_path, CatalogRules())


def test_a_column_that_is_no_text_is_refused(tmp_path):
    pl.DataFrame({"product_id": [1], "usage": [[1]]}).write_parquet(tmp_path / "source.parquet")
    with pytest.raises(SourceError, match=r"'usage'.*List\(Int64\)"):
        open_source(tmp_path / "source.parquet", CatalogRules())


@pytest.mark.parametrize("name", [folder_names.WORST, "[client] a?b*"])
def test_a_source_is_the_file_of_its_name_whatever_that_is(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    frame = pl.DataFrame({"product_id": ["12", "7"], "usage": ["Casual", None]})
    frame.write_parquet(folder / f"{name}.parquet")
    frame.head(1).write_parquet(folder / "aXb, which a pattern would match.parquet")
    frame.write_csv(folder / f"{name}.csv")
    for source in (f"{name}.parquet", f"{name}.csv"):
        offers = pl.concat(open_source(folder / source, CatalogRules()).offers(Repairs()))
        assert offers["sku"].to_list() == ["12", "7"]
