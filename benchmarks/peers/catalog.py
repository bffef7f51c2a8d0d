"""The products that every contender describes: the demo catalog without its planted defects, and a small change to it.

A photo is `images/ID.jpg`; the table is `catalog.csv` in the reference catalog's columns. Reading it imports nothing
but the standard library, so that a contender which finds nothing to do pays for little else.
"""

import csv
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from .questions import write_questions

TABLE, IMAGES = "catalog.csv", "images"
ID, NAME = "id", "productDisplayName"
NEW_PHOTOS, NEW_NAMES = 3, 2


@dataclass(frozen=True)
class ListedProduct:
    """A product as the table and its photo file have it.

    `categories` has the columns that decide which questions apply; `text` is what the catalog says in words.
    """

    product_id: int
    name: str
    categories: dict[str, str]
    text: str
    photo: Path
    photo_sha256: str


def read_catalog(folder: Path) -> list[ListedProduct]:
    """Every product of the table, with the hash of its photo."""
    with (folder / TABLE).open(newline="") as file:
        return [_listed(row, folder / IMAGES / f"{row[ID]}.jpg") for row in csv.DictReader(file)]


def _listed(row: dict[str, str], photo: Path) -> ListedProduct:
    words = (row[column] for column in (NAME, "baseColour", "usage", "season"))
    return ListedProduct(
        product_id=int(row[ID]),
        name=row[NAME],
        categories={"master_category": row["masterCategory"], "sub_category": row["subCategory"]},
        text=" ".join(word for word in words if word != "NA"),
        photo=photo,
        photo_sha256=hashlib.sha256(photo.read_bytes()).hexdigest(),
    )


def write_catalog(folder: Path, products: int, seed: int = 0) -> None:
    """Write a table of demo products and the questions about them, and render their photos."""
    from fashion_assets.demo.attributes import sample_product
    from fashion_assets.demo.catalog import CATALOG_COLUMNS
    from fashion_assets.demo.names import catalog_entry
    from fashion_assets.demo.render import jpeg

    shutil.rmtree(folder, ignore_errors=True)
    (folder / IMAGES).mkdir(parents=True)
    write_questions(folder)
    with (folder / TABLE).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CATALOG_COLUMNS)
        for product in (sample_product(seed, index) for index in range(products)):
            entry = catalog_entry(product)
            writer.writerow(entry.fields())
            (folder / IMAGES / f"{entry.id}.jpg").write_bytes(jpeg(product))


def change_catalog(folder: Path, seed: int = 0) -> None:
    """Photograph NEW_PHOTOS products again, one of them no garment, and rename NEW_NAMES others."""
    from fashion_assets.demo.attributes import DemoProduct, sample_product
    from fashion_assets.demo.names import product_id
    from fashion_assets.demo.render import jpeg

    def clear(is_garment: bool) -> Iterator[DemoProduct]:
        products = (sample_product(seed, index) for index in range(_rows(folder)))
        return (of for of in products if of.clarity == "clear" and of.article.is_garment == is_garment)

    photographed = [*islice(clear(is_garment=True), NEW_PHOTOS - 1), next(clear(is_garment=False))]
    for product in photographed:
        photo = jpeg(replace(product, seed=seed + 1))  # the same product in another light and place
        (folder / IMAGES / f"{product_id(product.index)}.jpg").write_bytes(photo)
    _rename({product_id(of.index) for of in photographed}, folder)


def _rows(folder: Path) -> int:
    with (folder / TABLE).open(newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def _rename(excepted: set[int], folder: Path) -> None:
    with (folder / TABLE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in islice((row for row in rows if int(row[ID]) not in excepted), NEW_NAMES):
        row[NAME] += " Limited Edition"
    with (folder / TABLE).open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
