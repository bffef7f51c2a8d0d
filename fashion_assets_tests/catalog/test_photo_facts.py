import hashlib
import os
import time

import polars as pl
import pytest
from PIL import Image

from fashion_assets.catalog import photo_facts as module
from fashion_assets.catalog.near_duplicates import as_bytes, duplicate_groups
from fashion_assets.catalog.photo_facts import RULES, photo_facts
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH, ROW_HASH
from fashion_assets_tests.factories.photo_files import png_header, product, save

NOTHING_KNOWN = conform(pl.DataFrame(), PHOTOS)


def products(*paths: str | None) -> pl.DataFrame:
    columns = {"product_id": range(1, len(paths) + 1), BATCH: ["batch_00000"] * len(paths), "image_path": paths}
    return pl.DataFrame(columns, schema={"product_id": pl.Int64, BATCH: pl.String, "image_path": pl.String})


def facts(root, *paths, earlier=NOTHING_KNOWN, **options) -> list[dict]:
    return photo_facts(products(*paths), PhotoFiles(root), earlier, **options).to_dicts()


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
        "rules": RULES,
    }
    assert len(row["perceptual_hash"]) == 70


def test_mode_and_size_are_those_of_the_file(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # shown upright it would be 4 wide
    save(product(1, (80, 40)), tmp_path / "side.jpg", exif=exif)
    save(product(1, (40, 50)).convert("CMYK"), tmp_path / "print.jpg")
    save(product(1, (40, 40)).convert("RGBA"), tmp_path / "clear.png")
    save(product(1, (50, 40)).convert("I").point(lambda value: value * 256).convert("I;16"), tmp_path / "deep.png")
    rows = facts(tmp_path, "side.jpg", "print.jpg", "clear.png", "deep.png")
    assert [(row["status"], row["mode"], row["width"], row["height"]) for row in rows] == [
        ("ok", "RGB", 80, 40),
        ("ok", "CMYK", 40, 50),
        ("ok", "RGBA", 40, 40),
        ("ok", "I;16", 50, 40),
    ]


def test_pictures_that_show_nothing_are_blank(tmp_path):
    save(Image.new("RGB", (60, 80), "white"), tmp_path / "white.jpg")
    save(Image.new("RGB", (1, 1)), tmp_path / "spacer.gif")
    save(product(1).convert("RGBA"), tmp_path / "seen.png")
    clear = product(1).convert("RGBA")
    clear.putalpha(0)
    save(clear, tmp_path / "clear.png")
    rows = facts(tmp_path, "white.jpg", "spacer.gif", "clear.png", "seen.png")
    assert [row["status"] for row in rows] == ["blank", "blank", "blank", "ok"]
    assert [row["problem"] for row in rows[:3]] == [
        "all one colour (255, 255, 255)",
        "1x1 pixels are too few to show a product",
        "all one colour (255, 255, 255)",
    ]
    assert [(row["mode"], row["width"], row["height"]) for row in rows[:2]] == [("RGB", 60, 80), ("P", 1, 1)]
    assert all(row["sha256"] and row["perceptual_hash"] is None for row in rows[:3])


def test_the_rows_have_the_path_of_the_file(tmp_path):
    save(product(1), tmp_path / "Images" / "1.webp")
    save(product(2), tmp_path / "Images" / "2.jpg")
    paths = ("images/1.JPG", "Images/2.jpg", "images/3.jpg")
    rows = facts(tmp_path, *paths)
    assert [(row["status"], row["image_path"]) for row in rows] == [
        ("ok", "Images/1.webp"),
        ("ok", "Images/2.jpg"),
        ("missing", "images/3.jpg"),
    ]
    assert rows[2]["problem"] == "no file 'images/3.jpg'"
    earlier = photo_facts(products(*paths), PhotoFiles(tmp_path), NOTHING_KNOWN).with_columns(mode=pl.lit("stale"))
    assert [row["mode"] for row in facts(tmp_path, *paths, earlier=earlier)] == ["stale", "stale", None]


def test_a_file_takes_the_place_of_a_folder_of_its_name(tmp_path):
    (tmp_path / "1.jpg").mkdir()
    save(product(1), tmp_path / "1.png")
    assert facts(tmp_path, "1.jpg")[0]["image_path"] == "1.png"


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
    first = photo_facts(wanted, PhotoFiles(tmp_path), NOTHING_KNOWN)
    monkeypatch.setattr(module, "_judged", lambda content: pytest.fail("a file was read"))
    assert photo_facts(wanted, PhotoFiles(tmp_path), first).equals(first)


@pytest.mark.parametrize("rules", [None, RULES - 1, RULES + 1])
def test_facts_by_other_rules_are_collected_again(tmp_path, rules):
    save(Image.new("RGB", (60, 80), "white"), tmp_path / "1.png")
    present = photo_facts(products("1.png"), PhotoFiles(tmp_path), NOTHING_KNOWN)
    earlier = present.with_columns(status=pl.lit("ok"), rules=pl.lit(rules, pl.Int32))
    assert photo_facts(products("1.png"), PhotoFiles(tmp_path), earlier).equals(present)


def change_content(path):
    stamp = path.stat().st_mtime_ns
    save(product(2), path)
    os.utime(path, ns=(stamp, stamp))


def change_time_only(path):
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


@pytest.mark.parametrize("change", [change_content, change_time_only])
def test_changed_files_are_read_again(tmp_path, change):
    path = save(product(1), tmp_path / "1.png")
    earlier = photo_facts(products("1.png"), PhotoFiles(tmp_path), NOTHING_KNOWN).with_columns(mode=pl.lit("stale"))
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["mode"] == "stale"
    change(path)
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["mode"] == "RGB"


def test_another_path_is_another_photo(tmp_path):
    save(product(1), tmp_path / "1.png")
    os.link(tmp_path / "1.png", tmp_path / "2.png")
    earlier = photo_facts(products("1.png"), PhotoFiles(tmp_path), NOTHING_KNOWN).with_columns(mode=pl.lit("stale"))
    assert facts(tmp_path, "2.png", earlier=earlier)[0]["mode"] == "RGB"


def test_a_photo_that_disappears_is_missing(tmp_path):
    path = save(product(1), tmp_path / "1.png")
    earlier = photo_facts(products("1.png"), PhotoFiles(tmp_path), NOTHING_KNOWN)
    path.unlink()
    assert facts(tmp_path, "1.png", earlier=earlier)[0]["status"] == "missing"


def test_near_duplicates_are_found_among_known_and_new_photos(tmp_path):
    for name, seed, options in (("1.jpg", 1, {}), ("2.jpg", 2, {}), ("3.jpg", 1, {"quality": 60})):
        save(product(seed), tmp_path / name, **options)
    earlier = photo_facts(products("1.jpg", "2.jpg"), PhotoFiles(tmp_path), NOTHING_KNOWN)
    assert groups(earlier) == [None, None]
    assert groups(photo_facts(products("1.jpg", "2.jpg", "3.jpg"), PhotoFiles(tmp_path), earlier)) == [1, None, 1]


def test_rows_keep_the_products_order_and_progress_reaches_the_total(tmp_path):
    names = [f"{number}.png" for number in range(150)]
    for number, name in enumerate(names):
        save(product(number, (32, 32)), tmp_path / name)
    counts = []
    frame = photo_facts(
        products(*names), PhotoFiles(tmp_path), NOTHING_KNOWN, lambda *done: counts.append(done), workers=3
    )
    assert frame["image_path"].to_list() == names
    assert counts == [(64, 150), (128, 150), (150, 150)]


def test_no_products(tmp_path):
    frame = photo_facts(products(), PhotoFiles(tmp_path), NOTHING_KNOWN)
    assert frame.is_empty()
    assert dict(frame.schema) == {name: dtype for name, dtype in PHOTOS.schema.items() if name != ROW_HASH}


@pytest.mark.parametrize(("folder", "problem"), [("", "no file 'images/0.jpg'"), ("none", "no photos folder 'none'")])
def test_a_whole_catalog_without_photos_takes_no_time(tmp_path, folder, problem):
    wanted = products(*(f"images/{number}.jpg" for number in range(44_424)))
    started = time.perf_counter()
    frame = photo_facts(wanted, PhotoFiles(tmp_path / folder), NOTHING_KNOWN)
    assert time.perf_counter() - started < 3
    assert frame["status"].unique().to_list() == ["missing"]
    assert frame["problem"][0] == problem
