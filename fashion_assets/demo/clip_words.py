"""The words that the demo CLIP was trained on; it accepts any text, but other words mean nothing to it."""

import re
import unicodedata
from functools import lru_cache

from fashion_assets.demo.models import clip_folder

WORDS_FILE = "words.txt"

_GRAMMAR = frozenset(
    ("a", "an", "the", "in", "on", "of", "with", "for", "and", "or", "to", "is", "are", "that", "this", "some", "my")
)


def unknown_words(text: str) -> list[str]:
    """The words of `text` that the demo CLIP never saw in training: in lower case, each once, in order of appearance.

    Plurals of trained words, hyphenation ("t shirt") and function words count as trained.
    """
    trained = _trained_words()
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", unicodedata.normalize("NFC", text).lower())
    missing = [word for word in words if not _is_trained(word, trained)]
    return list(dict.fromkeys(missing))


def _is_trained(word: str, trained: frozenset[str]) -> bool:
    if word in _GRAMMAR or word.isdigit():
        return True
    forms = {word, word.removesuffix("s"), word.removesuffix("es"), word + "s"}
    return bool(forms & trained) or ("-" in word and all(_is_trained(part, trained) for part in word.split("-")))


@lru_cache
def _trained_words() -> frozenset[str]:
    words = (clip_folder() / WORDS_FILE).read_text().split()
    return frozenset(words) | {part for word in words for part in word.split("-")}
