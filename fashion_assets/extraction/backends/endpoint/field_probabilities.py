"""How sure a model was of each value in its JSON answer, from the probabilities of the answer's tokens."""

import re
from collections.abc import Sequence


def field_probabilities(
    text: str, token_ends: Sequence[int], token_probabilities: Sequence[float], keys: Sequence[str]
) -> dict[str, float]:
    """Probability of each key's value in a JSON answer: the product over the tokens that overlap the value.

    `token_ends[i]` is the character position in `text` where token i ends. Keys that are missing there are left out; of
    one that comes more than once, the last counts, since drafts come first.
    """
    probabilities = {}
    for key in keys:
        matches = list(re.finditer(rf'"{re.escape(key)}"\s*:\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,}}\s]+)', text))
        if not matches:
            continue
        first, last = matches[-1].span(1)
        probability, start = 1.0, 0
        for end, chance in zip(token_ends, token_probabilities, strict=True):
            if start < last and end > first:
                probability *= chance
            start = end
        probabilities[key] = round(probability, 6)
    return probabilities
