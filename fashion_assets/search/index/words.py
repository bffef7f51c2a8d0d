"""The words and ids that queries are compared with: folded, so that neither case nor accents keep a product hidden.

LanceDB folds only after it has stemmed, so that "LUMIÈRE" and "lumiere" may get different stems, and never a decomposed
text. So each searched text is indexed once more in its folded form, and shown as it is.
"""

import unicodedata
from collections.abc import Iterator, Sequence

import polars as pl

from fashion_assets.shop.folding import fold

IDENTIFIERS = "identifiers"
"""The column of all ids of a product, each as `identifier` writes it, separated by spaces."""

ID_COLUMNS = ("shop_id", "product_id", "skus")
"""The columns that hold ids of a product, as far as the rows have them; the ids in front are those that people use."""

FURTHER_TEXTS = ("brand", "description", "further_text")
"""The shop's own words about a product that are searched besides its description, as far as the rows have them."""

SEARCHED_COLUMNS = ("skus", *FURTHER_TEXTS)
"""What an index takes from the ingest, besides prices and ids."""

_SPACE = "\N{SYMBOL FOR SPACE}"


def words_column(text_column: str) -> str:
    """The column with the folded words of `text_column`."""
    return f"{text_column}_folded"


def folded_text(text: str) -> str:
    """`text` folded, with spaces for symbols: else "Acme™" would become the word "acmetm"."""
    if text.isascii():
        return text.lower()
    return fold("".join(" " if unicodedata.category(char).startswith("S") else char for char in text))


def identifier(text: str) -> str:
    """An id in the form in which ids are compared: folded, and a single word whatever it is made of."""
    return _SPACE.join((text.lower() if text.isascii() else fold(text)).split())


def with_words(rows: pl.DataFrame, text_columns: Sequence[str]) -> pl.DataFrame:
    """`rows` with the folded words of their `text_columns` and FURTHER_TEXTS, with IDENTIFIERS, and with `shop_id`."""
    further = [name for name in FURTHER_TEXTS if name in rows.columns]
    words = [
        pl.when(pl.any_horizontal(pl.col(text).is_not_null() for text in (name, *further)))
        .then(pl.concat_str([name, *further], separator="\n", ignore_nulls=True))
        .map_elements(folded_text, pl.String)
        .alias(words_column(name))
        for name in text_columns
    ]
    key = pl.col("product_id").cast(pl.String)
    rows = rows.with_columns(shop_id=pl.coalesce("shop_id", key) if "shop_id" in rows.columns else key)
    id_columns = [name for name in ID_COLUMNS if name in rows.columns]
    ids = [" ".join(dict.fromkeys(_identifiers(row))) for row in rows.select(id_columns).iter_rows()]
    return rows.with_columns(*words, pl.Series(IDENTIFIERS, ids, pl.String))


def _identifiers(values: Sequence[object]) -> Iterator[str]:
    for value in values:
        for text in value if isinstance(value, list) else [value]:
            if text is not None:
                yield identifier(str(text))
