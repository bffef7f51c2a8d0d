"""The person who wears a garment: a body drawn behind it and cropped as in a shop's photo, which makes the fit visible.

Half of the garments are worn, the others lie flat. The body is the same for every cut.
"""

from dataclasses import dataclass

import numpy as np

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.silhouette import Panel, Path, Silhouette, ellipse, mirrored

_WORN_SHARE = 0.5
_SKINS = (
    (246, 214, 190), (228, 186, 156), (204, 156, 122), (172, 122, 88), (128, 86, 62), (92, 62, 46), (214, 212, 208),
)  # fmt: skip
"""From pale to dark, and a mannequin."""
_CLOTHS = ((44, 46, 54), (216, 214, 208), (92, 98, 110), (52, 62, 88))

_ARM, _LEG = 198.0, 230.0


@dataclass(frozen=True)
class Pose:
    """How a garment is shown; `arm_angle` is that of the sleeves from the vertical, in radians."""

    is_worn: bool
    arm_angle: float
    skin: tuple[int, int, int]
    cloth: tuple[int, int, int]


def pose_of(product: DemoProduct) -> Pose:
    """The pose of a product; it does not depend on any of its attributes."""
    rng = np.random.default_rng((product.seed, product.index, 3))
    is_worn = product.article.is_garment and rng.random() < _WORN_SHARE
    return Pose(
        is_worn=is_worn,
        arm_angle=rng.uniform(0.26, 0.38) if is_worn else rng.uniform(0.32, 0.46),
        skin=_SKINS[rng.integers(len(_SKINS))],
        cloth=_CLOTHS[rng.integers(len(_CLOTHS))],
    )


def add_torso(shape: Silhouette, shoulder_y: float, has_head: bool) -> None:
    """Neck, shoulders and chest, which show through the neckline, and a head."""
    chest: Path = [(14, shoulder_y - 40), (17, shoulder_y - 8), (48, shoulder_y + 10), (44, shoulder_y + 110)]
    shape.figure.append(_skin([*chest, *reversed(mirrored(chest))]))
    if has_head:
        shape.figure.append(_skin(ellipse(0, shoulder_y - 66, 29, 39)))


def add_arms(shape: Silhouette, shoulder: tuple[float, float], wrist_direction: tuple[float, float]) -> None:
    """Both arms with hands, from the shoulder (x, y) along a unit vector."""
    (x, y), (dx, dy) = shoulder, wrist_direction
    end_x, end_y = x + dx * _ARM, y + dy * _ARM
    arm = [
        (x - 13 * dy, y + 13 * dx), (x - 8 * dx, y - 8 * dy), (x + 13 * dy, y - 13 * dx),
        (end_x + 8 * dy, end_y - 8 * dx), (end_x - 8 * dy, end_y + 8 * dx),
    ]  # fmt: skip
    hand = ellipse(end_x + 10 * dx, end_y + 10 * dy, 10, 15)
    for path in (arm, hand):
        shape.figure += [_skin(path), _skin(mirrored(path))]


def add_trousers(shape: Silhouette, waist_y: float) -> None:
    """Plain trousers below a top."""
    right: Path = [(46, waist_y), (50, waist_y + 60), (48, waist_y + _LEG), (8, waist_y + _LEG), (0, waist_y + 60)]
    shape.figure += [_cloth([(0, waist_y), *right]), _cloth([(0, waist_y), *mirrored(right)])]


def add_bare_legs(shape: Silhouette, top_y: float, x: float, half_width: float) -> None:
    """Two legs around x and -x, from under the hem down."""
    leg = [(x - half_width, top_y), (x + half_width, top_y)]
    leg += [(x + half_width * 0.6, top_y + _LEG), (x - half_width * 0.6, top_y + _LEG)]
    shape.figure += [_skin(leg), _skin(mirrored(leg))]


def add_shoes(shape: Silhouette, y: float, x: float) -> None:
    """Toes below the trouser legs."""
    shoe = ellipse(x + 4, y + 8, 19, 14)
    shape.figure += [_cloth(shoe), _cloth(mirrored(shoe))]


def add_plain_top(shape: Silhouette, waist_y: float, half_waist: float) -> None:
    """A plain top above trousers or a skirt, tucked in."""
    right: Path = [(50, waist_y - 150), (44, waist_y - 50), (half_waist - 2, waist_y + 12)]
    shape.figure.append(_cloth([*right, *reversed(mirrored(right))]))
    sleeve: Path = [(44, waist_y - 150), (66, waist_y - 150), (68, waist_y - 90), (48, waist_y - 96)]
    shape.figure += [_cloth(sleeve), _cloth(mirrored(sleeve))]
    arm: Path = [(52, waist_y - 96), (66, waist_y - 92), (74, waist_y + 30), (64, waist_y + 32)]
    shape.figure += [_skin(arm), _skin(mirrored(arm))]


def _skin(path: Path) -> Panel:
    return Panel(path, "skin", has_border=False)


def _cloth(path: Path) -> Panel:
    return Panel(path, "cloth", has_border=False)
