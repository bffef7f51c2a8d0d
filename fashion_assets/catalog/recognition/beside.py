"""What other columns add to the chosen ones: further photos, the levels of a category, the currency of prices."""

import re
from collections.abc import Collection, Sequence

import polars as pl

from fashion_assets.catalog.recognition.column_names import NO_PHOTO, match_of, words_of
from fashion_assets.catalog.recognition.contents import (
    LEAST,
    OTHERS_LEAST,
    categories,
    photos,
    picture_addresses,
    present,
)
from fashion_assets.catalog.values.currencies import CODES, currency

LEVELS = ("master category", "category", "sub category", "article type", "product type", "individual category")
"""Names of columns that together are the path of a category, from general to special."""

NO_LEVEL = len(LEVELS)

_CURRENCY_NAMES = ("currency", "currency code", "price currency", "wahrung", "devise", "moneda", "valuta")
_CODE = re.compile(r"[A-Z]{3}")


def further_photos(sample: pl.DataFrame, main: str, used: Collection[str]) -> tuple[str, ...]:
    """The columns that hold further photos of the same kind as the `main` one, paths or addresses, in their order."""
    are_addresses = picture_addresses(sample[main]) >= OTHERS_LEAST
    return tuple(
        name
        for name in sample.columns
        if name not in used
        and _is_named_as_photo(name)
        and photos(sample[name]) >= OTHERS_LEAST
        and (picture_addresses(sample[name]) >= OTHERS_LEAST) == are_addresses
    )


def _is_named_as_photo(name: str) -> bool:
    words = re.sub(r"\d+", " ", words_of(name))
    return match_of(words, "image_path") > 0 and not NO_PHOTO & set(words.split())


def further_levels(sample: pl.DataFrame, chosen: str, used: Collection[str]) -> tuple[str, ...]:
    """The columns that make a path of categories together with the `chosen` one."""
    if level_of(chosen) == NO_LEVEL:
        return ()
    others = [name for name in sample.columns if name not in used and level_of(name) != NO_LEVEL]
    return tuple(name for name in others if categories(sample[name]) >= LEAST["category"])


def level_of(name: str) -> int:
    """The place of a column of that name in the path of a category, from general to special; or NO_LEVEL."""
    joined = words_of(name).replace(" ", "")
    return next((place for place, level in enumerate(LEVELS) if level.replace(" ", "") == joined), NO_LEVEL)


def stated_currency(sample: pl.DataFrame, prices: Sequence[str]) -> str | None:
    """The ISO code of all prices, where a column of its own or the names of the columns of `prices` say one."""
    if not prices:
        return None
    for name in sample.columns:
        if words_of(name) in _CURRENCY_NAMES:
            codes = {currency(text) for text in present(sample[name]).unique()}
            if len(codes) == 1:
                return _code(codes.pop())
    words = re.findall(r"[^\W\d_]+|[€$£]", " ".join(prices).casefold())
    in_name = {code for word in words if (code := _code(CODES.get(word)))}  # "all" is a currency, too, but not here
    return in_name.pop() if len(in_name) == 1 else None


def _code(written: str | None) -> str | None:
    return written if written and _CODE.fullmatch(written) else None
