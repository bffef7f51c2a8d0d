"""CSV files that people fill in: hand labels and corrections, read as text so that no type is guessed.

Attributes have their names from the answers or from the tables; the items of a list share a cell.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fashion_assets.errors import SourceError
from fashion_assets.shop.taxonomy import NOTHING_WORDS, Attribute, Taxonomy

SEPARATOR = "|"
"""Between the items of a list."""


def read_cells(file: Path, what: str, required: Sequence[str]) -> pl.DataFrame:
    """The cells of the file as text; raises SourceError, which names `what` the file holds, if it cannot be used."""
    try:
        cells = pl.read_csv(file, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SourceError(
            value=f"The {what} '{file}' cannot be read ({error})",
            rule=f"they must be a CSV file with the columns {', '.join(required)}",
            remedy="save them as such a file",
        ) from error
    missing = [name for name in required if name not in cells.columns]
    if missing:
        raise SourceError(
            value=f"The {what} '{file}' have no column {missing[0]}, only {', '.join(cells.columns)}",
            rule="it is required",
            remedy="add it",
        )
    return cells


def attributes_by_name(taxonomy: Taxonomy) -> dict[str, Attribute]:
    """The attributes that a person can see, by the name in the answers and by the name in the tables."""
    return {name: attribute for attribute in taxonomy.visible for name in (attribute.key, attribute.column)}


def canonical_value(field: Attribute, word: str) -> str | None:
    """The taxonomy's value for a word: "" for "none" in a list, None for a word that is not in the taxonomy."""
    if field.is_list and word.strip().lower() in NOTHING_WORDS:
        return ""
    return field.vocabulary.find(word)
