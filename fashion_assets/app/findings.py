"""One line of an examination: what was looked at, and what was found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`detail` is what was found, as a clause; `remedy` what to do about it, None if all is well."""

    what: str
    is_well: bool
    detail: str
    remedy: str | None = None


def well(what: str, detail: str) -> Finding:
    """The finding that `what` is well."""
    return Finding(what, True, detail)
