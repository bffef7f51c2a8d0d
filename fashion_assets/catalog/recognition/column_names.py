"""What shops call the columns that we need, most telling names first."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fashion_assets.shop.folding import fold

_WORDS = re.compile(r"[^a-z0-9]+")
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
"""A unit or a note, as in "Price (in Rs)"."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z]{2})(?=[0-9])")

NO_PHOTO = frozenset(["thumbnail", "thumb", "small", "swatch", "icon", "logo", "label", "alt", "text"])
"""Words that make a name of photos one of smaller pictures or of something about them."""


@cache
def known_names() -> Mapping[str, tuple[str, ...]]:
    """By our column; `material`, `pattern`, `group` and `status` are no columns but sections of the shop's file."""
    text = Path(__file__).with_name("column_names.toml").read_text(encoding="utf-8")
    return {ours: tuple(names) for ours, names in tomllib.loads(text).items()}


def words_of(column: str) -> str:
    """A column's name as words: "productDisplayName", "product_display_name" and "Product Display Name" are one."""
    return _WORDS.sub(" ", fold(_CAMEL.sub(" ", _IN_BRACKETS.sub("", column) or column))).strip()


def match_of(column: str, ours: str) -> float:
    """How well a column's name tells that it is ours, 0 to 1: 1 for a known name, less for one that contains it.

    Of photos in several sizes, the small ones match less.
    """
    words, names = words_of(column), known_names()[ours]
    if words in names or words.replace(" ", "") in {name.replace(" ", "") for name in names}:
        place = next((place for place, name in enumerate(names) if name.replace(" ", "") == words.replace(" ", "")), 0)
        return 1 - 0.2 * place / len(names)
    contained = [name for name in names if f" {name} " in f" {words} "]
    share = 0.5 * max((len(name.split()) / len(words.split()) for name in contained), default=0.0)
    return 0.7 * share if ours == "image_path" and NO_PHOTO & set(words.split()) else share
