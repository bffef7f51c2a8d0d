"""From a shop's category, and if need be a product's name, to a kind of the reference catalog."""

import re
from collections.abc import Sequence
from functools import lru_cache

from fashion_assets.shop.kinds.category import CategoryReading, Find, read_category
from fashion_assets.shop.kinds.kind import Kind, Place
from fashion_assets.shop.kinds.phrases import Reading, read_name
from fashion_assets.shop.kinds.scene import Scene, is_german
from fashion_assets.shop.kinds.spelling import words_of
from fashion_assets.shop.kinds.vocabulary import vocabulary

_BETWEEN_SEGMENTS = re.compile(r"\s[-–—|/•]\s|[,;:(|\n]")

WORN_WITH_CLOTHING = ("Belts", "Gloves", "Headwear", "Mufflers", "Scarves", "Socks", "Stoles", "Ties")
"""Sub categories of Accessories that other shops count as clothing, so that a name may say one of them there."""


def map_category(category: str | None, *, name: str | None = None) -> Kind | None:
    """The kind that a category such as "Damen > Kleider, Neu" or "1604" stands for; None if nothing is known of it.

    The most precise level of a path wins, the narrowest first. Where the category is unknown or says no article type,
    the product's `name` may say it, within what the category says. A category of other things ("Pet Supplies > Coats")
    is None whatever the name is. No text raises an error.
    """
    segments = _segments(name or "")
    words = vocabulary()
    among_german = any(is_german(segment, words) for segment in segments)
    reading = read_category(category or "", among_german=among_german)
    if reading.is_elsewhere:
        return None
    agreed = reading.agreed
    if agreed is None or agreed.place.article_type is None:
        finer = _by_name(segments, reading, among_german)
        agreed = finer or agreed
    return agreed and Kind(*agreed.place, matched=agreed.text, sureness=agreed.sureness)


def kind_named(text: str) -> Kind | None:
    """The kind with this name, or with this path of names; None unless every word of it is known."""
    reading = read_category(text)
    agreed = reading.agreed
    if agreed is None or not reading.is_known or len(reading.finds) != 1:
        return None
    return Kind(*agreed.place, matched=agreed.text, sureness=agreed.sureness)


def _by_name(segments: tuple[tuple[str, ...], ...], category: CategoryReading, among_german: bool) -> Find | None:
    """What the name says beyond the category; None if it says nothing, or something else."""
    places = tuple(find.place for find in category.finds)
    reading = _read_name(segments, places, among_german or category.is_german)
    if reading is None or reading.place is None or not _refines(reading.place, places):
        return None
    return Find(reading.place, reading.text, "name")


def _refines(named: Place, places: Sequence[Place]) -> bool:
    if not places:
        return True
    if named in places:
        return len(places) > 1
    return any(place.includes(named) or (place == ("Apparel", None, None) and _is_worn(named)) for place in places)


def _is_worn(place: Place) -> bool:
    return place.master_category == "Accessories" and place.sub_category in WORN_WITH_CLOTHING


@lru_cache(maxsize=65_536)
def _read_name(segments: tuple[tuple[str, ...], ...], beside: tuple[Place, ...], among_german: bool) -> Reading | None:
    return read_name(segments, Scene(vocabulary(), among_german, beside))


@lru_cache(maxsize=65_536)
def _segments(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(words for part in _BETWEEN_SEGMENTS.split(name) if (words := words_of(part)))
