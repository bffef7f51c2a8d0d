"""The shop file's `[categories]`: the shop's own words to kinds, before anything is guessed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from rapidfuzz import fuzz, process

from fashion_assets.errors import SettingsError
from fashion_assets.shop.kinds.kind import Kind
from fashion_assets.shop.kinds.mapping import kind_named
from fashion_assets.shop.kinds.paths import paths_of
from fashion_assets.shop.kinds.spelling import key, words_of
from fashion_assets.shop.kinds.vocabulary import vocabulary

Levels = tuple[str, ...]

NEAREST_SHOWN = 3


def category_overrides(lines: Mapping[str, str]) -> Callable[[str], Kind | None]:
    """A function from a category to the kind that a line gives it, or None where no line speaks of it.

    A line's words are a whole path, a part of one, or any level ("Damen > Kleider", "Kleider"), compared without case,
    accents, hyphens and spaces. A line that is the whole category wins, then the one with the most levels, then the one
    that ends at the narrowest level, then the first. The target is any name of a kind: "Dresses", "Apparel > Dress",
    "Topwear".
    Raises SettingsError for a line without words and for a target that is no kind, with the nearest names.
    """
    targets = {_levels(line): _target(line, target) for line, target in lines.items()}
    whole_cells = {key(line): _target(line, target) for line, target in lines.items()}

    @lru_cache(maxsize=65_536)
    def kind_of(category: str) -> Kind | None:
        if (kind := whole_cells.get(key(category))) is not None:
            return kind
        cells = [tuple(map(key, path.levels)) for path in paths_of(category)]
        fits = [(len(line), end, line) for line in targets for cell in cells if (end := _end_in(cell, line))]
        return targets[max(fits, key=lambda fit: fit[:2])[2]] if fits else None

    return kind_of


def _levels(line: str) -> Levels:
    """The keys of the line's levels; the whole cell where it has several paths, as nothing less is meant."""
    paths = paths_of(line)
    return tuple(map(key, paths[0].levels)) if len(paths) == 1 else (key(line),)


def _end_in(cell: Levels, line: Levels) -> float:
    """How near to the narrowest level (1) the line's levels end in the cell; 0 if they do not stand there together."""
    ends = range(len(cell), len(line) - 1, -1)
    return next((end / len(cell) for end in ends if cell[end - len(line) : end] == line), 0)


def _target(line: str, target: str) -> Kind:
    if not key(line):
        raise SettingsError(
            value=f"A line of [categories] gives the kind '{target}' to '{line}'",
            rule="the line must have a word that a category can have",
            remedy="write the category as the shop's table has it, such as 'Damen > Kleider'",
        )
    kind = kind_named(target)
    if kind is None:
        raise SettingsError(
            value=f"The category '{line}' has the kind '{target}' in [categories]",
            rule="it must be the name of a kind, alone or as a path",
            remedy=f"write a name such as {', '.join(nearest_kinds(target))}",
        )
    return replace(kind, matched=" ".join(words_of(line)), sureness="exact")


def nearest_kinds(text: str, limit: int = NEAREST_SHOWN) -> list[str]:
    """The names of kinds that are spelled most like `text`, best first."""
    names = sorted({name for place in vocabulary().places for name in place if name})
    ranked = process.extract(key(text), names, scorer=fuzz.WRatio, processor=key, limit=limit)
    return [name for name, _, _ in ranked]
