"""The geometry of a product before it is painted: its fabric, and the places of its details.

Coordinates are photo pixels at nominal scale (the photo is 300 x 400) with the origin in the middle, x to the right
and y down. The drawing functions of this folder fill a Silhouette; `render.py` places and paints it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
Path = list[Point]


@dataclass
class Panel:
    """An area painted in its own colour over the fabric: `tone` names it, see `trimmings.py`."""

    path: Path
    tone: str
    has_border: bool = True


@dataclass
class Silhouette:
    """`outline` paths are filled with fabric, and `holes` are cut out of it; `under` is below it, the rest on top.

    `closure` is the line that buttons or a zip follow, `pockets` are (centre x, centre y, width, height), `logo` is
    the place of a logo, `cords` hang down from their first point, `stripes` are the sports stripes. `figure` is the
    person behind everything, who may extend beyond the photo.
    """

    outline: list[Path] = field(default_factory=list)
    holes: list[Path] = field(default_factory=list)
    figure: list[Panel] = field(default_factory=list)
    under: list[Panel] = field(default_factory=list)
    seams: list[Path] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    stripes: list[Path] = field(default_factory=list)
    closure: Path = field(default_factory=list)
    button_count: int = 5
    pockets: list[tuple[float, float, float, float]] = field(default_factory=list)
    logo: Point = (0.0, 0.0)
    cords: list[Path] = field(default_factory=list)

    def add_both_sides(self, paths: list[Path], path: Path) -> None:
        """Append a path and its mirror image."""
        paths.append(path)
        paths.append(mirrored(path))

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the product, without the person."""
        paths = self.outline + [panel.path for panel in self.under + self.panels]
        points = [point for path in paths for point in path]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs), max(ys)


def mirrored(path: Sequence[Point]) -> Path:
    return [(-x, y) for x, y in path]


def ellipse(x: float, y: float, rx: float, ry: float, start: float = 0.0, stop: float = 2 * math.pi) -> Path:
    """Points along an ellipse around (x, y), clockwise from the angle `start` to `stop` (radians, 0 is right)."""
    count = 24
    angles = [start + (stop - start) * i / (count - 1) for i in range(count)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def rounded(path: Path) -> Path:
    """The closed path with every corner cut off twice (Chaikin's algorithm)."""
    for _ in range(2):
        following = [*path[1:], path[0]]
        pairs = zip(path, following, strict=True)
        path = [between(start, end, share) for start, end in pairs for share in (0.25, 0.75)]
    return path


def rectangle(left: float, top: float, right: float, bottom: float) -> Path:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
