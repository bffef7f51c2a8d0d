"""Hand labels, read from a file that people filled in.

The file has a column `product_id` (or `sku`) with the shop's names of products, and any of the attributes, under their
names in the answers or in the tables. An empty cell is no label; "none" in a list is an empty list. The items of a list
are separated by "|".
"""

from pathlib import Path

import polars as pl

from fashion_assets.errors import SourceError
from fashion_assets.quality.labels.answer_files import (
    SEPARATOR,
    KeyOf,
    attributes_by_name,
    canonical_value,
    read_cells,
    whole_number,
)
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy


def read_labels(file: Path, taxonomy: Taxonomy = SHIPPED.taxonomy, key_of: KeyOf = whole_number) -> pl.DataFrame:
    """`product_id` and a column for each labelled attribute, named and typed as in `product_extracted_attributes`.

    `key_of` finds products by the file's names for them. Aliases of the taxonomy's values are accepted. Raises
    SourceError, which names the line, the value and the allowed ones.
    """
    raw = read_cells(file, "labels", ["product_id"])
    attributes = attributes_by_name(taxonomy)
    names = [name for name in raw.columns if name in attributes]
    if not names:
        raise SourceError(
            value=f"The labels '{file}' have no column of an attribute",
            rule=f"a column must be one of {', '.join(attribute.key for attribute in taxonomy.visible)}",
            remedy="give one of the columns such a name",
        )
    texts = raw["product_id"].fill_null("").str.strip_chars()
    numbers = pl.Series("product_id", [key_of(text) for text in texts], dtype=pl.Int64)
    _refuse(file, "product_id", raw["product_id"], numbers.is_null(), "it must be the id of a product")
    _refuse(file, "product_id", raw["product_id"], numbers.is_duplicated(), "each product may have one line")
    columns = [_values(file, raw[name], attributes[name]) for name in names]
    return pl.DataFrame([numbers, *columns])


def _values(file: Path, cells: pl.Series, field: Attribute) -> pl.Series:
    texts = cells.str.strip_chars().replace("", None)
    items = texts.str.split(SEPARATOR)
    words = (items.explode() if field.is_list else texts).drop_nulls().unique()
    meanings = {word: canonical_value(field, word) for word in words}
    unknown = [word for word, value in meanings.items() if value is None]
    if unknown:
        is_unknown = items.list.eval(pl.element().is_in(unknown)).list.any() if field.is_list else texts.is_in(unknown)
        allowed = ", ".join(field.vocabulary.values())
        _refuse(file, cells.name, cells, is_unknown.fill_null(False), f"it must be one of: {allowed}")
    if not field.is_list:
        return texts.replace_strict(meanings, default=None, return_dtype=pl.String).alias(field.column)
    mapped = pl.element().replace_strict(meanings, default=None, return_dtype=pl.String)
    return items.list.eval(mapped.filter(mapped != "").unique(maintain_order=True)).alias(field.column)


def _refuse(file: Path, column: str, cells: pl.Series, is_bad: pl.Series, rule: str) -> None:
    bad = is_bad.arg_true()
    if len(bad):
        # The header is line 1.
        raise SourceError(
            value=f"Line {bad[0] + 2} of '{file}' has {column} '{cells[int(bad[0])]}'",
            rule=rule,
            remedy="correct the line",
        )
