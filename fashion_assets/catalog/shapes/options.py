"""The options by which variants of a product differ: which of them shows in a photo, and which states an attribute."""

from collections.abc import Mapping, Sequence

from fashion_assets.shop.folding import fold

COLOR, SIZE, MATERIAL, PATTERN = "base_color", "size", "material", "pattern"

_NAMES: Mapping[str, str] = {
    COLOR: "color colour colors colours farbe farben couleur colore color/colour farbton shade",
    SIZE: "size sizes grosse groesse taille talla taglia maat length lange laenge inseam width weite waist bund cup "
    "schuhgrosse schuhgroesse konfektionsgrosse ringgrosse denominations denomination amount betrag",
    MATERIAL: "material materials stoff fabric matiere obermaterial",
    PATTERN: "pattern muster print dessin motif",
}
"""The names of options, folded, by what they state."""
_SIZE_ENDINGS = (" size", " length", " width", "grosse", "groesse", "lange", "weite")
_PREFIXES = ("attribute_", "attribute:", "pa_")
"""What shop software puts before an attribute's own name."""

NO_OPTION = frozenset({"title", "default title"})
"""Shopify's option of a product that has none."""


def meaning_of(option: str) -> str | None:
    """What an option of that name states: COLOR, SIZE, MATERIAL or PATTERN; None if it is another one."""
    name = fold(option).strip()
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    for meaning, names in _NAMES.items():
        if name in names.split():
            return meaning
    return SIZE if name.endswith(_SIZE_ENDINGS) else None


def is_hidden(option: str, visible: Sequence[str] = (), hidden: Sequence[str] = ()) -> bool:
    """Whether products that differ only in this option look the same: as the shop says, else sizes do."""
    name = fold(option).strip()
    if name in {fold(other).strip() for other in visible}:
        return False
    return name in {fold(other).strip() for other in hidden} or meaning_of(option) == SIZE
