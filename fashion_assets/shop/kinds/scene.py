"""What surrounds a phrase and decides between its meanings: the language of the text, and the levels beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.spelling import key_of
from fashion_assets.shop.kinds.vocabulary import Sense, Vocabulary


@dataclass(frozen=True)
class Scene:
    """`beside` are the places that other levels of the path, or the category of a name, stand for."""

    vocabulary: Vocabulary
    is_german: bool = False
    beside: tuple[Place, ...] = ()

    def with_places(self, places: Iterable[Place]) -> "Scene":
        return replace(self, beside=tuple(places))

    def place_of(self, words: Sequence[str]) -> Place | None:
        """What the phrase as a whole means here, in any spelling; None if it is not known."""
        senses = self.vocabulary.senses(key_of(words), among_german=self.is_german)
        return _fitting(senses, self.beside)

    def place_among_german(self, words: Sequence[str]) -> Place | None:
        """What the phrase would mean in a German text."""
        return replace(self, is_german=True).place_of(words)

    def place_of_compound(self, word: str) -> Place | None:
        """What a German compound means by its last part: "Leinenkleid" by "Kleid". Words are never cut elsewhere."""
        lists = self.vocabulary.lists
        for start in range(3, len(word) - 2):
            first, last = word[:start], word[start:]
            if last in self.vocabulary.german or last in lists.last_parts:
                may_precede = last in lists.last_parts or _is_first_part(first, self.vocabulary)
                if any(stem in lists.elsewhere for stem in _stems(first)):  # "Hundemantel"
                    return None
                return self.place_among_german((last,)) if may_precede else None
        return None


def is_german(words: Iterable[str], vocabulary: Vocabulary) -> bool:
    """Whether one of the words tells that the text is German."""
    return any(vocabulary.is_german(word) or _is_german_compound(word, vocabulary) for word in words)


def _is_german_compound(word: str, vocabulary: Vocabulary) -> bool:
    if len(word) < 8:
        return False
    cuts = ((word[:start], word[start:]) for start in range(3, len(word) - 2))
    return any(vocabulary.is_german(last) and _is_first_part(first, vocabulary) for first, last in cuts)


def _is_first_part(part: str, vocabulary: Vocabulary) -> bool:
    """Whether German compounds may begin so, with or without the letters that join the parts."""
    return any(stem in vocabulary.lists.first_parts or stem in vocabulary.german for stem in _stems(part))


def _stems(part: str) -> Iterator[str]:
    return chain((part,), (part.removesuffix(joint) for joint in ("s", "n", "en", "es") if part.endswith(joint)))


def _fitting(senses: Sequence[Sense], beside: Sequence[Place]) -> Place | None:
    """The first sense in a sub category that is said beside it, else in a master category, else the first of all."""
    if not senses:
        return None
    subs = {place[:2] for place in beside if place.sub_category}
    masters = {place.master_category for place in beside}
    free = [sense.place for sense in senses if not sense.only_within]
    in_sub = [sense.place for sense in senses if sense.place[:2] in subs]
    in_master = [place for place in free or [sense.place for sense in senses] if place.master_category in masters]
    return next(iter([*in_sub, *in_master, *free]), None)
