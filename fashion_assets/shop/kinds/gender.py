"""Who wears a product, in the reference catalog's words: Men, Women, Boys, Girls, Unisex."""

from collections.abc import Iterable
from functools import lru_cache

from fashion_assets.shop.kinds.paths import paths_of
from fashion_assets.shop.kinds.spelling import key, key_of, words_of
from fashion_assets.shop.kinds.vocabulary import vocabulary

_GERMAN_FIRST_PARTS = {
    "Men": ("herren", "maenner", "manner"),
    "Women": ("damen",),
    "Girls": ("madchen", "maedchen"),
    "Boys": ("jungen",),
    "children": ("kinder", "baby", "kleinkinder"),
}
"""What compounds such as "Damenmode" and "Kinderschuhe" begin with."""
_CHILDREN = {"Men": "Boys", "Women": "Girls", "Boys": "Boys", "Girls": "Girls", "Unisex": "Unisex"}


def map_gender(word: str | None, *, category: str | None = None, age_group: str | None = None) -> str | None:
    """Men, Women, Boys, Girls or Unisex; None if nothing says who wears the product.

    `word` is what the shop writes as gender ("male", "Damen", "Kids"), `age_group` as Google's feeds have it. A word
    that says nothing of it leaves the decision to the levels of `category`, the narrowest first. A child whose gender
    is not said is Unisex.
    """
    genders = _of_words(words_of(word or "")) | _alone(word or "")
    by_category = _of_category(category or "")
    is_child = "children" in genders | by_category | _of_words(words_of(age_group or ""))
    gender = _agreed(genders) or _agreed(by_category) or ("Unisex" if is_child else None)
    return _CHILDREN[gender] if gender and is_child else gender


@lru_cache(maxsize=65_536)
def _of_category(category: str) -> frozenset[str]:
    """What the narrowest level that says a gender says, with "children" if any level says so."""
    levels = [_of_words(words_of(level)) for path in paths_of(category) for level in reversed(path.levels)]
    genders = next((level - {"children"} for level in levels if level - {"children"}), frozenset[str]())
    return genders | ({"children"} & frozenset().union(*levels))


@lru_cache(maxsize=65_536)
def _of_words(words: tuple[str, ...]) -> frozenset[str]:
    lists = vocabulary().lists
    if key_of(words) in vocabulary().article_types:  # "Baby Dolls", "Mens Grooming Kit"
        return frozenset()
    by_gender = {**lists.gender, "children": lists.children}
    return frozenset(
        gender
        for word in words
        for gender, listed in by_gender.items()
        if word in listed or word.startswith(_GERMAN_FIRST_PARTS.get(gender, ()))
    )


def _alone(word: str) -> frozenset[str]:
    """What the word says where nothing else stands beside it."""
    lists = vocabulary().lists
    return frozenset(
        gender for gender, listed in lists.gender_alone.items() if key(word) in listed | lists.gender[gender]
    )


def _agreed(genders: Iterable[str]) -> str | None:
    """The gender that all say; Unisex where they differ."""
    distinct = frozenset(genders) - {"children"}
    return next(iter(distinct)) if len(distinct) == 1 else "Unisex" if distinct else None
