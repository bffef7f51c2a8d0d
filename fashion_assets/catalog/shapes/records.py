"""The records of a source as one frame a part, with the columns that shapes add.

A record is a row as it was read: all columns are text. The names of added columns begin with a blank line's worth of
underscores, so that no column of a shop meets them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.reading.table import RawPart

LINE, RAW, PROBLEM = "__line_number", "__raw_line", "__problem"
ROLE, GROUP, VISIBLE, HIDDEN, COLOR, GIVEN, PHOTOS = (
    "__role",
    "__group",
    "__visible",
    "__hidden",
    "__color",
    "__given",
    "__photos",
)

OFFER, PARENT, PHOTO = "offer", "parent", "photo"
"""A record's role: something that is sold; what offers have in common; one more photo of them."""

OPTION_SEPARATOR = " / "


@dataclass
class Repairs:
    """How many rows of a source were broken and could be read all the same: names with unquoted delimiters, quoting."""

    recovered_names: int = 0
    repaired: int = 0


def records(parts: Iterator[RawPart], repairs: Repairs) -> Iterator[pl.DataFrame]:
    """Each part as a frame, adding to `repairs`; empty cells are null."""
    for part in parts:
        repairs.recovered_names += part.recovered_names
        repairs.repaired += part.repaired
        cells = part.fields.with_columns(
            pl.when(pl.all().str.strip_chars() != "").then(pl.all())  # an all-null column stays one of text
        )
        yield cells.with_columns(
            part.line_numbers.cast(pl.Int64).alias(LINE),
            part.raw_lines.cast(pl.String).alias(RAW),
            part.problems.cast(pl.String).alias(PROBLEM),
        )


def joined(values: list[pl.Expr], separator: str) -> pl.Expr:
    """The values that are there, in order; null if there are none."""
    text = pl.concat_str(values, separator=separator, ignore_nulls=True)
    return pl.when(pl.any_horizontal(value.is_not_null() for value in values)).then(text)
