"""Reading a prompt file: its front matter and its text, with bounds. What they mean is in `questions.py`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from frontmatter import parse
from frontmatter.default_handlers import YAMLHandler

from fashion_assets.errors import PromptError
from fashion_assets.shop.text_files import UnusableFile, read_text_file

LARGEST_FILE = 32_000
"""Bytes; the shipped prompts have less than 600."""


def read_prompt_file(file: Path) -> tuple[Mapping[str, object], str]:
    """The front matter of a prompt file (empty if it has none), and its text.

    Raises PromptError if it is not a file of at most LARGEST_FILE bytes in UTF-8, or its front matter is not YAML.
    """
    try:
        text = read_text_file(file, LARGEST_FILE)
    except UnusableFile as error:
        raise PromptError(
            value=f"The prompt '{file}' {error}",
            rule=f"a prompt is a text file of at most {LARGEST_FILE} bytes in UTF-8",
            remedy="correct it, or move it out of the folder",
        ) from error
    try:
        return parse(text, handler=_FrontMatter())
    except (
        yaml.YAMLError,
        ValueError,
        ArithmeticError,
        RecursionError,
        TypeError,
        AttributeError,
        LookupError,
    ) as error:
        raise PromptError(
            value=f"The front matter of '{file}' is not valid YAML ({_in_one_line(error)})",
            rule="it must name the keys that the prompt asks for",
            remedy="correct it",
        ) from error


class _Loader(yaml.SafeLoader):
    """Without aliases: nested in each other, a few of them stand for more items than fit into memory."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*) are not used in front matter")
        return super().compose_node(parent, index)


class _FrontMatter(YAMLHandler):
    def load(self, fm: str, **kwargs: object) -> Any:
        return super().load(fm, Loader=_Loader)


def _in_one_line(error: BaseException) -> str:
    return " ".join((str(error) or type(error).__name__).split())
