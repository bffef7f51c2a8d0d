"""The photos: the same everywhere, of the right size, and showing what the truth says."""

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.contact_sheet import write_contact_sheet
from fashion_assets.demo.figure import pose_of
from fashion_assets.demo.garments import upper_body
from fashion_assets.demo.light import folds, roundness
from fashion_assets.demo.render import HEIGHT, RENDERER_VERSION, WIDTH, jpeg, render
from fashion_assets.demo.vocabulary import Detail, Material, Pattern

MATERIALS = [m.value for m in Material if m is not Material.UNKNOWN]
PATTERNS = [p.value for p in Pattern if p is not Pattern.NO_CLEAR]


def pixels(product: DemoProduct) -> np.ndarray:
    return np.asarray(render(product), float)


@pytest.fixture(scope="module")
def shirt() -> DemoProduct:
    """A clear photo of a plain woven shirt without details."""
    products = (sample_product(1, index) for index in range(1000))
    product = next(p for p in products if p.article.name == "Shirts" and p.clarity == "clear")
    return replace(product, material="woven fabric", pattern="solid color", details=())


def test_a_photo_is_the_same_in_another_process():
    script = (
        "import sys; from fashion_assets.demo.attributes import sample_product; "
        "from fashion_assets.demo.render import jpeg; sys.stdout.buffer.write(jpeg(sample_product(2, 9)))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout
    assert other == jpeg(sample_product(2, 9))


def test_photos_are_as_this_version_of_the_renderer_paints_them():
    """Brightness in a grid of 3 x 4 fields: other processors round single pixels otherwise, never whole fields."""
    grid = render(sample_product(3, 0)).resize((3, 4), Image.Resampling.BOX)
    painted = [[218, 183, 218], [167, 118, 161], [167, 111, 173], [186, 79, 195]]
    assert RENDERER_VERSION == "7"
    assert np.abs(np.asarray(grid, float).mean(axis=2) - painted).max() < 1.5


def test_every_article_type_renders_in_the_shop_format():
    missing = {article.name for article in ARTICLES}
    for product in (sample_product(0, index) for index in range(2000)):
        if product.article.name in missing:
            missing.remove(product.article.name)
            assert render(product).size == (WIDTH, HEIGHT)
            assert pixels(product).std() > 10
    assert not missing


@pytest.mark.parametrize("values, key", [(MATERIALS, "material"), (PATTERNS, "pattern")])
def test_values_look_different_on_the_same_product(shirt: DemoProduct, values: list[str], key: str):
    photos = {value: pixels(replace(shirt, **{key: value})) for value in values}
    for value in values:
        for other in values:
            assert value == other or np.abs(photos[value] - photos[other]).mean() > 2, f"{value} looks like {other}"


@pytest.mark.parametrize("detail", [Detail.BUTTONS, Detail.ZIPPER, Detail.POCKETS, Detail.LOGO])
def test_a_detail_can_be_seen(shirt: DemoProduct, detail: Detail):
    changed = np.abs(pixels(replace(shirt, details=(detail.value,))) - pixels(shirt)).max(axis=2) > 30
    assert changed.sum() > 400  # of 120,000 pixels; a model sees a tenth of them


def test_half_of_the_garments_are_worn_and_nothing_else_is():
    products = [sample_product(6, index) for index in range(800)]
    worn = {product.article.is_garment: [] for product in products}
    for product in products:
        worn[product.article.is_garment].append(pose_of(product).is_worn)
    assert 0.4 < np.mean(worn[True]) < 0.6
    assert not any(worn[False])


def test_the_body_is_behind_the_garment_and_the_same_under_every_fit(shirt: DemoProduct):
    worn = next(p for p in (replace(shirt, index=i) for i in range(50)) if pose_of(p).is_worn)
    flat = next(p for p in (replace(shirt, index=i) for i in range(50)) if not pose_of(p).is_worn)
    bodies = [upper_body(replace(worn, fit=fit)).figure[0].path for fit in ("fitted", "oversized")]
    assert bodies[0] == bodies[1]
    assert upper_body(flat).figure == []
    skin = np.abs(pixels(worn) - np.array(pose_of(worn).skin)).max(axis=2) < 30
    assert skin.sum() > 1000


def test_light_falls_from_the_lamps_side():
    mask = Image.new("L", (200, 200), 0)
    ImageDraw.Draw(mask).ellipse((40, 40, 160, 160), fill=255)
    from_the_right = roundness(mask, angle=0.0)
    assert from_the_right[100, 150] > from_the_right[100, 100] > from_the_right[100, 50]
    assert np.allclose(from_the_right, roundness(mask, angle=math.pi)[:, ::-1], atol=0.06)


@pytest.mark.parametrize("is_worn", [True, False])
def test_folds_are_gentle(is_worn: bool):
    shade = folds(400, 300, is_worn, np.random.default_rng(0))
    assert shade.shape == (400, 300) and 0.8 <= shade.min() < 0.95 < 1.05 < shade.max() <= 1.15


def test_a_contact_sheet_is_written(tmp_path):
    write_contact_sheet(tmp_path / "sheets" / "sheet.png", columns=3, rows=2, model_side=120)
    assert (tmp_path / "sheets" / "sheet.png").stat().st_size > 10_000
