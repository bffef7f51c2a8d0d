"""How garments are cut: upper bodies from collar, sleeves and fit, and everything worn below the waist."""

import math

from fashion_assets.demo import figure
from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.silhouette import Panel, Path, Silhouette, ellipse, mirrored, rectangle
from fashion_assets.demo.vocabulary import Collar, Detail, Fit, Sleeves

TOP = -130.0
"""The shoulder line of upper bodies."""

_WIDTH = {Fit.FITTED: 0.8, Fit.REGULAR: 1.0, Fit.LOOSE: 1.24, Fit.OVERSIZED: 1.52}
_HEM = {
    "Tshirts": 95, "Shirts": 112, "Tops": 78, "Sweatshirts": 88, "Sweaters": 92, "Jackets": 92, "Blazers": 112,
    "Kurtas": 178, "Dresses": 180,
}  # fmt: skip
_SLEEVE_LENGTH = {Sleeves.SHORT: 60.0, Sleeves.THREE_QUARTER: 126.0, Sleeves.LONG: 182.0}
_TURNED_UP = 30.0
"""Width of the cuff of a three-quarter sleeve, which distinguishes it from long and short ones."""


def upper_body(product: DemoProduct) -> Silhouette:
    """Shirts, tops, jackets, kurtas and dresses: a body, two sleeves, a neck and a closure."""
    shape = Silhouette()
    pose = figure.pose_of(product)
    half = 62.0 * _WIDTH[Fit(product.fit)]
    hem = float(_HEM[product.article.name])
    if pose.is_worn:
        figure.add_torso(shape, TOP, has_head=product.collar != Collar.HOODED)
        if product.article.name == "Dresses":
            figure.add_bare_legs(shape, hem - 40, 24, 17)
        else:
            figure.add_trousers(shape, hem - 30)
    _body(shape, product, half, hem)
    _sleeves(shape, product, half, pose)
    neck_bottom = _neck(shape, product, half)
    shape.closure = [(0, neck_bottom + 8), (0, hem - 8)]
    shape.button_count = 3 if product.article.name == "Blazers" else 6 if hem > 150 else 5
    if product.article.name in ("Jackets", "Blazers", "Sweatshirts", "Dresses", "Kurtas"):
        y = min(hem - 40, 48)
        shape.pockets = [(-half * 0.55, y, 40, 34), (half * 0.55, y, 40, 34)]
    else:
        shape.pockets = [(half * 0.5, -62, 34, 38)]
    shape.logo = (-half * 0.5, -66)
    return shape


def _body(shape: Silhouette, product: DemoProduct, half: float, hem: float) -> None:
    waist = half * (0.78 if product.fit == Fit.FITTED else 0.97)
    if product.article.name == "Dresses":
        right = [(half * 0.92, TOP + 8), (half * 0.8, -20), (half * 1.75, hem)]
        shape.seams.append([(-half * 0.8, -20), (half * 0.8, -20)])
    elif product.article.name == "Kurtas":
        right = [(half * 0.96, TOP + 8), (waist, 10), (half * 1.3, hem)]
        shape.add_both_sides(shape.seams, [(half * 1.12, 95), (half * 1.2, hem)])
    else:
        right = [(half, TOP + 8), (half * 0.98, TOP + 60), (waist, 5), (half * 1.02, hem)]
    shape.outline.append([(20, TOP - 6), *right, *reversed(mirrored(right)), (-20, TOP - 6)])
    if product.article.name in ("Sweatshirts", "Sweaters", "Jackets"):
        shape.seams.append([(-half, hem - 14), (half, hem - 14)])
    stripe = [(half * 0.78, TOP + 50), (half * 0.92, TOP + 50), (waist * 0.93, 5), (half * 0.93, hem)]
    shape.add_both_sides(shape.stripes, [*stripe, (half * 0.76, hem), (waist * 0.76, 5)])


def _sleeves(shape: Silhouette, product: DemoProduct, half: float, pose: figure.Pose) -> None:
    dx, dy = math.sin(pose.arm_angle), math.cos(pose.arm_angle)
    if product.sleeves == Sleeves.SLEEVELESS:
        if pose.is_worn:
            figure.add_arms(shape, (half * 0.76, TOP + 18), (dx, dy))
        outside = half * 1.1
        armhole = [(half * 0.7, TOP - 10), (outside, TOP - 10), (outside, TOP + 66), (half * 0.82, TOP + 40)]
        shape.add_both_sides(shape.holes, armhole)
        return
    length = _SLEEVE_LENGTH[Sleeves(product.sleeves)]
    wide = {Fit.FITTED: 0.85, Fit.OVERSIZED: 1.3}.get(Fit(product.fit), 1.0)
    reach_x, reach_y = half + dx * length, TOP + 6 + dy * length
    inner_x, inner_y = reach_x - 30 * wide * dy, reach_y + 30 * wide * dx
    cuff_line = [(reach_x, reach_y), (inner_x, inner_y)]
    if pose.is_worn:
        middle_x, middle_y = (reach_x + inner_x) / 2, (reach_y + inner_y) / 2
        figure.add_arms(shape, (middle_x - dx * length * 0.9, middle_y - dy * length * 0.9), (dx, dy))
    sleeve = [(half * 0.6, TOP - 2), (half, TOP + 6), *cuff_line, (half * 0.94, TOP + 62 * wide)]
    shape.add_both_sides(shape.outline, sleeve)
    shape.add_both_sides(shape.seams, [(half * 0.93, TOP + 8), (half * 0.9, TOP + 60 * wide)])
    if product.sleeves == Sleeves.THREE_QUARTER:
        cuff = cuff_line + [(x - dx * _TURNED_UP, y - dy * _TURNED_UP) for x, y in reversed(cuff_line)]
        shape.panels += [Panel(cuff, "light"), Panel(mirrored(cuff), "light")]
    elif product.sleeves == Sleeves.LONG:
        shape.add_both_sides(shape.seams, [(x - dx * 14, y - dy * 14) for x, y in cuff_line])
    stripe = [(half * 0.99, TOP + 12), (reach_x - 5, reach_y), (reach_x - 15, reach_y + 4), (half * 0.9, TOP + 12)]
    shape.add_both_sides(shape.stripes, stripe)


def _neck(shape: Silhouette, product: DemoProduct, half: float) -> float:
    """Cut and decorate the neck; returns the y below which the front is free for a closure."""
    name, collar = product.article.name, Collar(product.collar)
    if collar is Collar.CREW_NECK:
        shape.holes.append(ellipse(0, TOP - 6, 23, 17))
        shape.panels.append(Panel(_ring(0, TOP - 6, 23, 17, 8), "dark"))
        return TOP + 20
    if collar is Collar.SCOOP_NECK:
        shape.holes.append(ellipse(0, TOP - 8, 36, 58))
        shape.panels.append(Panel(_ring(0, TOP - 8, 36, 58, 5), "dark"))
        return TOP + 56
    if collar is Collar.V_NECK:
        shape.holes.append([(-27, TOP - 10), (27, TOP - 10), (0, TOP + 58)])
        band: Path = [(27, TOP - 10), (36, TOP - 8), (0, TOP + 74), (-36, TOP - 8), (-27, TOP - 10), (0, TOP + 58)]
        shape.panels.append(Panel(band, "dark"))
        return TOP + 74
    if collar is Collar.NO_COLLAR:  # cut straight from shoulder to shoulder, with straps where there is no sleeve
        wide = min(half * 0.66, 62)
        shape.holes.append(rectangle(-wide, TOP - 20, wide, TOP + 24))
        return TOP + 32
    if collar is Collar.TURTLENECK:
        shape.panels.append(Panel([(-25, TOP - 40), (25, TOP - 40), (29, TOP + 2), (-29, TOP + 2)], "dark"))
        shape.seams.append([(-26, TOP - 20), (26, TOP - 20)])
        return TOP + 4
    if collar is Collar.HOODED:
        shape.outline.append(ellipse(0, TOP - 20, 52, 44))
        shape.panels.append(Panel(ellipse(0, TOP - 14, 32, 28), "shadow"))
        if figure.pose_of(product).is_worn:
            shape.panels.append(Panel(ellipse(0, TOP - 20, 23, 28), "skin", has_border=False))
        shape.cords = [[(-16, TOP + 10), (-18, TOP + 78)], [(16, TOP + 10), (18, TOP + 78)]]
        return TOP + 18
    if name == "Blazers":
        shape.holes.append([(-22, TOP - 10), (22, TOP - 10), (0, TOP + 84)])
        lapel: Path = [(20, TOP - 14), (42, TOP + 6), (46, TOP + 34), (34, TOP + 38), (0, TOP + 100)]
        shape.panels += [Panel(lapel, "light"), Panel(mirrored(lapel), "light")]
        return TOP + 104
    shape.holes.append([(-20, TOP - 10), (20, TOP - 10), (0, TOP + 22)])
    flap: Path = [(22, TOP - 18), (42, TOP + 10), (24, TOP + 42), (0, TOP + 20)]
    shape.panels += [Panel(flap, "light"), Panel(mirrored(flap), "light")]
    return TOP + 30


def _ring(x: float, y: float, rx: float, ry: float, width: float) -> Path:
    """The lower half of an elliptic band: the ribbing of a neckline."""
    inner = ellipse(x, y, rx, ry, 0.1, math.pi - 0.1)
    return inner + ellipse(x, y, rx + width, ry + width, math.pi - 0.1, 0.1)


def legs(product: DemoProduct) -> Silhouette:
    """Jeans, trousers, shorts and track pants: two legs whose width shows the fit."""
    shape = Silhouette()
    wide = _WIDTH[Fit(product.fit)]
    waist, top = 54.0 * (0.75 + 0.25 * wide), -165.0
    end = -30.0 if product.article.name == "Shorts" else 170.0
    leg = {Fit.FITTED: 20, Fit.REGULAR: 29, Fit.LOOSE: 41, Fit.OVERSIZED: 54}[Fit(product.fit)]
    leg *= 1.4 if end < 0 else 1.0
    hip = waist * 1.16 + (wide - 1) * 12
    middle = max(hip * 0.62, leg + 3)
    if figure.pose_of(product).is_worn:
        figure.add_plain_top(shape, top, waist)
        if end < 0:
            figure.add_bare_legs(shape, end - 20, middle, 19)
        else:
            figure.add_shoes(shape, end, middle)
    leg_path = [(0, top), (waist, top), (hip, top + 62), (middle + leg, end), (middle - leg, end), (0, top + 92)]
    shape.add_both_sides(shape.outline, leg_path)
    shape.seams = [[(-waist, top + 18), (waist, top + 18)], [(0, top + 18), (0, top + 92)]]
    outer = [(waist - 3, top + 20), (hip - 3, top + 62), (middle + leg - 2, end)]
    inner = [(middle + leg - 14, end), (hip - 16, top + 62), (waist - 15, top + 20)]
    shape.add_both_sides(shape.stripes, outer + inner)
    shape.closure = [(0, top + 8), (0, top + 82)]
    shape.button_count = 2
    shape.pockets = [(-waist * 0.6, top + 46, 34, 36), (waist * 0.6, top + 46, 34, 36)]
    shape.logo = (hip * 0.6, min(end - 24, top + 105))
    shape.cords = [[(-7, top + 12), (-13, top + 72)], [(7, top + 12), (13, top + 72)]]
    if product.article.name == "Track Pants":
        shape.add_both_sides(shape.seams, [(middle - leg, end - 14), (middle + leg, end - 14)])
    elif Detail.DRAWSTRINGS not in product.details:
        shape.add_both_sides(shape.seams, [(waist * 0.5, top), (waist * 0.5, top + 18)])
    return shape


def skirt(product: DemoProduct) -> Silhouette:
    """A waistband and a flaring front."""
    shape = Silhouette()
    flare = {Fit.FITTED: 0.95, Fit.REGULAR: 1.45, Fit.LOOSE: 2.0, Fit.OVERSIZED: 2.7}[Fit(product.fit)]
    top, hem = -110.0, 110.0
    if figure.pose_of(product).is_worn:
        figure.add_plain_top(shape, top, 50)
        figure.add_bare_legs(shape, hem - 30, 25, 17)
    shape.outline.append(
        [(-50, top), (50, top), (60, top + 50), (56 * flare, hem), (-56 * flare, hem), (-60, top + 50)]
    )
    shape.seams = [[(-50, top + 18), (50, top + 18)], [(-56 * flare, hem - 12), (56 * flare, hem - 12)]]
    shape.closure = [(0, top + 26), (0, hem - 14)]
    shape.pockets = [(-34, top + 62, 34, 36), (34, top + 62, 34, 36)]
    shape.logo = (36, top + 120)
    return shape
