"""The questions about a photo: prompt files rendered from the taxonomy, and the products that each applies to.

A question is one Markdown file in `prompts/` with front matter (`id`, `version`, `applies-to`, `max-new-tokens`,
`keys`, and optionally `min-allowed-mass`). `applies-to` maps product columns to the values for which the question is
asked; empty means every product. Sending a question to a model and reading the answer belong to the model back ends and
to `answers.py`.
"""

import hashlib
import json
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, ValidationError, ValidationInfo

from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import PromptError
from fashion_assets.extraction.prompt_files import read_prompt_file
from fashion_assets.extraction.prompt_templates import render
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

MIN_ALLOWED_MASS = 0.5
"""Smallest probability that a model must put on the allowed first tokens of a value, unless a prompt sets its own."""

MOST_NEW_TOKENS = 4_096
"""Of an answer, whose values come from a taxonomy."""


@dataclass(frozen=True)
class Question:
    """One rendered prompt.

    `text` is what the model reads, `fields` are the attributes of its JSON answer, in order; `max_new_tokens` bounds
    the answer of a model that does not decode under a grammar. If the model put less probability than
    `min_allowed_mass` (0..1) on the allowed values, its answer counts as forced.
    """

    id: str
    version: str
    text: str
    fields: tuple[Attribute, ...]
    max_new_tokens: int
    applies_to: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)
    min_allowed_mass: float = MIN_ALLOWED_MASS

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f.key for f in self.fields)

    def applies(self) -> pl.Expr:
        """Boolean expression over the product columns: does the question apply to the product?"""
        conditions = [pl.col(column).is_in(list(values)) for column, values in self.applies_to.items()]
        return pl.all_horizontal(*conditions).fill_null(False) if conditions else pl.lit(True)

    @cached_property
    def schema(self) -> dict:
        """JSON schema (draft 2020-12) of a valid answer: exactly the keys, only taxonomy values."""
        return {
            "type": "object",
            "properties": {f.key: _field_schema(f) for f in self.fields},
            "required": list(self.keys),
            "additionalProperties": False,
        }

    @cached_property
    def text_hash(self) -> str:
        return _sha256(self.text)

    @cached_property
    def schema_hash(self) -> str:
        return _sha256(json.dumps(self.schema, sort_keys=True))


def load_questions(folder: Path, taxonomy: Taxonomy = SHIPPED.taxonomy) -> list[Question]:
    """All questions of a prompts folder about the attributes of `taxonomy`, in file-name order.

    Raises PromptError if the folder has no prompt, or if a file is malformed or asks for an unknown key.
    """
    files = sorted(folder.glob("*.md"))
    if not files:
        raise PromptError(
            value=f"The prompts folder '{folder}' has no .md file",
            rule="each prompt is one",
            remedy="point FASHION_PROMPTS at a folder of prompts, or unset it",
        )
    questions = [_load_question(file, taxonomy) for file in files]
    _refuse_repeated(files, questions)
    return questions


def require_essential(questions: Sequence[Question], taxonomy: Taxonomy = SHIPPED.taxonomy) -> None:
    """Raise PromptError unless the questions ask for every essential attribute: else success would mean nothing."""
    requested = {key for question in questions for key in question.keys}
    lacking = [attribute.key for attribute in taxonomy.essential if attribute.key not in requested]
    if lacking:
        raise PromptError(
            value=f"No prompt asks for {', '.join(lacking)}",
            rule="without these keys a product is not described",
            remedy="keep prompts with all of them in FASHION_PROMPTS, or unset it",
        )


def prompts_version(questions: Sequence[Question]) -> str:
    """A short version of a prompt set: each question's id and version, and a hash of their rendered content."""
    contents = [[q.text_hash, q.schema_hash, q.applies_to, q.max_new_tokens, q.min_allowed_mass] for q in questions]
    names = "+".join(f"{q.id}.v{q.version}" for q in questions)
    return f"{names}#{_sha256(json.dumps(contents, sort_keys=True))[:8]}"


def default_prompts_folder() -> Path:
    """`prompts/` of the checkout, or the copy that an installed wheel carries."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_prompts"
    return packaged if packaged.is_dir() else package.parent / "prompts"


def _require_attribute(key: str, info: ValidationInfo) -> str:
    """A key must be in the taxonomy, whose keys are the validation context."""
    keys: tuple[str, ...] = info.context or ()
    if key not in keys:
        raise ValueError(f"it should be one of {', '.join(map(repr, keys))}")
    return key


def _require_source_column(column: str) -> str:
    if column not in SOURCE_COLUMN_NAMES:
        raise ValueError(f"it should be one of {', '.join(map(repr, SOURCE_COLUMN_NAMES))}")
    return column


class _FrontMatter(BaseModel):
    """The front matter of a prompt file."""

    id: str = Field(min_length=1)
    version: str = Field(coerce_numbers_to_str=True)
    applies_to: dict[Annotated[str, AfterValidator(_require_source_column)], list[str | int]] = Field(
        alias="applies-to"
    )
    max_new_tokens: int = Field(alias="max-new-tokens", gt=0, le=MOST_NEW_TOKENS)
    keys: list[Annotated[str, AfterValidator(_require_attribute)]] = Field(min_length=1)
    min_allowed_mass: float = Field(MIN_ALLOWED_MASS, alias="min-allowed-mass", ge=0, le=1)


def _load_question(file: Path, taxonomy: Taxonomy) -> Question:
    metadata, template = read_prompt_file(file)
    try:
        front = _FrontMatter.model_validate(metadata, context=tuple(taxonomy.by_key))
    except ValidationError as error:
        raise PromptError(
            value=f"The front matter of '{file}' cannot be used: {_problems(error)}",
            rule="it may have only the keys and values that docs/pilot.md lists",
            remedy="correct it",
        ) from error
    try:
        text = render(template, {attribute.key: ", ".join(attribute.vocabulary.values()) for attribute in taxonomy})
    except Exception as error:  # a template can raise anything: TypeError, RecursionError, OverflowError, ...
        raise PromptError(
            value=f"'{file}' cannot be rendered: {str(error) or type(error).__name__}",
            rule=f"its placeholders must be among {sorted(taxonomy.by_key)}, the rest be what docs/pilot.md lists",
            remedy="correct it",
        ) from error
    return Question(
        id=front.id,
        version=front.version,
        text=text.strip(),
        fields=tuple(taxonomy[key] for key in front.keys),
        max_new_tokens=front.max_new_tokens,
        applies_to={column: tuple(values) for column, values in front.applies_to.items()},
        min_allowed_mass=front.min_allowed_mass,
    )


def _problems(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])} is {reprlib.repr(problem['input'])}: {problem['msg']}"
        if problem["type"] != "missing"
        else f"it lacks {problem['loc'][0]}"
        for problem in error.errors()
    )


def _refuse_repeated(files: list[Path], questions: list[Question]) -> None:
    files_of_keys: dict[str, Path] = {}
    ids: dict[str, Path] = {}
    for file, question in zip(files, questions, strict=True):
        if question.id in ids:
            raise PromptError(
                value=f"'{file}' has the id '{question.id}', which '{ids[question.id]}' has too",
                rule="an id must be unique",
                remedy="change one of them",
            )
        ids[question.id] = file
        for key in question.keys:
            if key in files_of_keys:
                raise PromptError(
                    value=f"'{file}' asks for '{key}', which '{files_of_keys[key]}' already asks for",
                    rule="each key may be asked for only once",
                    remedy="remove it from one of them",
                )
            files_of_keys[key] = file


def _field_schema(f: Attribute) -> dict:
    value = {"type": "string", "enum": f.vocabulary.values()}
    return {"type": "array", "items": value, "maxItems": f.max_items} if f.is_list else value


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
