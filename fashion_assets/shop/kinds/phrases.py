"""What a phrase means: a level of a category ("Oxford Shirts for Men") or a product's name.

In English the last noun says what a thing is, and what follows "with" or "for" does not: a shirt dress is a dress, a
dress with a belt too. In German it is the last part of a compound.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fashion_assets.shop.kinds.kind import Place, shared
from fashion_assets.shop.kinds.scene import Scene
from fashion_assets.shop.kinds.spelling import key_of
from fashion_assets.shop.kinds.vocabulary import LONGEST_PHRASE


class Reading(NamedTuple):
    """`place` is None where the words name a thing that is no kind, such as a watch box; `is_whole`: no word but those
    of shops and people is left over."""

    place: Place | None
    words: Sequence[str]
    is_whole: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read_level(words: Sequence[str], scene: Scene) -> Reading | None:
    """What a level of a category means; None if that is not known."""
    bare = without_people(words, scene)
    for whole in dict.fromkeys((tuple(words), bare, _stripped(bare, scene))):
        if (place := scene.place_of(whole) or scene.place_among_german(whole)) is not None:
            return Reading(place, whole, is_whole=True)
    parts = _split(bare, "and")
    if len(parts) > 1:
        named = [part for part in parts if _stripped(part, scene)]
        return _joined([_read_part(part, scene) or _read_elliptic(part, parts[-1], scene) for part in named], bare)
    return _read_part(bare, scene)


def without_people(words: Sequence[str], scene: Scene) -> tuple[str, ...]:
    """The words without those that say who wears it: "Women's Dresses", "Dresses for Women"."""
    lists = scene.vocabulary.lists
    kept: list[str] = []
    for word in words:
        if word in lists.people:
            while kept and kept[-1] in (*lists.cuts, "and"):
                kept.pop()
        elif kept or word != "and":
            kept.append(word)
    return tuple(kept)


def is_filler(word: str, scene: Scene) -> bool:
    """Whether a word may stand beside a kind without changing it: words of shops, colours, people, sizes."""
    lists = scene.vocabulary.lists
    return (
        len(word) == 1
        or word in lists.noise
        or word in lists.colours
        or word in lists.people
        or any(map(str.isdigit, word))
    )


def _stripped(words: Sequence[str], scene: Scene) -> tuple[str, ...]:
    start, end = 0, len(words)
    while start < end and is_filler(words[start], scene):
        start += 1
    while end > start and is_filler(words[end - 1], scene):
        end -= 1
    return tuple(words[start:end])


def _read_part(words: Sequence[str], scene: Scene) -> Reading | None:
    """The kind that the last words name, before what only describes it."""
    head = _stripped(_split_at(words, lambda word: word in scene.vocabulary.lists.cuts)[0], scene)
    return _ending_at(head, len(head), scene)


def _read_elliptic(words: Sequence[str], last: Sequence[str], scene: Scene) -> Reading | None:
    """A part without its noun, as in "Casual & Formal Shoes", where it is a known phrase with the noun."""
    phrase = (*words, *last[-1:])
    place = scene.place_of(phrase)
    return None if place is None else Reading(place, phrase)


def _ending_at(words: Sequence[str], end: int, scene: Scene) -> Reading | None:
    """The longest known phrase that ends before `end`."""
    for start in range(max(0, end - LONGEST_PHRASE), end):
        phrase = words[start:end]
        if (place := scene.place_of(phrase)) is not None:
            return Reading(place, phrase)
        if key_of(phrase) in scene.vocabulary.lists.nothing:
            return Reading(None, phrase)
    place = scene.place_of_compound(words[end - 1]) if end else None
    return None if place is None else Reading(place, words[end - 1 : end])


def _joined(readings: Sequence[Reading | None], words: Sequence[str]) -> Reading | None:
    """What parts joined by "and" have in common; a master category beside what is not known says too little
    ("Costumes & Accessories")."""
    places = [reading.place for reading in readings if reading and reading.place]
    place = shared(places) if places else None
    if place and place.sub_category is None and len(places) == 1 < len(readings):
        return None
    return None if place is None else Reading(place, words)


def read_name(segments: Sequence[Sequence[str]], scene: Scene) -> Reading | None:
    """What a product's name means: the first of its segments that says something."""
    readings = (_read_segment(words, scene) for words in segments)
    return next((reading for reading in readings if reading), None)


def _read_segment(words: Sequence[str], scene: Scene) -> Reading | None:
    head, rest = _split_at(words, lambda word: word in scene.vocabulary.lists.cuts)
    return _last_known(head, scene) or (_read_segment(rest, scene) if rest else None)


def _last_known(words: Sequence[str], scene: Scene) -> Reading | None:
    """The last known phrase; words that are often something else count only where no other word follows."""
    end = len(words)
    is_last = True
    while end:
        reading = _ending_at(words, end, scene)
        if reading and (is_last or _is_clear(reading, scene)):
            return _with_what_is_joined(reading, words, end, scene)
        is_last = is_last and is_filler(words[end - 1], scene)
        end -= 1
    return None


def _is_clear(reading: Reading, scene: Scene) -> bool:
    return reading.place is not None and key_of(reading.words) not in scene.vocabulary.lists.last_only


def _with_what_is_joined(reading: Reading, words: Sequence[str], end: int, scene: Scene) -> Reading | None:
    """What the phrase has in common with one right before "and": shirt and trousers are no trousers."""
    start = end - len(reading.words)
    while start and is_filler(words[start - 1], scene):
        start -= 1
    if reading.place is None or start < 2 or words[start - 1] != "and":
        return reading
    before = _ending_at(words, start - 1, scene)
    if before is None or before.place is None:
        return reading
    return _joined([before, reading], words[start - 1 - len(before.words) : end]) or Reading(None, reading.words)


def _split(words: Sequence[str], at: str) -> list[Sequence[str]]:
    head, rest = _split_at(words, lambda word: word == at)
    return [part for part in (head, *(_split(rest, at) if rest else ())) if part]


def _split_at(words: Sequence[str], is_cut: Callable[[str], bool]) -> tuple[Sequence[str], Sequence[str]]:
    """The words before and after the first cut."""
    at = next((index for index, word in enumerate(words) if is_cut(word)), None)
    return (words, ()) if at is None else (words[:at], words[at + 1 :])
