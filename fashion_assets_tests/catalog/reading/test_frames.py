"""Parquet and Delta: typed columns as text."""

import datetime
import json
import struct
from decimal import Decimal

import polars as pl
import pytest

from fashion_assets.errors import SourceError

DAY, MOMENT = datetime.date(2024, 1, 2), datetime.datetime(2024, 1, 2, 3, 4, 5)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pl.Series([1, None, -3]), ["1", None, "-3"]),
        (pl.Series([12.0, None, float("nan")]), ["12", None, None]),
        (pl.Series([9.5, 1e15, -0.0]), ["9.5", "1000000000000000", "0"]),
        (pl.Series([float("inf"), 1e300, 1e-7]), ["inf", "1e+300", "1e-7"]),
        (pl.Series([2.5, 4.0], dtype=pl.Float32), ["2.5", "4"]),
        (pl.Series([Decimal("19.90"), None]), ["19.90", None]),
        (pl.Series([True, False, None]), ["true", "false", None]),
        (pl.Series([DAY, None]), ["2024-01-02", None]),
        (pl.Series([MOMENT, datetime.datetime(2024, 1, 2)]), ["2024-01-02T03:04:05", "2024-01-02"]),
        (pl.Series([MOMENT]).dt.replace_time_zone("Europe/Berlin"), ["2024-01-02T03:04:05+01:00"]),
        (pl.Series([datetime.time(1, 2)]), ["01:02:00"]),
        (pl.Series(["0012", " a ", ""]), ["0012", " a ", ""]),
        (pl.Series(["Red", None], dtype=pl.Categorical), ["Red", None]),
        (pl.Series([None, None]), [None, None]),
        (pl.Series([["a", "b"], ["c,d", None, "e"], [], None]), ["a,b", "c,d|e", None, None]),
    ],
    ids=lambda value: str(value.dtype) if isinstance(value, pl.Series) else "",
)
def test_cells_of_each_type_are_text(load, tmp_path, values, texts):
    pl.DataFrame({"x": values}).write_parquet(tmp_path / "source.parquet")
    read = load(tmp_path / "source.parquet")
    assert read.of("x") == texts
    assert read.table.nested == {}


def test_nested_columns_are_json_and_named(load, tmp_path):
    frame = pl.DataFrame({"id": [1, 2], "sizes": [[36, 38], None], "dims": [{"w": 1.5, "é": [True]}, None]})
    frame.write_parquet(tmp_path / "source.parquet")
    read = load(tmp_path / "source.parquet")
    assert read.rows == [("1", "[36,38]", '{"w":1.5,"é":[true]}'), ("2", None, None)]
    assert set(read.table.nested) == {"sizes", "dims"}


def test_binary_columns_are_left_out_and_named(load, tmp_path):
    frame = pl.DataFrame({"id": [1], "photo": [{"bytes": b"\xff", "path": "a"}], "thumb": [b"\xff"]})
    frame.write_parquet(tmp_path / "source.parquet")
    read = load(tmp_path / "source.parquet")
    assert (read.columns, read.raws) == (("id",), ['{"id":1}'])
    assert read.notes == ("Left out, as binary: 'photo', 'thumb'.",)


def test_a_folder_of_parts_is_one_table(load, tmp_path):
    folder = tmp_path / "products"
    for name, frame in {
        "kind=Shoes%20%26%20more/part-1.parquet": pl.DataFrame({"id": [3], "name": ["c"]}),
        "kind=Bags/part-0.snappy.parquet": pl.DataFrame({"id": ["1", "x2"], "extra": [1.0, None]}),
        "kind=__HIVE_DEFAULT_PARTITION__/part-2.parquet": pl.DataFrame({"id": [4]}),
        "_temporary/part-9.parquet": pl.DataFrame({"id": [9]}),
    }.items():
        (folder / name).parent.mkdir(parents=True)
        frame.write_parquet(folder / name)
    (folder / "_SUCCESS").write_text("")
    read = load(folder, rows=2)
    assert read.columns == ("id", "extra", "kind", "name")
    assert read.rows == [
        ("1", "1", "Bags", None),
        ("x2", None, "Bags", None),
        ("3", None, "Shoes & more", "c"),
        ("4", None, None, None),
    ]
    assert read.numbers == [1, 2, 3, 4]


def test_a_delta_table_is_read_without_what_was_deleted_by_vectors(load, tmp_path):
    pl.DataFrame({"id": [1, 2, 3, 4], "name": list("abcd")}).write_delta(tmp_path / "delta")
    delete_by_vector(tmp_path / "delta", rows=[1, 3])
    read = load(tmp_path / "delta")
    assert (read.rows, read.numbers) == ([("1", "a"), ("3", "c")], [1, 2])


def delete_by_vector(table, rows):
    """Deletes rows of the only file by a deletion vector within the log, as Spark does (Delta protocol, version 3)."""
    log = table / "_delta_log"
    first = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    added = next(action["add"] for action in first if "add" in action)
    containers = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + b"".join(
        struct.pack("<H", row) for row in rows
    )
    vector = struct.pack("<IQI", 1681511377, 1, 0) + containers
    described = {
        "storageType": "i",
        "pathOrInlineDv": z85(vector),
        "sizeInBytes": len(vector),
        "cardinality": len(rows),
    }
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    actions = [
        {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, **features}},
        {"remove": {"path": added["path"], "deletionTimestamp": 1, "dataChange": True}},
        {"add": {**added, "deletionVector": described}},
    ]
    (log / f"{1:020}.json").write_text("\n".join(map(json.dumps, actions)))


def z85(data: bytes) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    data += bytes(-len(data) % 4)
    words = [int.from_bytes(data[at : at + 4], "big") for at in range(0, len(data), 4)]
    return "".join(digits[word // 85**place % 85] for word in words for place in (4, 3, 2, 1, 0))


@pytest.mark.parametrize("folder", ["my shop", "100%", "[a] b", "a*b?", "ü#"])
def test_tables_are_read_wherever_they_lie(load, tmp_path, folder):
    frame = pl.DataFrame({"id": [1], "kind": ["a b"]})
    frame.write_delta(tmp_path / "delta", delta_write_options={"partition_by": ["kind"]})
    (tmp_path / "delta").rename(tmp_path / folder)
    assert load(tmp_path / folder).rows == [("1", "a b")]
    delete_by_vector(tmp_path / folder, rows=[0])
    with pytest.raises(SourceError, match=r"deletionVectors.*`REORG TABLE .* APPLY \(PURGE\)` on it in Spark"):
        load(tmp_path / folder)
    (tmp_path / folder / "parts").mkdir()
    frame.write_parquet(tmp_path / folder / "parts" / "x.parquet")
    assert (
        load(tmp_path / folder / "parts").rows == load(tmp_path / folder / "parts" / "x.parquet").rows == [("1", "a b")]
    )


@pytest.mark.parametrize(("folder", "part"), [("my%20shop", "%20"), ("a\\b", r"\\")])
def test_a_delta_table_whose_path_would_be_misread_is_refused(load, tmp_path, folder, part):
    pl.DataFrame({"id": [1]}).write_delta(tmp_path / "delta")
    (tmp_path / "delta").rename(tmp_path / folder)
    with pytest.raises(SourceError, match=f"lies at a path with '{part}'"):
        load(tmp_path / folder)


def test_folders_without_a_table_are_refused(load, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "Products.CSV").write_text("id\n1\n")
    (tmp_path / "iceberg" / "metadata").mkdir(parents=True)
    (tmp_path / "iceberg" / "metadata" / "v1.metadata.json").write_text("{}")
    pl.DataFrame({"id": [1]}).write_delta(tmp_path / "above" / "products")
    for folder, words in {
        "empty": "is a folder without a Delta table or a Parquet file",
        "csv": "; name a file in it, as Products.CSV",
        "iceberg": "is an Iceberg table",
        "above": "is a folder above the Delta table 'products'",
    }.items():
        with pytest.raises(SourceError, match=words):
            load(tmp_path / folder)


def test_what_cannot_be_read_is_one_sentence(load, tmp_path):
    with pytest.raises(SourceError, match=r"source.csv' is not a readable Parquet file"):
        load(b"PAR1 but not really")
    pl.DataFrame({"photo": [b"\xff"]}).write_parquet(tmp_path / "binary.parquet")
    with pytest.raises(SourceError, match="has no column of text or numbers"):
        load(tmp_path / "binary.parquet")
    pl.DataFrame({"id": [1]}).write_delta(tmp_path / "delta")
    (tmp_path / "delta" / "_delta_log" / f"{1:020}.json").write_text(
        json.dumps(
            {
                "protocol": {
                    "minReaderVersion": 3,
                    "minWriterVersion": 7,
                    "readerFeatures": ["magic"],
                    "writerFeatures": [],
                }
            }
        )
    )
    with pytest.raises(SourceError, match=r"The Delta table '.*delta' cannot be read .*REORG TABLE"):
        load(tmp_path / "delta")
