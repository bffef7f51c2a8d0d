"""A labelled sheet of demo products, to judge with one's own eyes what the models are asked to see."""

from pathlib import Path

from PIL import Image, ImageDraw

from fashion_assets.demo.attributes import DemoProduct, Mix, sample_product
from fashion_assets.demo.render import render
from fashion_assets.photos import letterbox

_CELL, _CAPTION = 180, 44


def write_contact_sheet(
    path: Path, columns: int = 9, rows: int = 6, seed: int = 0, mix: Mix = "balanced", model_side: int | None = None
) -> None:
    """Write a PNG of columns x rows products with their attributes below.

    With `model_side` the photos are shown as a model gets to see them, that many pixels wide.
    """
    sheet = Image.new("RGB", (columns * _CELL, rows * (_CELL + _CAPTION)), "white")
    draw = ImageDraw.Draw(sheet)
    for position in range(columns * rows):
        product = sample_product(seed, position, mix)
        left, top = position % columns * _CELL, position // columns * (_CELL + _CAPTION)
        photo = letterbox(render(product))
        if model_side:
            photo = photo.resize((model_side, model_side), Image.Resampling.LANCZOS)
        shown = photo.resize((_CELL, _CELL), Image.Resampling.NEAREST if model_side else Image.Resampling.LANCZOS)
        sheet.paste(shown, (left, top))
        draw.multiline_text((left + 4, top + _CELL), _caption(product), fill="black", font_size=9, spacing=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _caption(product: DemoProduct) -> str:
    truth = product.truth

    def words(*keys: str) -> str:
        return " / ".join(str(truth[key]) for key in keys if truth[key])

    return "\n".join(
        (
            f"{product.article.name}: {words('material', 'pattern', 'confidence')}",
            words("collar", "sleeves", "fit"),
            f"{truth['formality']}: {', '.join(truth['style_keywords'])}",
            ", ".join(truth["details"]),
        )
    )
