"""Comparing words as people do: without case, accents and other marks."""

import unicodedata

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters whose mark is part of the letter, so that Unicode does not decompose them."""


def fold(text: str) -> str:
    """`text` in a form that is equal for all spellings of a word: "Lumière", composed or not, gives "lumiere".

    Full-width letters and ligatures become plain ones, "ß" becomes "ss"; spaces and punctuation stay.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold().translate(_LETTERS)
