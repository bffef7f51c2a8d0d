"""No photo ends an ingest, takes long, or takes much memory; the products beside it are read as ever."""

import resource
import time

import polars as pl
import pytest

from fashion_assets.catalog import photo_facts as module
from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.errors import PhotoProblem
from fashion_assets.models import photo_bounds
from fashion_assets.models.photos import open_photo
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH
from fashion_assets_tests.factories.hostile_photos import HOSTILE_PHOTOS, grey_line, jpeg_with_scans, saved
from fashion_assets_tests.factories.photo_files import product, save

OPENED = {
    *("a profile of noise", "a profile that is too long", "a profile that states too much"),
    *("entries that state too much", "an animated picture", "an animated PNG", "an animated WebP", "many pages"),
    *("frames that are only stated",),
}
"""Odd, but there is a picture; whatever else may be opened or refused."""


def facts(root, *names) -> list[dict]:
    columns = {"product_id": range(1, len(names) + 1), BATCH: ["batch_00000"] * len(names), "image_path": names}
    products = pl.DataFrame(columns, schema={"product_id": pl.Int64, BATCH: pl.String, "image_path": pl.String})
    return photo_facts(products, PhotoFiles(root), conform(pl.DataFrame(), PHOTOS)).to_dicts()


@pytest.mark.parametrize("what", HOSTILE_PHOTOS)
def test_a_hostile_photo_is_the_problem_of_its_product_alone(tmp_path, what):
    save(product(1), tmp_path / "good.jpg")
    (tmp_path / "bad.jpg").write_bytes(HOSTILE_PHOTOS[what]())
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    good, bad, last = facts(tmp_path, "good.jpg", "bad.jpg", "good.jpg")
    assert time.process_time() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 700_000  # KB
    assert (good["status"], last["status"]) == ("ok", "ok")
    assert bad["status"] == ("ok" if what in OPENED else "blank" if what == "an endless picture" else "unreadable")
    if bad["status"] == "unreadable":
        assert (bad["product_id"], bool(bad["sha256"])) == (2, True)
        assert bad["problem"]
        with pytest.raises(PhotoProblem):
            open_photo(tmp_path / "bad.jpg")


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), ZeroDivisionError("0"), ValueError("no")])
@pytest.mark.parametrize("step", ["decode_photo", "blank_reason", "fingerprint"])
def test_an_error_over_one_photo_is_its_problem(tmp_path, monkeypatch, step, error):
    """Libraries raise what they like on files that were not thought of."""
    sizes = {"good.jpg": (160, 200), "bad.jpg": (120, 90)}
    for name, size in sizes.items():
        save(product(1, size), tmp_path / name)
    real = getattr(module, step)

    def failing(subject):
        if subject == (tmp_path / "bad.jpg").read_bytes() or getattr(subject, "size", None) == sizes["bad.jpg"]:
            raise error
        return real(subject)

    monkeypatch.setattr(module, step, failing)
    good, bad = facts(tmp_path, "good.jpg", "bad.jpg")
    assert (good["status"], bad["status"]) == ("ok", "unreadable")
    assert bad["problem"] == f"cannot be judged ({str(error) or type(error).__name__})"


def test_the_limits_are_where_they_are_said_to_be(tmp_path, monkeypatch):
    side = photo_bounds.MAX_SIDE
    (tmp_path / "long.png").write_bytes(grey_line(side, 40))
    (tmp_path / "longer.png").write_bytes(grey_line(side + 1, 40))
    (tmp_path / "scans.jpg").write_bytes(jpeg_with_scans(photo_bounds.MOST_SCANS - 20))
    long, longer, scans = facts(tmp_path, "long.png", "longer.png", "scans.jpg")
    assert (long["status"], scans["status"]) == ("blank", "ok")
    assert longer["problem"] == f"{side + 1}x40 has a side of more than {side} pixels"

    monkeypatch.setattr(photo_bounds, "LARGEST_FILE", (tmp_path / "scans.jpg").stat().st_size - 1)
    (scans,) = facts(tmp_path, "scans.jpg")
    assert (scans["status"], scans["sha256"]) == ("unreadable", None)
    assert scans["problem"].startswith("the file has more than")
    with pytest.raises(PhotoProblem, match="save it as JPEG"):
        open_photo(tmp_path / "scans.jpg")


def test_a_photo_may_hold_bytes_that_look_like_many_scans(tmp_path):
    """A comment, for one, may hold anything."""
    (tmp_path / "a.jpg").write_bytes(saved(product(1), "JPEG", comment=b"\xff\xda" * 1000))
    assert facts(tmp_path, "a.jpg")[0]["status"] == "ok"
