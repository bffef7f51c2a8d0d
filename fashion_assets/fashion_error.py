"""What all errors that this project raises on purpose have in common; `errors.py` has the tree of them."""

import re
from functools import partial
from typing import Any, ClassVar, Self

LONGEST_CLAUSE = 2_000
"""Characters of each part of an error; it may quote what is longer."""

_CREDENTIALS = re.compile(r"(?<=://)(?:[^\s/@:]{1,500}:[^\s'\"]{0,2000}|[^\s/?#'\"]{0,2000})(?=@)", re.ASCII)
"""Without bounds, a text of many `://` would take minutes."""


def without_credentials(text: str) -> str:
    """`text` with `***` for what stands before the @ of the addresses in it: a user and a password, or a key."""
    return _CREDENTIALS.sub("***", text)


def shorten(text: str, most: int) -> str:
    """`text`, or its beginning if it has more than `most` characters, for an error to quote."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _clause(text: str) -> str:
    return shorten(without_credentials(_printable(text)), LONGEST_CLAUSE)


def _printable(text: str) -> str:
    """`text` in one line, with what a terminal would obey, or would not show, by its code."""
    if text.isprintable():
        return text
    signs = (sign if sign.isprintable() else " " if sign.isspace() else ascii(sign)[1:-1] for sign in text)
    return "".join(signs)


class FashionError(Exception):
    """Base of all deliberate errors, never raised itself; the command line prints the text without a traceback.

    The fields are clauses without a full stop, so that "{value}, but {rule}; {remedy}." is a sentence.
    """

    status: int = 500
    """The HTTP status of the error."""

    exit_code: int = 2
    """The exit code of a command that ends with the error; the command line declares what each code means."""

    code: str = "fashion_error"
    """Identifies the error to programs; derived from the name of the class."""

    joints: tuple[str, str, str] = (", but ", "; ", ".")
    """What follows the value, the rule and the remedy in the text."""

    _more_fields: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, status: int | None = None, exit_code: int | None = None) -> None:
        cls.status = status or cls.status
        cls.exit_code = exit_code or cls.exit_code
        cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, *, value: str, rule: str, remedy: str) -> None:
        self.value, self.rule, self.remedy = map(_clause, (value, rule, remedy))
        super().__init__(self.value, self.rule, self.remedy)

    def __str__(self) -> str:
        after_value, after_rule, end = self.joints
        return f"{self.value}{after_value}{self.rule}{after_rule}{self.remedy}{end}"

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in ("value", "rule", "remedy", *self._more_fields)}
        return partial(type(self), **fields), ()

    def as_dict(self) -> dict[str, Any]:
        """The error for JSON."""
        return {
            "code": self.code,
            "status": self.status,
            "value": self.value,
            "rule": self.rule,
            "remedy": self.remedy,
            "message": str(self),
        }

    @classmethod
    def from_sentence(cls, text: str) -> Self | None:
        """The error with this text; None if its parts cannot be told apart with certainty."""
        after_value, after_rule, end = cls.joints
        if not text.endswith(end) or text.count(after_value) != 1 or text.count(after_rule) != 1:
            return None
        value, _, rest = text.removesuffix(end).partition(after_value)
        rule, between, remedy = rest.partition(after_rule)
        return cls(value=value, rule=rule, remedy=remedy) if between else None
