import hashlib
import os
import time

import polars as pl
import pytest
from PIL import Image

from fashion_assets.catalog import photo_facts as module
from fashion_assets.catalog.near_duplicates import as_bytes, duplicate_groups
from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH, ROW_HASH
from fashion_assets_tests.factories.photo_files import png_header, product, save

NOTHING_KNOWN = conform(pl.DataFrame(), PHOTOS)


def products(*paths: str | None) -> pl.DataFrame:
    columns = {"product_id": range(1, len(paths) + 1), BATCH: ["batch_00000"] * len(paths), "image_path": paths}
    return pl.DataFrame(columns, schema={"product_id": pl.Int64, BATCH: pl.String, "image_path": pl.String})


def facts(root, *paths, earlier=NOTHING_KNOWN, **options) -> list[dict]:
    return photo_facts(products(*paths), root, earlier, **options).to_dicts()


def groups(photos: pl.DataFrame) -> list[int | None]:
    return duplicate_groups(photos["product_id"], as_bytes(photos["perceptual_hash"])).to_list()


def test_a_good_photo(tmp_path):
    path = save(product(1), tmp_path / "a" / "1.jpg")
    row = facts(tmp_path, "a/1.jpg")[0]
    assert row | {"perceptual_hash": None} == {
        "product_id": 1,
        "batch": "batch_00000",
        "image_path": "a/1.jpg",
        "status": "ok",
        "problem": None,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "perceptual_hash": None,
        "duplicate_group": None,
        "mode": "RGB",
        "width": 160,
        "height": 200,
        "file_bytes": path.stat().st_size,
        "modified_ns": path.stat().st_mtime_ns,
    }
    assert len(row["perceptual_hash"]) == 70


def test_mode_and_size_are_those_of_the_file(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown upright it would be 4 wide
    save(Image.new("RGB", (8, 4)), tmp_path / "side.jpg", exif=exif)
    save(Image.new("CMYK", (3, 5)), tmp_path / "print.jpg")
    save(Image.new("RGBA", (1, 1)), tmp_path / "clear.png")
    save(Image.new("I;16", (2, 2)), tmp_path / "deep.png")
    rows = facts(tmp_path, "side.jpg", "print.jpg", "clear.png", "deep.png")
    assert [(row["status"], row["mode"], row["width"], row["height"]) for row in rows] == [
        ("ok", "RGB", 8, 4),
        ("ok", "CMYK", 3, 5),
        ("ok", "RGBA", 1, 1),
        ("ok", "I;16", 2, 2),
    ]


def test_missing_and_unreadable_photos_are_rows_with_the_problem(tmp_path):
    cut = save(product(0), tmp_path / "cut.jpg")
    cut.write_bytes(cut.read_bytes()[:-300])
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "text.jpg").write_text("not found")
    png_header(tmp_path / "bomb.png", 10_000, 5_001)
    paths = (
        "none.jpg",
        "text.jpg/1.jpg",
        None,
        "folder.jpg",
        "cut.jpg",
        "text.jpg",
        "bomb.png",
        "x" * 5_000,
        "nul\0.jpg",
    )
    rows = facts(tmp_path, *paths)
    assert [row["status"] for row in rows] == ["missing"] * 4 + ["unreadable"] * 5
    assert [row["problem"] for row in rows[:4]] == [
        "no file 'none.jpg'",
        "no file 'text.jpg/1.jpg'",
        "the source names no photo",
        "no file 'folder.jpg'",
    ]
    assert "truncated" in rows[4]["problem"]
    assert rows[5]["problem"] == "not an image in a known format"
    assert rows[6]["problem"] == "10000x5001 is over 50000000 pixels"
    assert rows[7]["problem"] == "File name too long"
    assert all(row["sha256"] is None and row["file_bytes"] is None for row in [*rows[:4], *rows[7:]])
    assert all(row["sha256"] and row["file_bytes"] and row["width"] is None for row in rows[4:7])
    assert all(row["perceptual_hash"] is None and row["duplicate_group"] is None for row in rows)


def test_unchanged_files_are_not_opened_again(tmp_path, monkeypatch):
    save(product(1), tmp_path / "1.png")
    (tmp_path / "2.png").write_text("not a photo")
    wanted = products("1.png", "2.png")
    first = photo_facts(wanted, tmp_path, NOTHING_KNOWN)
    monkeypatch.setattr(module, "open_photo", lambda path: pytest.fail(f"{path} was opened"))
    monkeypatch.setattr(module.hashlib, "file_digest", lambda *_: pytest.fail("a file was hashed"))
    assert photo_facts(wanted, tmp_path, first).equals(first)


def change_content(path):
    stamp = path.stat().st_mtime_ns
    save(product(2), path)
    os.utime(path, ns=(stamp, stamp))


def change_time_only(path):
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


@pytest.mark.parametrize("change", [change_content, change_time_only])
def test_changed_files_are_read_again(tmp_path, change):
    path = save(product(1), tmp_path / "1.png")
    earlier = photo_facts(products("1.png"), tmp_path, NOTHING_KNOWN).with_columns(mode=pl.lit("stale"))
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["mode"] == "stale"
    change(path)
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["mode"] == "RGB"


def test_another_path_is_another_photo(tmp_path):
    save(product(1), tmp_path / "1.png")
    os.link(tmp_path / "1.png", tmp_path / "2.png")
    earlier = photo_facts(products("1.png"), tmp_path, NOTHING_KNOWN).with_columns(mode=pl.lit("stale"))
    assert facts(tmp_path, "2.png", earlier=earlier)[0]["mode"] == "RGB"


def test_a_photo_that_disappears_is_missing(tmp_path):
    path = save(product(1), tmp_path / "1.png")
    earlier = photo_facts(products("1.png"), tmp_path, NOTHING_KNOWN)
    path.unlink()
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["status"] == "missing"


def test_near_duplicates_are_found_among_known_and_new_photos(tmp_path):
    for name, seed, options in (("1.jpg", 1, {}), ("2.jpg", 2, {}), ("3.jpg", 1, {"quality": 60})):
        save(product(seed), tmp_path / name, **options)
    earlier = photo_facts(products("1.jpg", "2.jpg"), tmp_path, NOTHING_KNOWN)
    assert groups(earlier) == [None, None]
    assert groups(photo_facts(products("1.jpg", "2.jpg", "3.jpg"), tmp_path, earlier)) == [1, None, 1]


def test_rows_keep_the_products_order_and_progress_reaches_the_total(tmp_path):
    names = [f"{number}.png" for number in range(150)]
    for number, name in enumerate(names):
        save(Image.new("RGB", (2, 2), (number, 0, 0)), tmp_path / name)
    counts = []
    frame = photo_facts(products(*names), tmp_path, NOTHING_KNOWN, lambda *done: counts.append(done), workers=3)
    assert frame["image_path"].to_list() == names
    assert counts == [(64, 150), (128, 150), (150, 150)]


def test_no_products(tmp_path):
    frame = photo_facts(products(), tmp_path, NOTHING_KNOWN)
    assert frame.is_empty()
    assert dict(frame.schema) == {name: dtype for name, dtype in PHOTOS.schema.items() if name != ROW_HASH}


@pytest.mark.parametrize(("folder", "problem"), [("", "no file 'images/0.jpg'"), ("none", "no photos folder 'none'")])
def test_a_whole_catalog_without_photos_takes_no_time(tmp_path, folder, problem):
    wanted = products(*(f"images/{number}.jpg" for number in range(44_424)))
    started = time.perf_counter()
    frame = photo_facts(wanted, tmp_path / folder, NOTHING_KNOWN)
    assert time.perf_counter() - started < 3
    assert frame["status"].unique().to_list() == ["missing"]
    assert frame["problem"][0] == problem
