"""Base colours of the demo products, named as in the reference catalog, with the RGB that paints them."""

PALETTE: dict[str, tuple[int, int, int]] = {
    "Black": (38, 38, 42),
    "White": (238, 238, 234),
    "Grey": (142, 144, 148),
    "Navy Blue": (32, 44, 96),
    "Blue": (56, 108, 192),
    "Red": (194, 40, 46),
    "Maroon": (112, 28, 46),
    "Green": (48, 134, 74),
    "Olive": (108, 112, 58),
    "Yellow": (234, 200, 66),
    "Orange": (232, 122, 44),
    "Pink": (236, 142, 172),
    "Purple": (114, 66, 154),
    "Brown": (108, 70, 44),
    "Tan": (184, 132, 84),
    "Beige": (216, 196, 160),
    "Silver": (188, 192, 198),
    "Gold": (208, 170, 84),
    "Copper": (184, 112, 78),
}

METALLIC = ("Silver", "Gold", "Copper", "Black", "Grey")
LEATHERY = ("Black", "Brown", "Tan", "Maroon", "Red", "White", "Navy Blue", "Beige")
DENIM = ("Blue", "Navy Blue", "Black", "Grey")
DYED = tuple(name for name in PALETTE if name not in ("Silver", "Gold", "Copper", "Tan"))


def brightness(colour: tuple[float, ...]) -> float:
    """Perceived brightness of an RGB colour, 0 to 255."""
    red, green, blue = colour
    return 0.3 * red + 0.59 * green + 0.11 * blue


def distance(first: str, second: str) -> int:
    """The distance of two named colours: the sum of the absolute channel differences."""
    return sum(abs(a - b) for a, b in zip(PALETTE[first], PALETTE[second], strict=True))
