"""Everything drawn on top of the fabric: seams, collars and soles, sports stripes, and a product's details."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import ImageDraw

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.figure import pose_of
from fashion_assets.demo.palette import PALETTE, brightness
from fashion_assets.demo.silhouette import Panel, Path, Silhouette, between, ellipse, rectangle
from fashion_assets.demo.vocabulary import Detail, Material

Colour = tuple[int, int, int]
_SHINE, _SHADOW, _GOLD = (222, 224, 228), (58, 58, 62), (206, 168, 82)


class Placing(Protocol):
    """Maps the coordinates of a silhouette to those of the photo."""

    def __call__(self, path: Path) -> Path: ...


@dataclass(frozen=True)
class Inks:
    """The colours of a product's trimmings, chosen so that they stand out from its fabric."""

    fabric: Colour
    line: Colour
    light: Colour
    dark: Colour
    bright: Colour
    second: Colour

    @classmethod
    def of(cls, product: DemoProduct) -> "Inks":
        fabric = PALETTE[product.colour]
        is_dark = brightness(fabric) < 90
        line = _mixed(fabric, (255, 255, 255), 0.45) if is_dark else _mixed(fabric, (0, 0, 0), 0.55)
        if product.material == Material.DENIM:
            line = (224, 150, 60)  # jeans are sewn with orange thread
        return cls(
            fabric=fabric,
            line=line,
            light=_mixed(fabric, (255, 255, 255), 0.3),
            dark=_mixed(fabric, (255, 255, 255), 0.16) if is_dark else _mixed(fabric, (0, 0, 0), 0.3),
            bright=(246, 246, 242) if brightness(fabric) < 165 else (34, 34, 40),
            second=PALETTE[product.second_colour],
        )


def draw_trimmings(
    draw: ImageDraw.ImageDraw, shape: Silhouette, product: DemoProduct, place: Placing, rng: np.random.Generator
) -> None:
    """Draw everything that lies on the fabric, from bottom to top."""
    inks = Inks.of(product)
    for path in shape.stripes if product.has_sport_stripes else []:
        draw.polygon(place(path), fill=inks.bright)
    for path in shape.seams:
        draw.line(place(path), fill=inks.line, width=2)
    draw_panels(draw, shape.panels, product, place)
    for detail in (Detail.POCKETS, Detail.ZIPPER, Detail.BUTTONS, Detail.DRAWSTRINGS, Detail.LOGO):
        if detail in product.details:
            _DRAWERS[detail](draw, shape, inks, place, rng)


def draw_panels(draw: ImageDraw.ImageDraw, panels: list[Panel], product: DemoProduct, place: Placing) -> None:
    """Fill areas that are not fabric, each in the colour of its tone."""
    inks = Inks.of(product)
    for panel in panels:
        colour = _panel_colour(panel.tone, inks, product)
        points = place(panel.path)
        draw.polygon(points, fill=colour)
        if panel.has_border:
            draw.line([*points, points[0]], fill=_mixed(colour, (0, 0, 0), 0.45), width=2)


_DIALS: tuple[Colour, ...] = ((242, 242, 238), (30, 32, 40), (34, 54, 110))
_SOLES: tuple[Colour, ...] = ((240, 240, 236), (48, 44, 42), (176, 134, 92))


def _panel_colour(tone: str, inks: Inks, product: DemoProduct) -> Colour:
    dial = _DIALS[product.index % 3]
    if tone == "sole":
        return _SOLES[product.index % 3]
    if tone == "skin":
        return pose_of(product).skin
    if tone == "cloth":
        return pose_of(product).cloth
    return {
        "light": inks.light,
        "dark": inks.dark,
        "shadow": _mixed(inks.fabric, (0, 0, 0), 0.65),
        "contrast": inks.second,
        "metal": _GOLD if product.index % 2 else _SHINE,
        "glass": (38, 40, 52),
        "dial": dial,
        "dial mark": (236, 80, 60) if brightness(dial) < 120 else (30, 30, 34),
    }[tone]


def _pockets(
    draw: ImageDraw.ImageDraw, shape: Silhouette, inks: Inks, place: Placing, rng: np.random.Generator
) -> None:
    """Patch pockets: a light patch, a strong outline and a flap."""
    for x, y, width, height in shape.pockets:
        left, top, right, bottom = x - width / 2, y - height / 2, x + width / 2, y + height / 2
        points = place([(left, top), (right, top), (right, bottom), (x, bottom + height * 0.18), (left, bottom)])
        draw.polygon(points, fill=inks.light)
        draw.line([*points, points[0]], fill=inks.line, width=6)
        draw.polygon(place(rectangle(left, top, right, top + height * 0.32)), fill=inks.line)


def _zipper(draw: ImageDraw.ImageDraw, shape: Silhouette, inks: Inks, place: Placing, rng: np.random.Generator) -> None:
    """A dark tape with shining teeth and a puller."""
    start, end = place(shape.closure)
    draw.line([start, end], fill=_SHADOW, width=16)
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    count = max(4, round(length / 13))
    for i in range(count):
        draw.line([between(start, end, i / count), between(start, end, (i + 0.5) / count)], fill=_SHINE, width=10)
    x, y = between(start, end, 0.06)
    draw.polygon(ellipse(x, y, 12, 12), fill=_GOLD, outline=_SHADOW)


def _buttons(
    draw: ImageDraw.ImageDraw, shape: Silhouette, inks: Inks, place: Placing, rng: np.random.Generator
) -> None:
    """Round buttons along the closure, in the colour that stands out most."""
    start, end = place(shape.closure)
    radius = 10.5 if shape.button_count > 1 else 14
    if shape.button_count > 3:
        draw.line([(start[0] - 10, start[1]), (end[0] - 10, end[1])], fill=inks.line, width=2)
    for i in range(shape.button_count):
        share = (i + 0.5) / shape.button_count
        x, y = between(start, end, share)
        draw.polygon(ellipse(x, y, radius, radius), fill=inks.bright, outline=inks.line)
        draw.polygon(ellipse(x, y, radius * 0.35, radius * 0.35), fill=inks.line)


def _drawstrings(
    draw: ImageDraw.ImageDraw, shape: Silhouette, inks: Inks, place: Placing, rng: np.random.Generator
) -> None:
    """Two cords with knots."""
    for cord in shape.cords:
        points = place(cord)
        draw.line(points, fill=inks.dark, width=11)
        draw.line(points, fill=inks.bright, width=7)
        x, y = points[-1]
        draw.polygon(ellipse(x, y, 10, 10), fill=inks.bright, outline=inks.line)


def _logo(draw: ImageDraw.ImageDraw, shape: Silhouette, inks: Inks, place: Placing, rng: np.random.Generator) -> None:
    """An invented brand's badge: a framed triangle, bar or dot in a signal colour."""
    ground, sign = _BADGES[int(rng.integers(len(_BADGES)))]
    if sum(abs(a - b) for a, b in zip(ground, inks.fabric, strict=True)) < 150:
        ground, sign = sign, ground
    x, y = shape.logo
    draw.polygon(place(rectangle(x - 25, y - 20, x + 25, y + 20)), fill=ground, outline=sign)
    if rng.random() < 0.5:
        draw.polygon(place([(x - 16, y + 13), (x, y - 15), (x + 16, y + 13)]), fill=sign)
    else:
        draw.polygon(place(ellipse(x, y, 13, 13)), fill=sign)


_BADGES: tuple[tuple[Colour, Colour], ...] = (
    ((240, 50, 46), (255, 255, 255)),
    ((255, 214, 40), (24, 24, 28)),
    ((40, 200, 110), (20, 24, 60)),
    ((250, 250, 250), (214, 30, 60)),
)

_DRAWERS = {
    Detail.POCKETS: _pockets,
    Detail.ZIPPER: _zipper,
    Detail.BUTTONS: _buttons,
    Detail.DRAWSTRINGS: _drawstrings,
    Detail.LOGO: _logo,
}


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue
