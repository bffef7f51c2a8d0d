import polars as pl
import pytest

from fashion_assets.catalog.columns import column_mapping
from fashion_assets.catalog.source import SCHEMA, read_source
from fashion_assets.errors import SourceError

REFERENCE_HEADER = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"


def test_rows_have_our_columns_as_text_and_missing_columns_as_nulls(read):
    source = read("product_id,year,product_display_name\n7,2012,Blue Shirt\n")
    assert dict(source.rows.schema) == dict(SCHEMA)
    row = source.rows.row(0, named=True)
    assert (row["line_number"], row["product_id"], row["year"]) == (2, "7", "2012")
    assert row["price"] is None and row["problem"] is None
    assert row["raw_line"] == "7,2012,Blue Shirt"


def test_surplus_fields_belong_to_the_name_when_it_is_last(read):
    source = read("product_id,usage,product_display_name\n1,x,Perfume, Balm and, Gel\n2,x,Plain\n")
    assert source.rows["product_display_name"].to_list() == ["Perfume, Balm and, Gel", "Plain"]
    assert source.recovered_names == 1


def test_a_recovered_name_is_joined_by_the_delimiter_it_was_split_at(read):
    assert read("product_id;product_display_name\n1;a;b\n").rows["product_display_name"].item() == "a;b"


def test_surplus_fields_elsewhere_are_a_problem(read):
    source = read("product_id,product_display_name,usage\n1,Perfume, Balm,x\n")
    assert (
        source.rows["problem"].item() == "4 fields where the header has 3, and the last column is not the product name"
    )
    assert source.recovered_names == 0


def test_too_few_fields_are_a_problem(read):
    assert (
        read("product_id,usage,product_display_name\n1,x\n").rows["problem"].item() == "2 fields where the header has 3"
    )


def test_empty_surplus_fields_are_padding(read):
    source = read("product_id,product_display_name,usage\n1,a,x,,\n")
    assert source.rows.row(0, named=True)["usage"] == "x"
    assert source.rows["problem"].item() is None


@pytest.mark.parametrize("value", ["", "NA", "N/A", "null", "NaN", " NA "])
def test_missing_values_are_nulls(read, value):
    assert read(f"product_id,season,product_display_name\n1,{value},x\n").rows["season"].item() is None


@pytest.mark.parametrize(("value", "name"), [("", None), ("NA", None), ("Null", "Null"), ("NaN", "NaN"), (" x ", "x")])
def test_only_empty_and_na_are_missing_names(read, value, name):
    assert read(f"product_id,usage,product_display_name\n1,x,{value}\n").rows["product_display_name"].item() == name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(read, delimiter):
    text = "product_id;usage;product_display_name\n1;a,b|c;x\n".replace(";", delimiter)
    if delimiter in ",|":
        text = text.replace("a,b|c", '"a,b|c"')
    assert read(text).rows.select("product_id", "usage", "product_display_name").row(0) == ("1", "a,b|c", "x")


def test_a_byte_order_mark_and_blank_lines_are_no_data(read):
    source = read("\ufeffproduct_id,usage\r\n\r\n1,x\r\n   \r\n")
    assert source.rows["line_number"].to_list() == [3]


def test_a_preset_may_lack_optional_columns(read):
    source = read(f"{REFERENCE_HEADER}\n1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt\n", preset="reference")
    row = source.rows.row(0, named=True)
    assert (row["product_id"], row["base_color"], row["product_display_name"], row["price"]) == (
        "1",
        "Blue",
        "Shirt",
        None,
    )


@pytest.mark.parametrize(
    ("content", "mapping", "words"),
    [
        ("", {}, ["is empty"]),
        (" \n \n", {}, ["is empty"]),
        ("title,usage\na,b\n", {}, ["no column 'product_id'", "title, usage", "FASHION_COLUMNS"]),
        (REFERENCE_HEADER, {}, ["no column 'product_id'", "FASHION_PRESET=reference"]),
        (REFERENCE_HEADER, {"overrides": {"product_id": "id"}, "preset": "reference"}, None),
        ("product_id,a\n1,2\n", {}, ["no product columns besides the id", "product_id, a"]),
        ("product_id,usage\n1,2\n", {"overrides": {"price": "mrp"}}, ["no column 'mrp' for price"]),
        ("product_id,usage,usage\n1,2,3\n", {}, ["'usage' more than once"]),
        (b"\xff\xfep\0r\0o\0d\0", {}, ["not a header in UTF-8"]),
        (b"PK\x03\x04\0\0rest", {}, ["not a header in UTF-8"]),
        (b"PAR1 but not really", {}, ["not a readable Parquet file"]),
    ],
)
def test_sources_that_cannot_be_read_are_refused_in_one_sentence(read, content, mapping, words):
    if words is None:
        assert read(content, **mapping).rows.is_empty()
        return
    with pytest.raises(SourceError) as error:
        read(content, **mapping)
    assert all(word in str(error.value) for word in words)


def test_a_missing_file_and_a_plain_folder_are_refused(tmp_path):
    with pytest.raises(SourceError, match=r"does not exist, but it must be a CSV .*; set FASHION_SOURCE"):
        read_source(tmp_path / "none.csv", column_mapping())
    with pytest.raises(SourceError, match="is a folder without a Delta table"):
        read_source(tmp_path, column_mapping())


FRAME = pl.DataFrame(
    {
        "product_id": [12.0, None],
        "price": [9.5, -1.0],
        "usage": ["Casual", None],
        "photo": [{"bytes": b"\xff"}, None],
    }
)


def test_parquet_rows_count_from_one_and_show_their_values_as_json(tmp_path):
    FRAME.write_parquet(tmp_path / "source.parquet")
    rows = read_source(tmp_path / "source.parquet", column_mapping()).rows
    assert rows.select("line_number", "product_id", "price", "usage").rows() == [
        (1, "12.0", "9.5", "Casual"),
        (2, None, "-1.0", None),
    ]
    assert rows["raw_line"].to_list() == [
        '{"product_id":12.0,"price":9.5,"usage":"Casual"}',
        '{"product_id":null,"price":-1.0,"usage":null}',
    ]


def test_a_delta_table_reads_like_parquet(tmp_path):
    FRAME.write_parquet(tmp_path / "source.parquet")
    FRAME.write_delta(tmp_path / "delta")
    from_parquet = read_source(tmp_path / "source.parquet", column_mapping()).rows
    assert read_source(tmp_path / "delta", column_mapping()).rows.equals(from_parquet)


def test_a_broken_delta_table_is_refused(tmp_path):
    (tmp_path / "delta" / "_delta_log").mkdir(parents=True)
    (tmp_path / "delta" / "_delta_log" / "00000000000000000000.json").write_text("{}")
    with pytest.raises(SourceError, match="cannot be read"):
        read_source(tmp_path / "delta", column_mapping())


def test_a_column_that_is_no_text_is_refused(tmp_path):
    pl.DataFrame({"product_id": [1], "usage": [["Casual"]]}).write_parquet(tmp_path / "source.parquet")
    with pytest.raises(SourceError, match=r"'usage'.*List\(String\)"):
        read_source(tmp_path / "source.parquet", column_mapping())
