"""The names of a preset's columns as tables spell them: in another case or language, a newer template, with a prefix.

What the columns mean is in `fields.py`, under the names that stand there: the preset's standard names.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from fashion_assets.catalog.reading.table import RawPart, SourceTable
from fashion_assets.catalog.shapes.fields import PRESET_FIELDS
from fashion_assets.shop.folding import fold

_NUMBERS = range(1, 20)

_OF_SHAPES: Mapping[str, tuple[str, ...]] = {
    "shopify": (
        *("Handle", "Image Position"),
        *(f"Option{number} {what}" for number in (1, 2, 3) for what in ("Name", "Value")),
    ),
    "woocommerce": (
        *("ID", "Type", "Parent"),
        *(f"Attribute {number} {what}" for number in _NUMBERS for what in ("name", "value(s)")),
    ),
}
"""Columns that shapes read besides those of their fields."""

_GOOGLE = {name: (f"g:{name}", name.replace("_", " ")) for name in PRESET_FIELDS["google"].named_columns()}
"""Merchant Center takes spaces for underscores; some programs keep the prefix of XML in text."""

_SHOPIFY_TEMPLATE = {
    "Handle": ("URL handle",),
    "Body (HTML)": ("Description", "Body HTML"),
    "Published": ("Published on online store",),
    "Variant SKU": ("SKU",),
    "Variant Price": ("Price",),
    "Variant Compare At Price": ("Compare-at price",),
    "Variant Inventory Qty": ("Inventory quantity",),
    "Variant Image": ("Variant image URL",),
    "Image Src": ("Product image URL",),
}
"""The names in Shopify's template for imports since 2024."""

_GERMAN_WOOCOMMERCE = {
    "Type": ("Typ",),
    "SKU": ("Artikelnummer",),
    "Published": ("Veröffentlicht",),
    "Short description": ("Kurzbeschreibung",),
    "Description": ("Beschreibung",),
    "In stock?": ("Vorrätig?", "Auf Lager?"),
    "Stock": ("Lager", "Bestand", "Lagerbestand"),
    "Sale price": ("Angebotspreis",),
    "Regular price": ("Regulärer Preis", "Normaler Preis"),
    "Categories": ("Kategorien",),
    "Tags": ("Schlagwörter",),
    "Images": ("Bilder",),
    "Parent": ("Übergeordnetes Produkt", "Übergeordnet"),
    "Brands": ("Marken",),
    **{f"Attribute {number} name": (f"Attribut {number} Name",) for number in _NUMBERS},
    **{
        f"Attribute {number} value(s)": (f"Attribut {number} Wert(e)", f"Attribut {number} Werte")
        for number in _NUMBERS
    },
}
"""WooCommerce names the columns of an export in the language of the shop."""

_OTHER_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "google": _GOOGLE,
    "shopify": _SHOPIFY_TEMPLATE,
    "woocommerce": _GERMAN_WOOCOMMERCE,
}

_MARKS: Mapping[str, frozenset[str]] = {
    "reference": frozenset({"id", "masterCategory", "articleType", "productDisplayName"}),
    "shopify": frozenset({"Handle", "Title", "Option1 Name", "Option1 Value"}),
    "google": frozenset({"id", "title", "image_link"}),
    "woocommerce": frozenset({"ID", "Type", "SKU", "Name", "Regular price"}),
    "articles": frozenset({"article_id", "product_code", "prod_name"}),
}
"""Columns that, all together, no other shape of table has."""


def recognized_preset(header: Collection[str]) -> str | None:
    """The preset whose marks the header has, however they are spelt; None if it has those of none."""
    matches = [name for name, marks in _MARKS.items() if marks <= set(standard_names(name, list(header)).values())]
    return matches[0] if len(matches) == 1 else None


def standard_names(preset: str | None, header: Sequence[str]) -> dict[str, str]:
    """Each of the header's names with the preset's standard name for it; a name that is none stands for itself.

    A standard name belongs to one column: the one that is called so, else the first that may be.
    """
    if preset is None:
        return {name: name for name in header}
    standards, taken, names = _spellings(preset), set(header), {}
    for name in header:
        standard = standards.get(fold(name).strip(), name)
        names[name] = standard if standard not in taken else name
        taken.add(names[name])
    return names


def with_standard_names(table: SourceTable, names: Mapping[str, str]) -> SourceTable:
    """The table with its columns under the names of `standard_names`."""
    renamed = {name: standard for name, standard in names.items() if standard != name}
    if not renamed:
        return table

    def read_parts(rows: int) -> Iterator[RawPart]:
        return (replace(part, fields=part.fields.rename(renamed)) for part in table.read_parts(rows))

    return replace(
        table,
        columns=tuple(names[name] for name in table.columns),
        read_parts=read_parts,
        repeated=tuple(names.get(name, name) for name in table.repeated),
        nested={names.get(name, name): dtype for name, dtype in table.nested.items()},
    )


def shape_columns(preset: str) -> set[str]:
    """Every column that the preset reads, under its standard name."""
    return PRESET_FIELDS[preset].named_columns() | set(_OF_SHAPES.get(preset, ()))


@cache
def _spellings(preset: str) -> dict[str, str]:
    """Standard names by every folded name for them."""
    others = _OTHER_NAMES.get(preset, {})
    spelt = {fold(name).strip(): standard for standard, names in others.items() for name in names}
    return spelt | {fold(name): name for name in shape_columns(preset)}
