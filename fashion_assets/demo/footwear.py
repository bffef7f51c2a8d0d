"""How footwear is cut: one shoe from the side, toe to the right."""

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.silhouette import Panel, Path, Silhouette, ellipse, rectangle, rounded

_HIGH_BACK: Path = [
    (-128, -20), (-124, -82), (-52, -88), (-22, -38), (48, -8), (118, 2), (140, 30), (138, 46), (-130, 46),
]  # fmt: skip


def shoe(product: DemoProduct) -> Silhouette:
    """Casual, sports and formal shoes, which differ in sole, laces and heel."""
    shape = Silhouette(outline=[rounded(_HIGH_BACK)], logo=(-74, 4), closure=[(-104, -62), (-104, 34)], button_count=2)
    name = product.article.name
    if name == "Formal Shoes":
        shape.panels = [
            Panel(rectangle(-130, 42, 134, 54), "dark"),
            Panel(rectangle(-130, 54, -66, 76), "dark"),
        ]
        shape.seams = [[(66, 2), (74, 42)], [(-58, -84), (-20, 0), (30, 4)]]
        shape.closure = [(-8, -16), (24, 0)]
    elif name == "Sports Shoes":
        shape.panels = [
            Panel(rounded([(-138, 38), (140, 38), (142, 66), (-120, 74), (-146, 60)]), "sole"),
            Panel([(-138, 56), (136, 56), (132, 66), (-120, 72)], "contrast"),
        ]
        for i in range(3):
            left = -46 + 26 * i
            shape.stripes.append([(left, 42), (left + 13, 42), (left - 6, -30 + 12 * i), (left - 17, -34 + 12 * i)])
    else:
        shape.panels = [Panel(rectangle(-132, 40, 134, 66), "sole"), Panel(ellipse(112, 32, 26, 14), "sole")]
    for i in range(4):
        x, y = -42 + 20 * i, -58 + 15 * i
        shape.seams.append([(x, y), (x - 16, y + 28)])
    return shape


def heel(product: DemoProduct) -> Silhouette:
    """A pump on a high heel."""
    top_line: Path = [(-118, -84), (-104, -94), (-86, -62), (-20, -6), (50, 6), (104, 44), (134, 66)]
    bottom_line: Path = [(132, 82), (76, 82), (-30, 34), (-108, 0)]
    shape = Silhouette(
        outline=[rounded(top_line + bottom_line)], logo=(-82, -30), closure=[(52, 40), (72, 44)], button_count=1
    )
    shape.panels = [
        Panel([(-114, -6), (-84, 8), (-96, 84), (-106, 84)], "dark"),
        Panel([(-40, 30), (76, 82), (132, 82), (132, 90), (70, 90)], "dark"),
    ]
    return shape


def sandal(product: DemoProduct) -> Silhouette:
    """A sole seen from above with two wide straps across it."""
    foot = [*ellipse(0, -92, 58, 66, 3.14, 6.28), (44, 30), *ellipse(0, 110, 48, 52, 0.0, 3.14), (-44, 30)]
    shape = Silhouette(outline=[], logo=(0, -52), closure=[(40, 60), (40, 60)], button_count=1)
    shape.under = [Panel(foot, "sole")]
    shape.outline = [[(-66, -84), (66, -84), (64, -14), (-64, -14)], [(-58, 44), (58, 44), (56, 92), (-56, 92)]]
    if product.seed % 2 == product.index % 2:
        shape.outline.append([(-14, -20), (14, -20), (14, 50), (-14, 50)])
    return shape
