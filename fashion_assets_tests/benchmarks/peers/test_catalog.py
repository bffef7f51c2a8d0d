"""The products that every contender describes, and what changes between its runs."""

import csv

import pytest

from benchmarks.peers.catalog import NEW_NAMES, NEW_PHOTOS, TABLE, change_catalog, read_catalog, write_catalog

PRODUCTS = 40


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers") / "catalog"
    write_catalog(folder, PRODUCTS)
    return folder


@pytest.fixture(scope="module")
def before_and_after(written):
    before = read_catalog(written)
    change_catalog(written)
    return before, read_catalog(written)


def test_each_product_has_a_row_and_a_photo_of_its_own(before_and_after):
    before, _ = before_and_after
    assert len({product.product_id for product in before}) == PRODUCTS
    assert len({product.photo_sha256 for product in before}) == PRODUCTS
    assert all(product.photo.name == f"{product.product_id}.jpg" for product in before)


def test_the_change_is_that_of_three_photos_and_two_names(before_and_after):
    before, after = before_and_after
    photographed = {
        old.product_id for old, new in zip(before, after, strict=True) if old.photo_sha256 != new.photo_sha256
    }
    renamed = {old.product_id for old, new in zip(before, after, strict=True) if old.name != new.name}
    assert (len(photographed), len(renamed)) == (NEW_PHOTOS, NEW_NAMES)
    assert not photographed & renamed


def test_a_new_name_is_in_the_text_that_is_embedded(before_and_after):
    before, after = before_and_after
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old.text != new.text]
    assert len(changed) == NEW_NAMES
    assert all(new.text.startswith(new.name) and new.name.startswith(old.name) for old, new in changed)


def test_the_change_keeps_every_other_column(written, tmp_path, before_and_after):
    del before_and_after
    write_catalog(tmp_path / "fresh", PRODUCTS)
    tables = []
    for folder in (tmp_path / "fresh", written):
        with (folder / TABLE).open(newline="") as file:
            tables.append([{**row, "productDisplayName": ""} for row in csv.DictReader(file)])
    assert tables[0] == tables[1]


def test_a_new_photo_is_of_the_same_product_and_one_is_of_no_garment(before_and_after):
    before, after = before_and_after
    photographed = [new for old, new in zip(before, after, strict=True) if old.photo_sha256 != new.photo_sha256]
    assert sorted(product.categories["master_category"] == "Apparel" for product in photographed) == [
        False,
        *[True] * (NEW_PHOTOS - 1),
    ]


def test_words_that_are_not_available_are_left_out_of_the_text(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "7.jpg").write_bytes(b"photo")
    head = "id,masterCategory,subCategory,productDisplayName,baseColour,usage,season"
    (tmp_path / TABLE).write_text(f"{head}\n7,Apparel,Topwear,Plain Shirt,Blue,NA,Summer\n")
    assert [product.text for product in read_catalog(tmp_path)] == ["Plain Shirt Blue Summer"]
