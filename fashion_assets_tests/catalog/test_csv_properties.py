"""Broken CSV: no line is lost or read twice, no row is lost between file and products, and nothing raises.

That well-formed CSV comes back as it was written is tested with the reading of tables.
"""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.dry_run import dry_run
from fashion_assets.catalog.reading.csv_records import record_blocks, text_lines
from fashion_assets.catalog.reading.dialect import DELIMITERS, Dialect
from fashion_assets.catalog.source import open_source
from fashion_assets.errors import SourceError
from fashion_assets.shop.catalog_rules import CatalogRules

pytestmark = pytest.mark.long_form

HEADER = b"product_id,price,product_display_name\n"

PIECES = (
    b",",
    b'"',
    b'""',
    b"\n",
    b"\r\n",
    b"\r",
    b"1",
    b"22",
    b"-1",
    b"1e9",
    b"abc",
    b" ",
    b"\0",
    b"\xff",
    b"\t",
    b";",
)
garbage = st.lists(st.sampled_from(PIECES) | st.text(max_size=5).map(str.encode) | st.binary(max_size=5)).map(b"".join)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("sources") / "source.csv"


@given(garbage, st.sampled_from(DELIMITERS))
def test_every_line_is_in_exactly_one_record(content, delimiter):
    lines = list(text_lines(io.BytesIO(HEADER + content)))
    blocks = list(record_blocks(lines, Dialect(delimiter), width=3, size=4))
    covered = []
    for number, raw in [pair for block in blocks for pair in zip(block.line_numbers, block.raws, strict=True)]:
        height = max(1, len(list(text_lines(io.BytesIO(raw.encode(errors="surrogateescape"))))))
        covered += range(number - 1, number - 1 + height)
    assert covered == sorted(set(covered))
    left_out = set(range(len(lines))) - set(covered)
    assert not any(lines[number].strip(" \r\n") for number in left_out)
    assert all(bool(row) != (place in block.problems) for block in blocks for place, row in enumerate(block.rows))


@given(garbage)
def test_rows_in_are_products_and_rows_quarantined(path, content):
    path.write_bytes(HEADER + content)
    require_nothing_lost(path)


@given(st.binary(max_size=60) | garbage)
def test_any_file_is_rows_or_an_error_of_one_sentence(path, content):
    path.write_bytes(content)
    try:
        require_nothing_lost(path)
    except SourceError as error:
        assert str(path) in str(error)


def require_nothing_lost(path):
    with dry_run(open_source(path, CatalogRules())) as run:
        products = [shop_id for part in run.parts() for shop_id in part["shop_id"]]
    quarantined = run.placed.quarantined
    assert run.read.rows_in == len(products) + len(quarantined)
    assert len(set(products)) == len(products) == run.products
    assert quarantined.select("kind", "reason").null_count().row(0) == (0, 0)
