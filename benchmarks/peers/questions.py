"""The project's questions, rendered: a file beside the catalog, for rivals that ask without the project's code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "questions.json"


@dataclass(frozen=True)
class AskedQuestion:
    """What the model reads, how long its answer may be, and which values of a product's columns it is asked for."""

    id: str
    text: str
    max_new_tokens: int
    applies_to: Mapping[str, Sequence[str]]

    def applies(self, categories: Mapping[str, str]) -> bool:
        """Whether the question applies to a product of these categories."""
        return all(categories[column] in values for column, values in self.applies_to.items())


def write_questions(folder: Path) -> None:
    """Write the project's questions into the folder of a catalog."""
    from fashion_assets.extraction.questions import default_prompts_folder, load_questions

    questions = [
        AskedQuestion(
            question.id,
            question.text,
            question.max_new_tokens,
            {column: [str(value) for value in values] for column, values in question.applies_to.items()},
        )
        for question in load_questions(default_prompts_folder())
    ]
    (folder / FILE).write_text(json.dumps([asdict(question) for question in questions], indent=2) + "\n")


def read_questions(folder: Path) -> list[AskedQuestion]:
    """The questions of a catalog's folder."""
    return [AskedQuestion(**question) for question in json.loads((folder / FILE).read_text())]
