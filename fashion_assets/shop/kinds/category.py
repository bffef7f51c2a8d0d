"""What a category cell means: its paths one by one, each from its narrowest level up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from fashion_assets.shop.kinds.kind import Place, Sureness, most_precise, shared
from fashion_assets.shop.kinds.paths import Path, has_levels, paths_of
from fashion_assets.shop.kinds.phrases import Reading, is_filler, read_level, without_people
from fashion_assets.shop.kinds.scene import Scene, is_german
from fashion_assets.shop.kinds.spelling import key_of, words_of
from fashion_assets.shop.kinds.vocabulary import Vocabulary, vocabulary

WIDE = ("Apparel", "Accessories", "Sporting Goods")
"""Master categories whose names head whole shops, so that anything worn may stand below them."""
LONGEST_NUMBER = 9
"""Digits of a category id; Google's have up to 6."""


@dataclass(frozen=True)
class Find:
    """What one path means."""

    place: Place
    text: str
    sureness: Sureness


@dataclass(frozen=True)
class CategoryReading:
    """`finds` are the most precise meanings of the paths, several where they differ; `is_elsewhere`: it is about things
    that people do not wear; `is_known`: every level of every path is known as a whole."""

    finds: tuple[Find, ...] = ()
    is_elsewhere: bool = False
    is_german: bool = False
    is_known: bool = False

    @property
    def agreed(self) -> Find | None:
        """What all finds have in common."""
        if len(self.finds) <= 1:
            return self.finds[0] if self.finds else None
        place = shared(find.place for find in self.finds)
        return None if place is None else Find(place, ", ".join(find.text for find in self.finds), "part")


@lru_cache(maxsize=65_536)
def read_category(cell: str, *, among_german: bool = False) -> CategoryReading:
    """What the cell means; `among_german`: other texts of the product are German."""
    words, text = vocabulary(), cell.strip()
    if text.isdecimal():
        place = words.google.get(int(text)) if len(text) <= LONGEST_NUMBER else None
        return CategoryReading((Find(place, str(int(text)), "exact"),), is_known=True) if place else CategoryReading()
    whole = words_of(cell)
    scene = Scene(words, among_german or is_german(whole, words))
    if not has_levels(cell) and (place := scene.place_of(whole) or scene.place_among_german(whole)):
        return CategoryReading((Find(place, " ".join(whole), "exact"),), is_german=scene.is_german, is_known=True)
    readings = [_PathReader(path, scene) for path in paths_of(cell)]
    finds = [find for reading in readings if (find := reading.find())]
    precise = most_precise(find.place for find in finds)
    return CategoryReading(
        tuple(next(find for find in finds if find.place == place) for place in precise),
        is_elsewhere=not finds and any(reading.is_elsewhere for reading in readings),
        is_german=scene.is_german,
        is_known=bool(finds) and all(reading.is_known for reading in readings),
    )


class _PathReader:
    """The levels of one path that say more than who wears it, and what each means by itself."""

    def __init__(self, path: Path, scene: Scene) -> None:
        self.scene, self.is_choice = scene, path.is_choice
        self.levels = [level for level in map(words_of, path.levels) if _says_something(level, scene)]
        self.reference = _reference_place(self.levels, scene.vocabulary)
        if len(path.levels) > 1 and self.levels[:1] == [("home",)]:
            del self.levels[0]  # where shops' paths begin
        self.alone = [read_level(level, scene) for level in self.levels]

    @property
    def is_elsewhere(self) -> bool:
        return self.reference is None and any(map(self._is_elsewhere, self.levels, self.alone))

    @property
    def is_known(self) -> bool:
        return self.reference is not None or all(reading is not None and reading.is_whole for reading in self.alone)

    def find(self) -> Find | None:
        if self.reference is not None:
            return Find(self.reference, " ".join(self.levels[-1]), "exact")
        if self.is_elsewhere:
            return None
        if self.is_choice and len(self.alone) == 2 and all(reading and _type(reading) for reading in self.alone):
            place = shared(reading.place for reading in self.alone if reading and reading.place)
            return place and Find(place, " ".join(word for level in self.levels for word in level), "part")
        return self._narrowest()

    def _narrowest(self) -> Find | None:
        """The narrowest known level, made more precise by wider ones that agree with it."""
        result: Find | None = None
        is_thing_of_it = False
        for reading in self._from_the_narrowest():
            if reading.place is None:
                is_thing_of_it = True
                continue
            place = Place(reading.place.master_category) if is_thing_of_it else reading.place
            if result is None or (result.place.includes(place) and place != result.place):
                result = Find(place, reading.text, self._sureness(reading))
            elif not place.includes(result.place):
                break
        return result

    def _from_the_narrowest(self) -> Iterator[Reading]:
        for index in reversed(range(len(self.levels))):
            beside = [reading.place for at, reading in enumerate(self.alone) if at != index and reading]
            scene = self.scene.with_places(place for place in beside if place)
            reading = self._with_the_level_above(index, scene) or read_level(self.levels[index], scene)
            if reading and (reading.is_whole or self._is_possible(reading, index)):
                yield reading

    def _with_the_level_above(self, index: int, scene: Scene) -> Reading | None:
        """Both levels as a phrase: "Casual" below "Shoes" are casual shoes, "Jackets" below "Rain" are rain jackets."""
        if not index:
            return None
        level, above = (without_people(self.levels[at], scene) for at in (index, index - 1))
        phrases = ((*level, *above), (*above, *level)) if level and above else ()
        places = ((phrase, scene.place_of(phrase)) for phrase in phrases)
        return next((Reading(place, phrase, True) for phrase, place in places if place and place.article_type), None)

    def _is_possible(self, reading: Reading, index: int) -> bool:
        """Whether what a part of a level seems to say may stand below the levels that are known as a whole."""
        above = (level for level in self.alone[:index] if level and level.is_whole and level.place)
        return reading.place is None or all(_may_hold(level.place, reading.place) for level in above if level.place)

    def _is_elsewhere(self, level: Sequence[str], reading: Reading | None) -> bool:
        elsewhere = self.scene.vocabulary.lists.elsewhere
        if reading is None:
            return any(word in elsewhere for word in level)
        return not reading.is_whole and _word_before(reading.words, level) in elsewhere

    def _sureness(self, reading: Reading) -> Sureness:
        if not reading.is_whole:
            return "part"
        return "exact" if len(self.levels) == 1 else "path"


def _says_something(level: Sequence[str], scene: Scene) -> bool:
    return scene.place_of(level) is not None or not all(
        is_filler(word, scene) or word == "and" or word in scene.vocabulary.lists.cuts for word in level
    )


def _reference_place(levels: Sequence[Sequence[str]], words: Vocabulary) -> Place | None:
    """The place that the reference catalog's own words for all three levels, or for the upper two, say."""
    match [key_of(level) for level in levels]:
        case [master, sub] if sub not in words.article_types:
            return words.reference_place(master, sub, None)
        case [master, sub, article_type]:
            return words.reference_place(master, sub, article_type)
    return None


def _type(reading: Reading) -> str | None:
    return reading.place.article_type if reading.place else None


def _may_hold(wider: Place, narrower: Place) -> bool:
    if wider.sub_category is None and wider.master_category in WIDE:
        return True
    return wider.master_category == narrower.master_category


def _word_before(phrase: Sequence[str], level: Sequence[str]) -> str | None:
    size = len(phrase)
    starts = (start for start in range(1, len(level)) if tuple(level[start : start + size]) == tuple(phrase))
    return next((level[start - 1] for start in starts), None)
