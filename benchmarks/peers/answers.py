"""What a raw answer says; one that was not decoded under a grammar may say anything."""

import json
from collections.abc import Mapping
from typing import Any


def read_answer(text: str) -> Mapping[str, Any] | None:
    """The values by key; None unless the text is a JSON object."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def enriched_text(text: str, answers: Mapping[str, str]) -> str:
    """What the catalog says, after the values that the model saw; about as long as the project's descriptions.

    An answer that is no JSON object adds nothing.
    """
    values = [value for answer in answers.values() for value in (read_answer(answer) or {}).values()]
    words = [str(word) for value in values for word in (value if isinstance(value, list) else [value])]
    return f"{', '.join(words)}. {text}" if words else text
