"""How accessories are cut: watches, bags, belts, wallets, sunglasses, caps and ties."""

import math

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.silhouette import Panel, Silhouette, ellipse, rectangle


def watch(product: DemoProduct) -> Silhouette:
    """A dial on a wide band."""
    shape = Silhouette(logo=(0, 28), closure=[(68, -30), (68, 30)])
    shape.outline = [rectangle(-40, -180, 40, 180), ellipse(0, 0, 72, 72)]
    shape.button_count = 2
    shape.panels = [Panel(ellipse(0, 0, 52, 52), "dial")]
    for i in range(12):
        cos, sin = math.cos(i * math.pi / 6), math.sin(i * math.pi / 6)
        mark = [(38 * cos - 2, 38 * sin - 2), (38 * cos + 3, 38 * sin + 3), (47 * cos, 47 * sin)]
        shape.panels.append(Panel(mark, "dial mark", False))
    minute, hour = product.index % 12 * math.pi / 6, (product.index // 12) % 12 * math.pi / 6
    for angle, length in ((minute, 40), (hour, 28)):
        cos, sin = math.cos(angle), math.sin(angle)
        hand = [(-3 * sin, 3 * cos), (3 * sin, -3 * cos), (length * cos, length * sin)]
        shape.panels.append(Panel(hand, "dial mark", False))
    for y in (-154, -128, -102, -76, 76, 102, 128, 154):
        shape.seams.append([(-40, y), (40, y)])
    return shape


def handbag(product: DemoProduct) -> Silhouette:
    """A trapezoid with one arched handle."""
    shape = Silhouette(logo=(-70, 18), closure=[(-78, -28), (78, -28)], pockets=[(0, 62, 92, 58)])
    shape.outline = [
        [(-92, -44), (92, -44), (120, 112), (-120, 112)],
        ellipse(0, -40, 72, 96, math.pi, 2 * math.pi) + ellipse(0, -40, 54, 76, 2 * math.pi, math.pi),
    ]
    shape.seams = [[(-97, -14), (97, -14)]]
    shape.button_count = 1
    return shape


def backpack(product: DemoProduct) -> Silhouette:
    """A tall rounded bag with a loop and shoulder straps."""
    shape = Silhouette(logo=(-48, -24), closure=[(-70, -52), (70, -52)], pockets=[(0, 80, 124, 74)])
    body = [*ellipse(0, -60, 88, 86, math.pi, 2 * math.pi), (96, 130), (84, 142), (-84, 142), (-96, 130)]
    loop = ellipse(0, -146, 26, 24, math.pi, 2 * math.pi) + ellipse(0, -146, 14, 12, 2 * math.pi, math.pi)
    shape.outline = [body, loop]
    shape.add_both_sides(shape.outline, [(84, -70), (116, -20), (116, 110), (94, 120), (98, 0)])
    shape.seams = [[(-88, 30), (88, 30)]]
    shape.cords = [[(-12, -46), (-16, 20)], [(12, -46), (16, 20)]]
    shape.button_count = 1
    return shape


def belt(product: DemoProduct) -> Silhouette:
    """Two turns of a strap and a big buckle."""
    shape = Silhouette(logo=(80, 30), closure=[(0, 0), (0, 0)])
    shape.outline = [
        ellipse(0, 0, 136, 88) + ellipse(0, -14, 118, 60)[::-1],
        [(-138, 0), (138, 0), (134, 58), (0, 76), (-134, 58)],
    ]
    shape.panels = [Panel(rectangle(-36, 6, 36, 78), "metal"), Panel(rectangle(-22, 20, 22, 64), "dark")]
    shape.panels.append(Panel(rectangle(-4, 36, 30, 46), "metal"))
    for x in (64, 84, 104):
        shape.panels.append(Panel(ellipse(x, 42 - x * 0.05, 4, 4), "dark", False))
    return shape


def wallet(product: DemoProduct) -> Silhouette:
    """A folded purse with a flap."""
    shape = Silhouette(logo=(-70, 40), closure=[(-104, -6), (104, -6)], pockets=[(44, 46, 92, 48)])
    shape.outline = [rectangle(-122, -82, 122, 90)]
    shape.seams = [[(-122, -18), (122, -18)], [(-122, 8), (-118, 8)]]
    shape.button_count = 1
    return shape


def sunglasses(product: DemoProduct) -> Silhouette:
    """A front view: two dark lenses in a frame."""
    shape = Silhouette()
    for side in (1, -1):
        shape.outline.append(ellipse(side * 70, 0, 68, 56))
        shape.panels.append(Panel(ellipse(side * 70, 2, 46, 36), "glass"))
        shape.outline.append([(side * 128, -30), (side * 148, -32), (side * 148, 4), (side * 132, 2)])
    shape.outline.append(rectangle(-22, -22, 22, 4))
    return shape


def cap(product: DemoProduct) -> Silhouette:
    """A dome with a peak to the right."""
    shape = Silhouette(logo=(0, -28), closure=[(0, -98), (0, -98)])
    dome = ellipse(-10, 20, 100, 112, math.pi, 2 * math.pi)
    shape.outline = [[*dome, (90, 30), (-110, 30)], [(20, 18), (92, 14), (146, 48), (130, 58), (20, 34)]]
    shape.seams = [[(-10, -92), (-14, 30)], [(-70, -60), (-40, 30)], [(50, -66), (36, 26)], [(20, 26), (92, 22)]]
    shape.button_count = 1
    return shape


def tie(product: DemoProduct) -> Silhouette:
    """A knot and a long blade."""
    shape = Silhouette()
    shape.outline = [
        [(-34, -176), (34, -176), (22, -128), (-22, -128)],
        [(-21, -126), (21, -126), (56, 134), (0, 182), (-56, 134)],
    ]
    shape.seams = [[(-24, -128), (24, -128)]]
    return shape
