"""Painting a demo product: a 300 x 400 shop photo on a plain background, identical everywhere for the same product."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fashion_assets.demo import accessories, footwear, garments
from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.figure import pose_of
from fashion_assets.demo.light import falloff, folds, roundness
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.patterns import pattern_blend
from fashion_assets.demo.silhouette import Path, Silhouette
from fashion_assets.demo.textures import material_texture, noise_patch
from fashion_assets.demo.trimmings import Placing, draw_panels, draw_trimmings
from fashion_assets.demo.vocabulary import Material

RENDERER_VERSION = "7"
"""Raise it when products or photos change, so that demo catalogs on disk are rendered again."""

WIDTH, HEIGHT = 300, 400

_SHAPES = {
    "Jeans": garments.legs, "Trousers": garments.legs, "Shorts": garments.legs, "Track Pants": garments.legs,
    "Skirts": garments.skirt, "Casual Shoes": footwear.shoe, "Sports Shoes": footwear.shoe,
    "Formal Shoes": footwear.shoe, "Heels": footwear.heel, "Sandals": footwear.sandal, "Watches": accessories.watch,
    "Handbags": accessories.handbag, "Backpacks": accessories.backpack, "Belts": accessories.belt,
    "Wallets": accessories.wallet, "Sunglasses": accessories.sunglasses, "Caps": accessories.cap,
    "Ties": accessories.tie,
}  # fmt: skip


def render(product: DemoProduct) -> Image.Image:
    """The product's photo, RGB, WIDTH x HEIGHT."""
    rng = np.random.default_rng((product.seed, product.index, 1))
    shape = _SHAPES.get(product.article.name, garments.upper_body)(product)
    place = _placing(shape, rng)
    lamp = rng.uniform(-math.pi, 0)  # somewhere above
    photo = _background(rng)
    draw = ImageDraw.Draw(photo)
    body = _mask([panel.path for panel in shape.figure], [], place)
    if shape.figure:
        _cast_shadow(photo, body, lamp, rng)
        draw_panels(draw, shape.figure, product, place)
    mask = _mask(shape.outline, shape.holes, place)
    _cast_shadow(photo, mask, lamp, rng)
    draw_panels(draw, shape.under, product, place)
    box = mask.getbbox() or (0, 0, WIDTH, HEIGHT)
    photo.paste(_fabric(product, mask, box, rng), box[:2], mask.crop(box))
    draw_trimmings(draw, shape, product, place, rng)
    lit = _mask(shape.outline + [panel.path for panel in shape.panels], shape.holes, place)
    return _camera(photo, _light(product, body, lit, lamp, rng), product, rng)


def jpeg(product: DemoProduct) -> bytes:
    """The product's photo as a shop would store it."""
    stream = io.BytesIO()
    render(product).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _placing(shape: Silhouette, rng: np.random.Generator) -> Placing:
    """Scale to fill most of the photo, rotate and shift a little; half of the products are mirrored."""
    left, top, right, bottom = shape.bounds()
    fill = rng.uniform(0.8, 0.95)
    scale = min(fill * WIDTH / (right - left), fill * HEIGHT / (bottom - top), 1.25)
    angle = rng.normal(0, 0.02 if shape.figure else 0.04)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    flip = -1 if rng.random() < 0.5 else 1
    centre_x, centre_y = (left + right) / 2, (top + bottom) / 2
    shift_x, shift_y = WIDTH / 2 + rng.uniform(-6, 6), HEIGHT / 2 + rng.uniform(-8, 8)

    def place(path: Path) -> Path:
        return [
            (
                flip * (x - centre_x) * cos - (y - centre_y) * sin + shift_x,
                flip * (x - centre_x) * sin + (y - centre_y) * cos + shift_y,
            )
            for x, y in path
        ]

    return place


def _mask(filled: list[Path], holes: list[Path], place: Placing) -> Image.Image:
    """255 inside, 0 outside, with smooth edges."""
    twice = Image.new("L", (2 * WIDTH, 2 * HEIGHT), 0)
    draw = ImageDraw.Draw(twice)
    for paths, value in ((filled, 255), (holes, 0)):
        for path in paths:
            draw.polygon([(2 * x, 2 * y) for x, y in place(path)], fill=value)
    return twice.reduce(2)


def _background(rng: np.random.Generator) -> Image.Image:
    """Mostly near white, otherwise pastel; sometimes darker towards the bottom, or with a floor."""
    colour = rng.uniform(236, 252) + rng.normal(0, 2, 3) if rng.random() < 0.7 else rng.uniform(188, 246, 3)
    down = np.linspace(0, 1, HEIGHT)[:, None]
    kind = rng.random()
    if kind < 0.4:
        shade = np.zeros((HEIGHT, 1))
    elif kind < 0.8:
        shade = rng.uniform(0, 26) * down
    else:
        horizon = rng.uniform(0.7, 0.85)
        shade = rng.uniform(8, 22) / (1 + np.exp((horizon - down) * 60)) - 10 * np.clip(down - horizon, 0, 1)
    one_wide = Image.fromarray((colour - shade).clip(0, 255).astype(np.uint8)[:, None])
    return one_wide.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def _cast_shadow(photo: Image.Image, mask: Image.Image, lamp: float, rng: np.random.Generator) -> None:
    """A soft drop shadow away from the lamp, blurred at a quarter of the size to save time."""
    small = mask.reduce(4).filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 3)))
    soft = small.resize(mask.size, Image.Resampling.BILINEAR)
    strength, far = rng.uniform(0.2, 0.42), rng.uniform(4, 10)
    offset = (round(-far * math.cos(lamp)), round(-far * math.sin(lamp)))
    photo.paste((70, 70, 78), offset, soft.point(lambda value: int(value * strength)))


def _light(
    product: DemoProduct, body: Image.Image, lit: Image.Image, lamp: float, rng: np.random.Generator
) -> np.ndarray:
    """The factor on every pixel, float32 (HEIGHT, WIDTH, 1): lamp, roundness, and folds of cloth."""
    lamp_light = light = falloff(HEIGHT, WIDTH, lamp, rng)
    if body.getbbox():
        light = light * (1 + np.asarray(body, np.float32) / 255 * (roundness(body, lamp) - 1))
    shape = roundness(lit, lamp)
    if product.article.is_garment and product.material != Material.LEATHER:  # leather has creases of its own
        shape = shape * folds(HEIGHT, WIDTH, pose_of(product).is_worn, rng)
    inside = np.asarray(lit, np.float32) / 255
    return (light + inside * (lamp_light * shape - light))[..., None]


def _fabric(
    product: DemoProduct, mask: Image.Image, box: tuple[int, int, int, int], rng: np.random.Generator
) -> Image.Image:
    """Colours, pattern and material of the product, over its bounding box."""
    left, top, right, bottom = box
    x = np.arange(left - WIDTH // 2, right - WIDTH // 2, dtype=np.float32)[None, :]
    y = np.arange(top - HEIGHT // 2, bottom - HEIGHT // 2, dtype=np.float32)[:, None]
    soft = mask.reduce(4).filter(ImageFilter.GaussianBlur(1.6)).resize(mask.size, Image.Resampling.BILINEAR).crop(box)
    inside = np.asarray(soft, np.float32) / 255
    shade, gloss = material_texture(product.material, x, y, inside, rng)
    blend = pattern_blend(product.pattern, x, y, rng)
    dye = np.array(PALETTE[product.colour], np.float32) * rng.uniform(0.94, 1.06) + rng.normal(0, 4, 3).astype(
        np.float32
    )
    second = np.array(PALETTE[product.second_colour], np.float32)
    pixels = np.empty((*inside.shape, 3), np.float32)
    for channel in range(3):
        # The constant lifts the shade on dark fabric, where a factor alone would not show.
        plain = (dye[channel] if blend is None else dye[channel] + (second[channel] - dye[channel]) * blend) + 26
        painted = plain * shade - 26
        pixels[..., channel] = painted if gloss is None else painted + (255 - painted) * gloss
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _camera(photo: Image.Image, light: np.ndarray, product: DemoProduct, rng: np.random.Generator) -> Image.Image:
    """Exposure, focus and grain, according to the `clarity` of the product."""
    exposure, blur, grain = rng.uniform(0.95, 1.04), 0.5, 1.5
    is_dark = product.clarity in ("soft", "poor") and rng.random() < 0.5
    if product.clarity == "soft":
        exposure, blur, grain = (rng.uniform(0.6, 0.72), 2.2, 3.0) if is_dark else (exposure, rng.uniform(4.8, 6), 3.0)
    elif product.clarity == "poor":
        exposure, blur, grain = (rng.uniform(0.3, 0.4), 3.7, 4.0) if is_dark else (exposure, rng.uniform(9, 11), 3.0)
    elif product.clarity == "ruined":
        exposure, blur, grain = rng.uniform(0.2, 0.75), rng.uniform(24, 30), 4.0
    tint = 1 + rng.normal(0, 0.012, 3).astype(np.float32)
    lit = Image.fromarray((np.asarray(photo, np.float32) * (light * tint)).clip(0, 255).astype(np.uint8))
    pixels = np.asarray(lit.filter(ImageFilter.BoxBlur(blur)), np.float32) * exposure
    pixels += (grain * noise_patch(1, (HEIGHT, WIDTH), rng))[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
