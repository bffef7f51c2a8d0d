"""Which words the demo CLIP has learned: it reads any text, but other words tell it nothing."""

import re
from functools import lru_cache

from fashion_assets.demo.models import clip_folder

WORDS_FILE = "words.txt"

_GRAMMAR = frozenset(
    ("a", "an", "the", "in", "on", "of", "with", "for", "and", "or", "to", "is", "are", "that", "this", "some", "my")
)


def unknown_words(text: str) -> list[str]:
    """The words of `text` that the demo CLIP never saw in training, lower case, each once, in order of appearance.

    Plurals of known words, hyphenation ("t shirt") and words of grammar count as known.
    """
    known = _known_words()
    found = re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower())
    missing = [word for word in found if not _is_known(word, known)]
    return list(dict.fromkeys(missing))


def _is_known(word: str, known: frozenset[str]) -> bool:
    if word in _GRAMMAR or word.isdigit():
        return True
    forms = {word, word.removesuffix("s"), word.removesuffix("es"), word + "s"}
    return bool(forms & known) or ("-" in word and all(_is_known(part, known) for part in word.split("-")))


@lru_cache
def _known_words() -> frozenset[str]:
    words = (clip_folder() / WORDS_FILE).read_text().split()
    return frozenset(words) | {part for word in words for part in word.split("-")}
