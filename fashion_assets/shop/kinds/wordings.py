"""The kinds in English phrases, for models that compare photos and texts, and names that mean a kind and no other."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.mapping import kind_named
from fashion_assets.shop.kinds.spelling import words_of
from fashion_assets.shop.kinds.vocabulary import english_phrases, vocabulary

MOST_PHRASES = 3
"""Of a kind: its own name and the first of the words that are listed for it, which are the most usual ones."""

_NOT_SEEN = ("Free Items",)
"""Master categories of things that have nothing in common which a photo could show."""
_SEVERAL = frozenset("&/")
"""What joins several things in a phrase, as in "coats & jackets"."""


_OTHER_THINGS = (
    *("furniture", "lamp", "kitchen utensil", "food", "drink", "toy", "book", "electronic device", "phone case"),
    *("plant", "animal", "pet bed", "tool", "bicycle", "musical instrument", "gift card", "blank page"),
)
"""What shops sell or show besides, so that something which is no kind need not look like one."""
NO_KIND = Place("other things")


@dataclass(frozen=True)
class KindWording:
    """What a kind is called in English, its own name first: "jeans", "jacket"."""

    place: Place
    phrases: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """As "a photo of a pair of jeans"; the form of captions that CLIP was trained on (Radford et al. 2021, 3.1.4).

        A kind is best compared with the mean of their vectors, which that paper calls an ensemble of prompts.
        """
        return tuple(f"a photo of {_with_article(phrase)}" for phrase in self.phrases)


@lru_cache(maxsize=1)
def kind_wordings() -> tuple[KindWording, ...]:
    """One for each article type, for each sub category without any, and for some things that are NO_KIND."""
    return (*_wordings(), *(KindWording(NO_KIND, (thing,)) for thing in _OTHER_THINGS))


def _wordings() -> Iterator[KindWording]:
    phrases = english_phrases()
    with_types = {place[:2] for place in phrases if place.article_type}
    for place, listed in phrases.items():
        name = place.article_type or place.sub_category
        is_narrowest = place.article_type is not None or place[:2] not in with_types
        if name and is_narrowest and place.master_category not in _NOT_SEEN:
            single = (phrase for phrase in listed if not _SEVERAL & {*phrase})
            yield KindWording(place, tuple(dict.fromkeys([name.lower(), *single]))[:MOST_PHRASES])


def name_of(place: Place) -> str | None:
    """The shortest name by which the shop's file gives this very kind: "Sweaters", "Personal Care > Perfumes".

    None for a sub category such as "Ties", whose name means the article type.
    """
    levels = [level for level in place if level]
    names = (" > ".join(levels[start:]) for start in reversed(range(len(levels))))
    return next((name for name in names if (kind := kind_named(name)) and kind.place == place), None)


def _with_article(phrase: str) -> str:
    *_, last = words_of(phrase)
    if last in vocabulary().lists.pairs:
        return f"a pair of {phrase}"
    if last.endswith("wear") or (last.endswith("s") and not last.endswith("ss")):
        return phrase
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"
