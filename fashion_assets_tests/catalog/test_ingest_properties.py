"""Any product table: no text crashes an ingest, and each row becomes part of a product or is quarantined with a reason.

What is read is judged by a dry run, which is the ingest without photos and tables; a whole ingest is held against it.
"""

import csv
import io
import tempfile
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashion_assets.catalog.dry_run import dry_run
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.catalog.shapes.fields import OUR_COLUMNS, PRESET_FIELDS
from fashion_assets.catalog.source import open_source
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.errors import SettingsError, SourceError
from fashion_assets.orchestration import batches
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW

pytestmark = pytest.mark.long_form

IS_LONG = settings.get_current_profile_name() == "long"
MANY = settings(max_examples=10_000 if IS_LONG else 150)
FEW = settings(max_examples=200 if IS_LONG else 5)
"""An ingest writes four tables: about a fifth of a second."""

OPTIONS = tuple(f"Option{number} {what}" for number in (1, 2) for what in ("Name", "Value"))
ATTRIBUTES = tuple(f"Attribute {number} {what}" for number in (1, 2) for what in ("name", "value(s)"))
COLUMNS = {
    None: (*OUR_COLUMNS, "style", "status"),
    **{
        preset: tuple(sorted({*fields.named_columns(), *extra}))
        for preset, extra in (
            ("reference", ()),
            ("google", ()),
            ("articles", ()),
            ("shopify", ("Handle", "Image Position", *OPTIONS)),
            ("woocommerce", ("ID", "Type", "Parent", *ATTRIBUTES)),
        )
        for fields in [PRESET_FIELDS[preset]]
    },
}
RULES = (
    {},
    {"ids": {"derived": True}},
    {"variants": {"group": "style", "visible": ["base_color"], "hidden": ["size"]}},
    {"exclude": {"status": ["draft", "0"]}, "photos": {"path": "p/{id:.2}/{status}.jpg"}},
    {"price": {"decimal": ",", "currency": "EUR"}, "photos": {"separator": "|"}, "given": {"pattern": ["usage"]}},
    {"categories": {"x": "Dresses"}, "text": {"more": ["tags", "status"]}},
)
"""For tables with our own column names."""

LIKELY = (
    *("", "1", "2", "a", "A", "A ", "id:1", "0001", "-1", "1.0", "9" * 20, "variable", "variation", "grouped"),
    *("1.299,00 €", "$5", "Rs. 1,299", "-3", "1e400", "--", "#N/A", "None", "draft", "true", "Color", "Size", "M"),
    *("a.jpg", "../a.jpg", "/", "https://a.example/1.jpg", "data:image/png;base64,", '["a.jpg", null]', "[", "{}"),
    *("Apparel > Shirts", " > ", "Gift Cards", "male", "kids", "in stock", "2012", "<b", "&#0;", "&amp;", "x" * 300),
    *("\u0000", "\ud7ff", "é", "\u2028", "Title", "Default Title", "﷽", "٣", "{", "%s"),
)
texts = st.sampled_from(LIKELY) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def tables(draw, preset: str | None):
    """The bytes of a CSV with rows of any text in columns of this shape, and the sections of a shop's file."""
    columns = COLUMNS[preset]
    filled = draw(st.lists(st.sampled_from(columns), unique=True, max_size=6))  # more would only dilute them
    rows = draw(st.lists(st.lists(texts, min_size=len(filled), max_size=len(filled)), min_size=1, max_size=8))
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([dict(zip(filled, row, strict=True)).get(name, "") for name in columns] for row in rows)
    sections = draw(st.sampled_from(RULES)) if preset is None else {"source": {"preset": preset}}
    return file.getvalue().encode(), len(rows), sections


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sources")


@pytest.mark.parametrize("preset", COLUMNS)
@pytest.mark.parametrize("rows_in_part", [2, 1000])
def test_no_text_crashes_the_ingest_or_loses_a_row_without_a_reason(folder, preset, rows_in_part):
    @settings(MANY, max_examples=MANY.max_examples // len(COLUMNS) // 2)
    @given(tables(preset))
    def every_row_is_somewhere(table):
        content, count, sections = table
        with patch.object(SourceTable, "parts", lambda table: table.read_parts(rows_in_part)):
            require_every_row_somewhere(write(folder, content), sections, count)

    every_row_is_somewhere()


def require_every_row_somewhere(path: Path, sections: dict, count: int) -> None:
    try:
        source = open_source(path, CatalogRules.model_validate(sections))
        with dry_run(source) as run:
            products = [part["shop_id"] for part in run.parts()]
    except (SourceError, SettingsError) as error:
        assert "\n" not in str(error).strip()
        return
    ids = pl.concat([pl.Series(dtype=pl.String), *products])
    assert ids.null_count() == 0 and ids.is_unique().all() and len(ids) == run.products
    further_variants, quarantined = run.placed.offers - run.products, run.placed.quarantined
    assert further_variants >= 0
    assert count == run.read.rows_in
    assert count == run.products + further_variants + run.read.continuations + len(quarantined)
    assert quarantined.null_count().sum_horizontal().item() == 0
    assert quarantined["reason"].str.strip_chars().str.len_chars().min() != 0
    assert quarantined["line_number"].is_unique().all()


def write(folder: Path, content: bytes) -> Path:
    path = folder / "source.csv"
    path.write_bytes(content)
    return path


ids = st.integers(0, 9).map(str) | st.sampled_from(["", "x", "-1", "1.0", "9" * 20, "A-1", "a-1", "001"])
paths = st.sampled_from(["", "a.jpg", "../a.jpg", "/a.jpg", "a\\b.jpg", "https://a.example/b.jpg"])
lines = st.tuples(ids, st.sampled_from(["", "1", "-1", "x"]), paths, st.sampled_from("RS "), st.text(max_size=5))
sources = st.lists(lines.map(",".join), max_size=9).map("\n".join)
HEADER = "product_id,price,image_path,style,product_display_name\n"


@FEW
@given(st.lists(sources, min_size=1, max_size=3), st.booleans())
def test_an_ingest_writes_what_a_dry_run_gives_and_nothing_twice(history, has_groups):
    rules = CatalogRules.model_validate({"variants": {"group": "style", "hidden": ["price"]}} if has_groups else {})
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(SourceTable, "parts", lambda table: table.read_parts(2)),
        patch.object(batches, "BATCH_SIZE", 3),
    ):
        store = TableStore(f"{folder}/tables")
        for content in history:
            require_what_a_dry_run_gives(store, write(Path(folder), (HEADER + content).encode(errors="replace")), rules)


def require_what_a_dry_run_gives(store: TableStore, path: Path, rules: CatalogRules) -> None:
    source, places = open_source(path, rules), PhotoPlaces(path.parent, path.parent)
    tables = (INGESTED_PRODUCTS, QUARANTINED_ROWS, PHOTOS, BATCH_ASSIGNMENTS)
    with dry_run(source) as run:
        expected = {name for part in run.parts() for name in part["shop_id"]}
    before = [store.version(table) for table in tables]
    try:
        result = ingest(source, places, store, NOW, allow_mass_withdrawal=True)
    except SourceError:
        assert not expected
        assert [store.version(table) for table in tables] == before
        return
    assert result.rows_in == run.read.rows_in
    assert result.rows_in == result.accepted + result.further_variants + result.quarantined
    on_sale = store.read(INGESTED_PRODUCTS)
    assert set(on_sale["shop_id"]) == expected and len(on_sale) == len(expected)
    assert (
        store.read(QUARANTINED_ROWS).drop("row_hash", strict=False).equals(run.placed.quarantined.sort("line_number"))
    )
    assert store.read(PHOTOS)["product_id"].to_list() == on_sale["product_id"].to_list()
    places_of = store.read(BATCH_ASSIGNMENTS).filter(~pl.col("is_withdrawn"))
    assert set(places_of["product_id"]) == set(on_sale["product_id"])
    again = ingest(source, places, store, NOW, allow_mass_withdrawal=True)
    assert not any(changes.total for changes in again.changes.values())
