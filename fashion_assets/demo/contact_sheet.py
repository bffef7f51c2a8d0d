"""A labelled sheet of demo products, to see what the models are given."""

from collections import Counter
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fashion_assets.demo.articles import ARTICLES
from fashion_assets.demo.attributes import DemoProduct, Mix, sample_product
from fashion_assets.demo.render import HEIGHT, WIDTH, render
from fashion_assets.models.photos import letterbox

_GAP, _CAPTION, _FONT_SIZE = 14, 58, 15
_INK, _PALE = (40, 42, 48), (112, 116, 126)


def write_contact_sheet(
    path: Path, columns: int = 7, rows: int = 3, seed: int = 0, mix: Mix = "catalog", model_side: int | None = None
) -> None:
    """Write a picture (PNG or JPEG, by the file's suffix) of columns x rows products with their attributes below.

    Every article type appears once before any repeats. With `model_side` the photos are shown as a model sees them,
    that many pixels wide.
    """
    cell = (WIDTH if model_side else 240) + _GAP
    photo_height = WIDTH if model_side else 240 * HEIGHT // WIDTH
    sheet = Image.new("RGB", (columns * cell + _GAP, rows * (photo_height + _CAPTION) + _GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    for position, product in enumerate(_varied_products(columns * rows, seed, mix)):
        left, top = _GAP + position % columns * cell, _GAP + position // columns * (photo_height + _CAPTION)
        sheet.paste(_shown(render(product), (cell - _GAP, photo_height), model_side), (left, top))
        for line, (text, colour) in enumerate(zip(_caption(product), (_INK, _PALE), strict=True)):
            fitting = _shortened(text, font, cell - _GAP)
            draw.text((left, top + photo_height + 6 + 20 * line), fitting, fill=colour, font=font)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, quality=88)


def _varied_products(count: int, seed: int, mix: Mix) -> list[DemoProduct]:
    """The first visible products, skipping those whose article type was already shown more often than others."""
    chosen: list[DemoProduct] = []
    shown: Counter[str] = Counter()
    index = 0
    while len(chosen) < count:
        product, index = sample_product(seed, index, mix), index + 1
        if shown[product.article.name] <= len(chosen) // len(ARTICLES) and product.clarity != "ruined":
            chosen.append(product)
            shown[product.article.name] += 1
    return chosen


def _shown(photo: Image.Image, size: tuple[int, int], model_side: int | None) -> Image.Image:
    if model_side is None:
        return photo.resize(size, Image.Resampling.LANCZOS)
    reduced = letterbox(photo).resize((model_side, model_side), Image.Resampling.LANCZOS)
    return reduced.resize(size, Image.Resampling.NEAREST)


def _caption(product: DemoProduct) -> tuple[str, str]:
    """Two lines: what it is, and its cut and details."""
    cut = [value for value in (product.collar, product.sleeves, product.fit) if value and value != "not applicable"]
    details = [detail.removeprefix("has ") for detail in product.details]
    first = f"{product.article.name}: {product.material}, {product.pattern}"
    return first, ", ".join(cut + details) or str(product.truth["formality"])


def _shortened(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """The text, shortened with an ellipsis if it is wider than `width` pixels."""
    if font.getlength(text) <= width:
        return text
    while font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ,") + "…"
