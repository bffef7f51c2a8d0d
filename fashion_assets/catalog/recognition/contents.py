"""What the contents of a column say about its meaning: each test gives the share of values that fit, 0 to 1."""

import re
from collections.abc import Callable, Mapping

import polars as pl

from fashion_assets.catalog.values.lists import split_photos
from fashion_assets.catalog.values.missing import is_missing
from fashion_assets.catalog.values.prices import DecimalEvidence, read_prices
from fashion_assets.catalog.values.words import read_availability, read_years
from fashion_assets.models.photo_formats import PHOTO_SUFFIXES
from fashion_assets.shop.kinds import map_category, map_gender

_LONGEST_ID = 80
_AMOUNT = r"\p{Sc}|\b(?i:rs|inr|eur|usd|gbp|chf)\b|\d[.,]\d{2}\D*$"
_ADDRESS = re.compile(r"https?://|//", re.IGNORECASE)


def present(values: pl.Series) -> pl.Series:
    """The values that say something."""
    return values.filter(~values.to_frame("text").select(is_missing(pl.col("text"))).to_series().fill_null(True))


def uniqueness(values: pl.Series, least_present: float = 0.95) -> float:
    """The share of different values, 0 where more values are missing, or they are too long to be ids."""
    there = present(values)
    if len(there) < least_present * len(values) or there.is_empty():
        return 0.0
    long = there.filter(there.str.len_chars() > _LONGEST_ID)
    return 0.0 if len(long) > 0.01 * len(there) else there.n_unique() / len(there)


def counts_rows(values: pl.Series) -> bool:
    """Whether the values are the numbers of the rows, which another row in between would change."""
    numbers = values.cast(pl.Int64, strict=False)
    return numbers.null_count() == 0 and numbers.diff().drop_nulls().eq(1).all() and numbers[0] in (0, 1)


def pictures(values: pl.Series) -> float:
    """The share of values that name a file with a picture's ending, as `photos` but for addresses of pages."""
    first = split_photos(present(values)).list.first()
    return _share(pl.Series([_ends_as_picture(text) for text in first], dtype=pl.Boolean))


def picture_addresses(values: pl.Series) -> float:
    """The share of values that are web addresses of pictures."""
    there = present(values)
    is_address = pl.Series([bool(_ADDRESS.match(text)) for text in there], dtype=pl.Boolean)
    return min(_share(is_address), pictures(there))


def amounts(values: pl.Series) -> float:
    """The share of values that are prices and nothing else: with a currency, or with two decimals."""
    there = present(values)
    return min(prices(there), _share(there.str.contains(_AMOUNT)))


def phrases(values: pl.Series) -> float:
    """The share of values that are a few words, 0 where most values are repeated."""
    there = present(values)
    if there.is_empty() or there.n_unique() < 0.5 * len(there):
        return 0.0
    return min(names(there), _share(there.str.contains(r"\pL{2}\s+\pL{2}") & (there.str.len_chars() < 160)))


def prices(values: pl.Series) -> float:
    """The share of values that are prices."""
    there = present(values)
    evidence = DecimalEvidence()
    evidence.add(there)
    return _share(read_prices(there, evidence.decided())["amount"].is_not_null())


def photos(values: pl.Series) -> float:
    """The share of values whose first item is an address or the path of a picture."""
    first = split_photos(present(values)).list.first()
    return _share(pl.Series([_is_photo(text) for text in first], dtype=pl.Boolean))


def categories(values: pl.Series) -> float:
    """The share of values that mean a kind of product."""
    return _share(pl.Series([map_category(text) is not None for text in present(values).head(500)], dtype=pl.Boolean))


def genders(values: pl.Series) -> float:
    """The share of values that mean a gender."""
    return _share(pl.Series([map_gender(text) is not None for text in present(values).head(500)], dtype=pl.Boolean))


def names(values: pl.Series) -> float:
    """The share of values that read like names: some letters, and no address."""
    there = present(values)
    is_name = there.str.contains(r"\pL{2}") & ~there.str.contains(r"^https?://") & (there.str.len_chars() <= 300)
    return _share(is_name)


def years(values: pl.Series) -> float:
    """The share of values that are years."""
    return _share(read_years(present(values)).is_not_null())


def availability(values: pl.Series) -> float:
    """The share of values that are numbers in stock or say whether there is any."""
    return _share(read_availability(present(values)).is_not_null())


BY_CONTENTS: Mapping[str, Callable[[pl.Series], float]] = {
    "image_path": pictures,
    "price": amounts,
    "product_display_name": phrases,
}
"""Tests that tell a column of ours whatever the shop calls it."""

TESTS: Mapping[str, Callable[[pl.Series], float]] = {
    "product_id": uniqueness,
    "product_display_name": names,
    "price": prices,
    "sale_price": prices,
    "list_price": prices,
    "image_path": photos,
    "category": categories,
    "gender": genders,
    "year": years,
    "stock": availability,
}

LEAST = {"product_id": 0.98, "category": 0.2, "gender": 0.5}
"""The smallest share for a column to be taken; for others, OTHERS_LEAST."""
OTHERS_LEAST = 0.6


def _is_photo(text: str | None) -> bool:
    return bool(text) and (bool(_ADDRESS.match(text)) or _ends_as_picture(text))


def _ends_as_picture(text: str | None) -> bool:
    return bool(text) and text.lower().partition("?")[0].endswith(tuple(PHOTO_SUFFIXES))


def _share(fits: pl.Series) -> float:
    share = fits.mean()
    return float(share) if isinstance(share, int | float) else 0.0
