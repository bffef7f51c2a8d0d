"""Files that people fill in: hand labels and corrections, read as text as catalogs are, so that no type is guessed.

Products are named as the shop names them. Attributes have their names from the answers or from the tables; the items of
a list share a cell.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from fashion_assets.catalog.reading.opening import open_table
from fashion_assets.errors import SourceError
from fashion_assets.shop.folding import fold
from fashion_assets.shop.taxonomy import NOTHING_WORDS, Attribute, Taxonomy
from fashion_assets.storage.spreadsheets import from_spreadsheets

SEPARATOR = "|"
"""Between the items of a list."""


KeyOf = Callable[[str], int | None]
"""The key of the product that a text names; None if there is none."""

_PRODUCT = ("product_id", "shop_id", "sku", "id")
"""What the column of products may be called."""


def whole_number(text: str) -> int | None:
    """A key as it is written in digits: what a product is called where a shop's ids are integers."""
    return int(text) if text.isascii() and text.isdecimal() else None


def read_cells(file: Path, what: str, required: Sequence[str]) -> pl.DataFrame:
    """The cells of the file as text; raises SourceError, which names `what` the file holds, if it cannot be used.

    Columns are found whatever their case; that of the products may also be called `shop_id`, `sku` or `id`.
    """
    try:
        table = open_table(file, key_column="product_id")
    except SourceError as error:
        raise SourceError(
            value=f"The {what} '{file}' cannot be read ({error.value})",
            rule=f"they must be a table with the columns {', '.join(required)}",
            remedy="save them as such a file",
        ) from error
    nothing = pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    parts = list(table.parts())
    for part in parts:
        broken = part.problems.is_not_null().arg_true()
        if len(broken):
            at = int(broken[0])
            raise SourceError(
                value=f"Line {part.line_numbers[at]} of '{file}' cannot be read ({part.problems[at]})",
                rule=f"every line of {what} counts, so none was taken",
                remedy="correct the line",
            )
    cells = from_spreadsheets(pl.concat([nothing, *(part.fields for part in parts)]))
    named = {fold(name).strip(): name for name in reversed(cells.columns)}
    product = next((named[name] for name in _PRODUCT if name in named), None)
    cells = cells.rename({theirs: ours for ours in required if (theirs := named.get(ours)) and theirs != ours})
    if product is not None and "product_id" not in cells.columns:
        cells = cells.rename({product: "product_id"})
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
