"""A disk that is full at each place where something is written: a sentence, and with room again everything goes on."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fashion_assets import Shop
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.app.run import run_pipeline
from fashion_assets.automation.tables import declared_tables
from fashion_assets.catalog.fetching.files import ContentFiles
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.errors import FashionError, InstanceUnwritable, RunFailed, StorageUnwritable
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.quality.tables import VERDICT_OVERRIDES
from fashion_assets.search.index import refresh
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import UTC_TIME, Origin
from fashion_assets_tests.factories.small_disk import SmallDisk, small_disk
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import FakeShop, indexed_ids, let_proceed

UNWRITABLE = 3
PRODUCTS = 10
DERIVED = [table for table in declared_tables(SHIPPED) if table.origin is Origin.DERIVED]


def shop_in(folder: Path) -> FakeShop:
    shop = FakeShop(folder)
    shop.rows = {number: row for number, row in shop.rows.items() if number <= PRODUCTS}
    shop.write_products()
    return shop


def pipeline_of(shop: FakeShop, is_broken: bool = False) -> Pipeline:
    resources = with_fakes(shop.settings, is_broken)
    return Pipeline(shop.settings, resources, open_instance(shop.settings.dagster_home))


def run(shop: FakeShop) -> None:
    with pipeline_of(shop) as pipeline:
        let_proceed(pipeline)
        run_pipeline(pipeline)


def opened(shop: FakeShop) -> Shop:
    return Shop(shop.settings, with_fakes(shop.settings))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> FakeShop:
    shop = shop_in(tmp_path_factory.mktemp("undisturbed") / "shop")
    run(shop)
    return shop


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", megabytes=48) as disk:
        yield disk


@pytest.fixture
def shop(disk) -> FakeShop:
    """A shop on the disk that was never run."""
    return shop_in(disk.folder / "shop")


@pytest.fixture
def finished(disk, undisturbed) -> FakeShop:
    """A shop on the disk whose batch is run and indexed."""
    shop = FakeShop(disk.folder / "shop")
    shutil.copytree(undisturbed.settings.home, shop.settings.home)
    shop.rows = undisturbed.rows
    shop.write_products()
    return shop


def full_before(monkeypatch, disk: SmallDisk, place: object, name: str, is_this: Callable[..., bool] | None = None):
    """Fill the disk when `name` of `place` is called for the first time, with arguments for which `is_this` holds."""
    real, filled = getattr(place, name), []

    def fill_and_call(*arguments, **named):
        if not filled and (is_this is None or is_this(*arguments)):
            filled.append(disk.fill())
        return real(*arguments, **named)

    monkeypatch.setattr(place, name, fill_and_call)
    return filled


def merges(table):
    return lambda _store, merged, *_: merged.name == table.name


PLACES = {
    "ingest": (TableStore, "merge", merges(BATCH_ASSIGNMENTS)),
    "journal": (Journal, "append", None),
    "table": (TableStore, "merge", merges(EXTRACTED_ATTRIBUTES)),
    "index": (refresh, "build_index", None),
    "promotion": (refresh, "promote", None),
}


def assert_sentence(error: FashionError) -> None:
    assert error.exit_code == UNWRITABLE, repr(error)
    assert "\n" not in str(error)
    assert "free some space" in str(error)


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_meets_a_full_disk_ends_with_a_sentence_and_goes_on_later(
    shop, disk, undisturbed, monkeypatch, place
):
    with monkeypatch.context() as patch:
        filled = full_before(patch, disk, *PLACES[place])
        with pytest.raises(FashionError) as full:
            run(shop)
    assert filled, "the run came there"
    assert isinstance(full.value, RunFailed | InstanceUnwritable | StorageUnwritable)
    assert_sentence(full.value)
    disk.free()
    run(shop)
    for table in DERIVED:
        times = [name for name, dtype in table.row_schema.items() if dtype == UTC_TIME or name == "modified_ns"]
        rows, expected = (TableStore(one.settings.tables_uri).read(table) for one in (shop, undisturbed))
        assert rows.drop(times).equals(expected.drop(times)), table.name
    answers = TableStore(shop.settings.tables_uri).read(RESPONSE_JOURNAL)["content_key"]
    assert answers.is_unique().all() and len(answers) == 3 * PRODUCTS
    with pipeline_of(shop) as pipeline:
        assert indexed_ids(pipeline) == set(shop.rows)
    diagnosis = opened(shop).doctor()
    assert [finding for finding in diagnosis.findings if not finding.is_well and "disk" not in finding.what] == []


def corrections_file(shop: FakeShop) -> Path:
    file = shop.folder / "corrections.csv"
    file.write_text("product_id,field,value\n1,material,metal\n2,material,leather\n")
    return file


WRITING = {
    "report": lambda shop: shop.report(),
    "import": lambda shop: shop.corrections.import_file(Path("corrections.csv"), by="a person"),
    "correction": lambda shop: shop.correct(1, "material", "metal", by="a person"),
}


@pytest.mark.parametrize("what", WRITING)
def test_what_a_person_writes_on_a_full_disk_is_refused_whole_and_accepted_later(finished, disk, monkeypatch, what):
    corrections_file(finished)
    monkeypatch.chdir(finished.folder)
    disk.fill()
    with opened(finished) as shop, pytest.raises(FashionError) as full:
        WRITING[what](shop)
    assert_sentence(full.value)
    disk.free()
    with opened(finished) as shop:
        assert WRITING[what](shop)


def test_an_override_on_a_full_disk_is_refused_and_accepted_later(disk):
    shop = FakeShop(disk.folder / "shop")  # with enough products for the gates to judge
    shop.write_products()
    with pipeline_of(shop, is_broken=True) as pipeline:
        pipeline.ingest()
        assert pipeline.run_batch("batch_00000").is_blocked
    disk.fill()
    with opened(shop) as open_shop, pytest.raises(StorageUnwritable) as full:
        open_shop.override("batch_00000", "a person", "a test")
    assert_sentence(full.value)
    assert TableStore(shop.settings.tables_uri).read(VERDICT_OVERRIDES).is_empty()
    disk.free()
    with opened(shop) as open_shop:
        assert open_shop.override("batch_00000", "a person", "a test").may_go_on


def test_a_fetched_photo_on_a_full_disk_leaves_no_part_of_it(disk):
    files, photo = ContentFiles(disk.folder / "photos"), b"photo" * 1_000
    disk.fill()
    with pytest.raises(StorageUnwritable, match="free some space"):
        files.write([photo])
    disk.free()
    assert files.write([photo]) == (hashlib.sha256(photo).hexdigest(), len(photo))
    assert list(files.names()) == [hashlib.sha256(photo).hexdigest()]


def test_dagsters_databases_on_a_full_disk_are_a_sentence(shop, disk):
    disk.fill()
    with pytest.raises(FashionError) as full:
        run(shop)
    assert_sentence(full.value)
    disk.free()
    run(shop)
    disk.fill()
    with pytest.raises(FashionError) as full:
        run(shop)
    assert_sentence(full.value)


def test_a_read_only_home_can_be_searched_and_shown_and_says_what_cannot_be_written(finished, disk):
    with disk.read_only():
        with opened(finished) as shop:
            assert shop.search("red shirt").hits
            assert shop.status().products == PRODUCTS
            assert shop.plan().batches == ()
            problems = {finding.what for finding in shop.doctor().findings if not finding.is_well}
            assert problems == {"disk of home", "disk of tables", "disk of index"}
        for write in (lambda shop: shop.run(), lambda shop: shop.correct(1, "material", "metal", by="a person")):
            with opened(finished) as shop, pytest.raises(FashionError, match="Read-only file system") as refused:
                write(shop)
            assert refused.value.exit_code == UNWRITABLE
    with opened(finished) as shop:
        assert shop.correct(1, "material", "metal", by="a person")
