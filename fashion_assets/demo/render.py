"""Painting a demo product: a 300 x 400 shop photo on a plain background, the same for the same product everywhere."""

import io
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fashion_assets.demo import accessories, footwear, garments
from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.palette import PALETTE
from fashion_assets.demo.patterns import pattern_blend
from fashion_assets.demo.silhouette import Path, Silhouette
from fashion_assets.demo.textures import material_sight, noise_patch
from fashion_assets.demo.trimmings import Placing, draw_panels, draw_trimmings

RENDERER_VERSION = "3"
"""Raise it when a product or its photo comes out differently: demo catalogs on disk are then written anew."""

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
    mask = _mask(shape, place)
    photo = _background(rng)
    _cast_shadow(photo, mask, rng)
    draw = ImageDraw.Draw(photo)
    draw_panels(draw, shape.under, product, place)
    box = mask.getbbox()
    photo.paste(_fabric(product, mask, box, rng), box[:2], mask.crop(box))
    draw_trimmings(draw, shape, product, place, rng)
    return _camera(photo, product, rng)


def jpeg(product: DemoProduct) -> bytes:
    """The product's photo as a shop would store it."""
    stream = io.BytesIO()
    render(product).save(stream, "JPEG", quality=88)
    return stream.getvalue()


def _placing(shape: Silhouette, rng: np.random.Generator) -> Placing:
    """Scale to fill most of the photo, turn and shift a little; half of the products are mirrored."""
    left, top, right, bottom = shape.bounds()
    fill = rng.uniform(0.86, 0.95)
    scale = min(fill * WIDTH / (right - left), fill * HEIGHT / (bottom - top), 1.25)
    angle = rng.normal(0, 0.035)
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


def _mask(shape: Silhouette, place: Placing) -> Image.Image:
    """Where there is fabric: 255 inside, 0 outside."""
    mask = Image.new("L", (WIDTH, HEIGHT), 0)
    draw = ImageDraw.Draw(mask)
    for path in shape.outline:
        draw.polygon(place(path), fill=255)
    for path in shape.holes:
        draw.polygon(place(path), fill=0)
    return mask


def _background(rng: np.random.Generator) -> Image.Image:
    """Mostly near white as in a shop, else pastel; sometimes darker towards the floor."""
    colour = rng.uniform(236, 252) + rng.normal(0, 2, 3) if rng.random() < 0.7 else rng.uniform(188, 246, 3)
    fall = rng.uniform(0, 26) if rng.random() < 0.5 else 0.0
    column = colour - fall * np.linspace(0, 1, HEIGHT)[:, None]
    one_wide = Image.fromarray(column.clip(0, 255).astype(np.uint8)[:, None])
    return one_wide.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)


def _cast_shadow(photo: Image.Image, mask: Image.Image, rng: np.random.Generator) -> None:
    """A soft drop shadow, blurred at a quarter of the size to save time."""
    soft = mask.reduce(4).filter(ImageFilter.GaussianBlur(2.5)).resize(mask.size, Image.Resampling.BILINEAR)
    strength = rng.uniform(0.2, 0.4)
    offset = (int(rng.integers(2, 7)), int(rng.integers(3, 9)))
    photo.paste((70, 70, 78), offset, soft.point(lambda value: int(value * strength)))


def _fabric(
    product: DemoProduct, mask: Image.Image, box: tuple[int, int, int, int], rng: np.random.Generator
) -> Image.Image:
    """Colours, pattern, material and the roundness of the product, over its bounding box."""
    left, top, right, bottom = box
    x = np.arange(left - WIDTH // 2, right - WIDTH // 2, dtype=np.float32)[None, :]
    y = np.arange(top - HEIGHT // 2, bottom - HEIGHT // 2, dtype=np.float32)[:, None]
    soft = mask.reduce(4).filter(ImageFilter.GaussianBlur(1.6)).resize(mask.size, Image.Resampling.BILINEAR).crop(box)
    inside = np.asarray(soft, np.float32) / 255
    shade, gloss = material_sight(product.material, x, y, inside, rng)
    shade = shade * (0.74 + 0.26 * np.clip(inside * 2 - 1, 0, 1)) * (1 + 0.03 * noise_patch(80, inside.shape, rng))
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


def _camera(photo: Image.Image, product: DemoProduct, rng: np.random.Generator) -> Image.Image:
    """Light, focus and grain; how much of the product survives is its `clarity`."""
    light, blur, grain = rng.uniform(0.95, 1.04), 0.0, 1.5
    is_dark = product.clarity in ("soft", "poor") and rng.random() < 0.5
    if product.clarity == "soft":
        light, blur, grain = (rng.uniform(0.6, 0.72), 1.5, 3.0) if is_dark else (light, rng.uniform(3.2, 4.2), 3.0)
    elif product.clarity == "poor":
        light, blur, grain = (rng.uniform(0.3, 0.4), 2.5, 4.0) if is_dark else (light, rng.uniform(6, 7.5), 3.0)
    elif product.clarity == "ruined":
        light, blur, grain = rng.uniform(0.2, 0.75), rng.uniform(16, 20), 4.0
    if blur:
        photo = photo.filter(ImageFilter.BoxBlur(blur * 1.5))
    pixels = np.asarray(photo, np.float32) * light
    pixels += (grain * noise_patch(1, (HEIGHT, WIDTH), rng))[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
