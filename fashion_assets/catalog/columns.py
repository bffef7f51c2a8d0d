"""Our column names mapped to the source's, by preset and by setting."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import SettingsError

REFERENCE_PRESET = {
    "product_id": "id",
    "product_display_name": "productDisplayName",
    "master_category": "masterCategory",
    "sub_category": "subCategory",
    "article_type": "articleType",
    "base_color": "baseColour",
}
"""The public reference catalog's names, where they differ from ours."""

REFERENCE_PHOTO_PATH = "images/{id}.jpg"


@dataclass(frozen=True)
class ColumnMapping:
    """`names` has the source's name for each of our columns; `photo_path` is the path of a photo (`{id}` is the product
    id) if no column holds it; `required` are our columns that the source must have."""

    names: Mapping[str, str]
    photo_path: str | None = None
    required: frozenset[str] = frozenset({"product_id"})


def column_mapping(
    preset: str | None = None, overrides: Mapping[str, str] | None = None, photo_path: str | None = None
) -> ColumnMapping:
    """The mapping of a preset (`reference` or none), with single columns and the photo path overridden.

    An overridden column must be in the source: otherwise a misspelt name would give a column of nulls.
    Raises SettingsError for an unknown preset or column, and for a photo path without `{id}`.
    """
    if preset not in (None, "reference"):
        raise SettingsError(
            value=f"FASHION_PRESET is '{preset}'",
            rule="the only preset is 'reference'",
            remedy="set FASHION_PRESET=reference, or unset it",
        )
    overrides = dict(overrides or {})
    unknown = sorted(overrides.keys() - set(SOURCE_COLUMN_NAMES))
    if unknown:
        raise SettingsError(
            value=f"FASHION_COLUMNS names the column {_quoted(unknown)}",
            rule=f"the names on its left must be ours: {', '.join(SOURCE_COLUMN_NAMES)}",
            remedy="correct the name, or leave it out",
        )
    if photo_path is not None and "{id}" not in photo_path:
        raise SettingsError(
            value=f"FASHION_PHOTO_PATH is '{photo_path}', which gives every product the same photo",
            rule="it must have {id} where the product id belongs",
            remedy="write it like 'images/{id}.jpg'",
        )
    is_reference = preset == "reference"
    unchanged = {name: name for name in SOURCE_COLUMN_NAMES}
    return ColumnMapping(
        names={**unchanged, **(REFERENCE_PRESET if is_reference else {}), **overrides},
        photo_path=photo_path or (REFERENCE_PHOTO_PATH if is_reference else None),
        required=frozenset({"product_id", *overrides}),
    )


def looks_like_reference(header: Collection[str]) -> bool:
    """Whether these are the reference catalog's column names, so that its preset is the remedy."""
    return len(set(REFERENCE_PRESET.values()) & set(header)) >= 3


def _quoted(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
