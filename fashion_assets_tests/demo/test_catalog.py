"""The written catalog: format, planted defects, and that writing it again costs nothing."""

import csv
import hashlib
from pathlib import Path

import pytest

from fashion_assets.demo import catalog as writer
from fashion_assets.demo.catalog import DemoCatalog, write_demo_catalog
from fashion_assets.demo.names import product_id
from fashion_assets.demo.render import RENDERER_VERSION
from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets_tests.factories.demo_catalog import SMALL


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def test_the_table_has_the_reference_columns_and_every_product(small_catalog: DemoCatalog):
    header, *rows = rows_of(small_catalog.table)
    start = ["id", "gender", "masterCategory", "subCategory", "articleType", "baseColour"]
    assert header == [*start, "season", "year", "usage", "price", "productDisplayName"]
    ids = [int(row[0]) for row in rows]
    assert len(set(ids)) == SMALL
    assert len(ids) == SMALL + 1 and ids.count(product_id(writer.REPEATED_ID)) == 2


def test_planted_defects_are_there(small_catalog: DemoCatalog):
    _, *rows = rows_of(small_catalog.table)
    assert [int(row[0]) for row in rows if len(row) > 11] == [product_id(i) for i in writer.NAMES_WITH_COMMAS]
    problems = {}
    for index in range(SMALL):
        try:
            open_photo(small_catalog.images / f"{product_id(index)}.jpg")
        except PhotoProblem as problem:
            problems[index] = problem.code
    missing = dict.fromkeys(writer.MISSING_PHOTOS, "photo_missing")
    assert problems == missing | {writer.TRUNCATED_PHOTO: "photo_undecodable"}
    first, second = ((small_catalog.images / f"{product_id(i)}.jpg").read_bytes() for i in writer.TWIN_PHOTOS)
    assert first == second


def test_labels_are_values_of_the_vocabulary_for_every_product(small_catalog: DemoCatalog):
    header, *rows = rows_of(small_catalog.labels)
    visual = ["material", "pattern", "formality", "style_keywords", "details", "collar", "sleeves", "fit"]
    assert header == ["product_id", *visual]
    assert len(rows) == SMALL
    for row in rows:
        for key, cell in zip(header[1:], row[1:], strict=True):
            words = ["none"] if ATTRIBUTES[key].is_list else [""]
            assert cell in words or set(cell.split("|")) <= set(ATTRIBUTES[key].vocabulary.values())


def test_writing_again_changes_nothing_and_renders_nothing(small_catalog: DemoCatalog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer, "jpeg", lambda product: pytest.fail("rendered again"))
    before = {file: file.stat().st_mtime_ns for file in small_catalog.folder.rglob("*")}
    write_demo_catalog(small_catalog.folder, SMALL, small_catalog.seed)
    assert {file: file.stat().st_mtime_ns for file in small_catalog.folder.rglob("*")} == before


def test_an_interrupted_catalog_is_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(writer, "_labels", lambda products: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_demo_catalog(tmp_path, 20, processes=1)
    reported = []
    again = write_demo_catalog(tmp_path, 20, processes=1, progress=lambda count, total: reported.append((count, total)))
    assert reported[-1] == (20, 20)
    assert again.labels.is_file()


def test_more_products_leave_the_earlier_ones_as_they_are(small_catalog: DemoCatalog, tmp_path: Path):
    smaller = write_demo_catalog(tmp_path, 60, small_catalog.seed, processes=1)
    for table in ("catalog.csv", "labels.csv"):
        lines = (smaller.folder / table).read_text().splitlines()
        assert (small_catalog.folder / table).read_text().splitlines()[: len(lines)] == lines
    for photo in smaller.images.iterdir():
        assert photo.read_bytes() == (small_catalog.images / photo.name).read_bytes()


def test_tables_are_as_this_version_of_the_renderer_writes_them(small_catalog: DemoCatalog):
    """Catalogs on disk are kept while RENDERER_VERSION is the same, so that nothing may come out otherwise."""
    written = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (small_catalog.table, small_catalog.labels)]
    assert (RENDERER_VERSION, *written) == (
        "7",
        "273b9045562bd7b3786288d65d3484833884905f52805ff81503176ad7e39706",
        "c5203e554ae82843c3b5c167436a5c6d1a4ad8da62b4d73de4ac16580cfb874a",
    )
