"""Category cells as shops write them: one or several paths, with the separators that exports use."""

import html
import re
import unicodedata
from dataclasses import dataclass

_ARROWS = re.compile(r"\s*(?:[>›»→]|::)\s*")
_WITHOUT_ARROWS = ("|", "\\", "/", ":")
_SPACED_DASH = re.compile(r"\s[-–—]\s")
_SLASH = re.compile(r"(?<!\d)/|/(?!\d)")
_BETWEEN_PATHS = re.compile(r"[;\n\r]+")
_BETWEEN_PATHS_OR_LEVELS = re.compile(r"[;|\n\r]+")
_NUMBER_BEFORE = re.compile(r"^\s*\d+\s+-\s+")
_IN_BRACKETS = re.compile(r"^([^()]+)\(([^()]*)\)\s*$")
_LAST_OF_A_LIST = re.compile(r"&|\+|\b(?:and|und)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Path:
    """The levels of a category from the widest to the narrowest, as the shop writes them.

    `is_choice`: they are two with a slash, which some shops also write between equals ("Jackets/Coats").
    """

    levels: tuple[str, ...]
    is_choice: bool = False


def paths_of(cell: str) -> list[Path]:
    """The paths of a category cell; empty for one without words.

    "Damen > Kleider, Neu" has two paths. The comma of "Handbags, Wallets & Cases" separates none: a list that ends with
    "&" or "and" is one level.
    """
    text = _NUMBER_BEFORE.sub("", unicodedata.normalize("NFKC", html.unescape(cell)))
    has_arrows = _ARROWS.search(text) is not None
    pieces = (_BETWEEN_PATHS_OR_LEVELS if has_arrows else _BETWEEN_PATHS).split(text)
    paths = [_path(part, has_arrows) for piece in pieces for part in _split_at_commas(piece)]
    return [path for path in paths if path.levels]


def has_levels(cell: str) -> bool:
    """Whether the cell has arrows between levels."""
    return _ARROWS.search(html.unescape(cell)) is not None


def _path(text: str, has_arrows: bool) -> Path:
    if has_arrows:
        return Path(_named(_ARROWS.split(text)))
    separator = next((sign for sign in _WITHOUT_ARROWS if sign in text), None)
    if separator == "/":
        levels = _named(_SLASH.split(text))
        return Path(levels, is_choice=len(levels) == 2)
    return Path(_named(text.split(separator) if separator else _SPACED_DASH.split(text)))


def _named(levels: list[str]) -> tuple[str, ...]:
    """The levels with words; what is in brackets comes first, as it would in a phrase: "Shirts (Casual)"."""
    return tuple(_IN_BRACKETS.sub(r"\2 \1", level).strip() for level in levels if any(map(str.isalnum, level)))


def _split_at_commas(text: str) -> list[str]:
    parts = text.split(",")
    joined = [parts[0]]
    for index, part in enumerate(parts[1:], start=1):
        if _continues_a_list(parts[index:]) and not _ARROWS.search(part.split("&")[0]):
            joined[-1] = f"{joined[-1]} & {part}"
        else:
            joined.append(part)
    return joined


def _continues_a_list(parts: list[str]) -> bool:
    """Whether the parts go on with a list: words without a level sign up to one with "&" or "and"."""
    for part in parts:
        first_level = _ARROWS.split(part)[0]
        if _LAST_OF_A_LIST.search(first_level):
            return True
        if first_level != part:
            return False
    return False
