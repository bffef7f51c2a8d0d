"""Reading each distinct text of a column once: a column of 300,000 prices has perhaps 5,000 of them."""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl


def read_distinct(texts: pl.Series, read: Callable[[str], Sequence[Any]], schema: pl.Schema) -> pl.DataFrame:
    """What `read` gives for the text of each row, in their order: a value for each column of `schema`.

    `texts` is String or of a type that casts to it. Rows without a text are null in all columns.
    """
    texts = texts.cast(pl.String)
    distinct = texts.drop_nulls().unique()
    key = pl.Schema({"": pl.String})
    answers = pl.DataFrame([(text, *read(text)) for text in distinct], schema={**key, **schema}, orient="row")
    return texts.to_frame("").join(answers, on="", how="left", maintain_order="left").drop("")
