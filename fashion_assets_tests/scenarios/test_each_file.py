"""Each kind of file in a home, damaged alone: a sentence or nothing, and after repair and run all is as before."""

import random
import re
import shutil
from pathlib import Path

import pytest

from fashion_assets.errors import FashionError
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets_tests.factories.damage import cut, delete, zero
from fashion_assets_tests.fakes.repaired_home import (
    assert_losses_are_named,
    assert_same_as,
    doctor,
    missing_rows,
    problems,
    run,
    store_of,
    undamaged_shop,
)
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop

SHORT = 2
"""Kinds in the short form."""

_NAMES_OF_ONE = (
    r"(?<=tables/)[a-z_]+(?=/)|(?<=_last_commits/).+",
    r"(?<=compute_logs/)\w+",
    r"[0-9a-f]{8}-[0-9a-f-]{27}",
    r"\w+=[^/]+",
    r"batch_\d+",
    r"[01]{20}[0-9a-f]*",
    r"\d+",
)
"""What differs between files of one kind: tables, ids, partitions, versions."""


@pytest.fixture(scope="module", autouse=True)
def _small_batches():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fashion_assets.orchestration.batches.BATCH_SIZE", PER_BATCH)
        yield


@pytest.fixture(scope="module")
def undamaged(finished_home, tmp_path_factory) -> FakeShop:
    return undamaged_shop(finished_home, tmp_path_factory.mktemp("undamaged"))


def kinds(home: Path) -> dict[str, list[Path]]:
    """The files of a home, relative to it, by what is common to their names."""
    by_kind: dict[str, list[Path]] = {}
    for file in sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file()):
        by_kind.setdefault(re.sub("|".join(_NAMES_OF_ONE), "*", str(file)), []).append(file)
    return by_kind


@pytest.mark.long_form
@pytest.mark.parametrize("way", [cut, zero, delete])
def test_a_file_that_is_damaged_is_a_sentence_and_repair_and_run_bring_all_back(undamaged, tmp_path, way, is_long):
    """One file of each kind; the short form has a few kinds."""
    chance = random.Random(way.__name__)
    by_kind = kinds(undamaged.settings.home)
    for number, kind in enumerate(by_kind if is_long else chance.sample(sorted(by_kind), SHORT)):
        shop = FakeShop(shutil.copytree(undamaged.folder, tmp_path / str(number)), undamaged.rows)
        file = chance.choice(by_kind[kind])
        way(shop.settings.home / file)
        try:
            assert_mended(shop, undamaged)
        except Exception as error:
            error.add_note(f"{file}: {way.__name__}")
            raise
        shutil.rmtree(shop.folder)


def assert_mended(shop: FakeShop, undamaged: FakeShop) -> None:
    try:
        run(shop)
    except FashionError as error:
        assert "\n" not in str(error)
        assert error.exit_code in (2, 4), repr(error)
    repairs = doctor(shop, repair=True).repairs
    assert set(problems(shop)) <= {"search index"}, repairs
    assert_losses_are_named(undamaged, shop, repairs)
    if (missing := missing_rows(undamaged, shop, CORRECTIONS)) is not None:
        store_of(shop).append(CORRECTIONS, missing)
    run(shop)
    assert_same_as(undamaged, shop)
    assert doctor(shop).is_well


def test_the_kinds_are_few(undamaged):
    by_kind = kinds(undamaged.settings.home)
    assert len(by_kind) < sum(map(len, by_kind.values())) / 2
    assert {"dagster/dagster.yaml", "index/files.json", "tables/*/_delta_log/*.json"} <= set(by_kind)
