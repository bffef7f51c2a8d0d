"""The photos: the same everywhere, of the right size, and showing what the truth says."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.contact_sheet import write_contact_sheet
from fashion_assets.demo.render import HEIGHT, WIDTH, jpeg, render
from fashion_assets.extraction.taxonomy import Detail, Material, Pattern

MATERIALS = [m.value for m in Material if m is not Material.UNKNOWN]
PATTERNS = [p.value for p in Pattern if p is not Pattern.NO_CLEAR]


def pixels(product: DemoProduct) -> np.ndarray:
    return np.asarray(render(product), float)


@pytest.fixture(scope="module")
def shirt() -> DemoProduct:
    """A clear photo of a plain woven shirt without details."""
    products = (sample_product(1, index) for index in range(1000))
    found = next(p for p in products if p.article.name == "Shirts" and p.clarity == "clear")
    return replace(found, material="woven fabric", pattern="solid color", details=())


def test_a_photo_is_the_same_in_another_process():
    script = (
        "import sys; from fashion_assets.demo.attributes import sample_product; "
        "from fashion_assets.demo.render import jpeg; sys.stdout.buffer.write(jpeg(sample_product(2, 9)))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    assert other == jpeg(sample_product(2, 9))


def test_every_article_type_renders_in_the_shop_format():
    wanted = {article.name for article in ARTICLES}
    for product in (sample_product(0, index) for index in range(2000)):
        if product.article.name in wanted:
            wanted.remove(product.article.name)
            assert render(product).size == (WIDTH, HEIGHT)
            assert pixels(product).std() > 10
    assert not wanted


@pytest.mark.parametrize("values, key", [(MATERIALS, "material"), (PATTERNS, "pattern")])
def test_values_look_different_on_the_same_product(shirt: DemoProduct, values: list[str], key: str):
    photos = {value: pixels(replace(shirt, **{key: value})) for value in values}
    for one in values:
        for other in values:
            assert one == other or np.abs(photos[one] - photos[other]).mean() > 2, f"{one} looks like {other}"


@pytest.mark.parametrize("detail", [Detail.BUTTONS, Detail.ZIPPER, Detail.POCKETS, Detail.LOGO])
def test_a_detail_can_be_seen(shirt: DemoProduct, detail: Detail):
    changed = np.abs(pixels(replace(shirt, details=(detail.value,))) - pixels(shirt)).max(axis=2) > 30
    assert changed.sum() > 400  # of 120,000 pixels; a model sees a tenth of them


def test_a_contact_sheet_is_written(tmp_path):
    write_contact_sheet(tmp_path / "sheets" / "sheet.png", columns=3, rows=2, model_side=120)
    assert (tmp_path / "sheets" / "sheet.png").stat().st_size > 10_000
