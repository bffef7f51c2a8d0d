"""What can come of asking for one photo."""

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf


class Kind(StrEnum):
    """How a failure may pass, which decides when the photo is asked for again."""

    PASSES = "passes"
    """Soon, in this run: after a short wait."""
    BUSY = "busy"
    """When the host has had the rest that it asks for."""
    LATER = "later"
    """In the next run."""
    LASTS = "lasts"
    """Not by itself: not before a day has passed."""
    LIMITED = "limited"
    """As LASTS, or when the limits are other ones."""
    MISSING = "missing"
    """As LASTS; said twice, a day apart, the earlier photo is not used any more."""
    WITHDRAWN = "withdrawn"
    """As LASTS; the earlier photo is not used any more."""

    @property
    def is_remembered(self) -> bool:
        return self in REMEMBERED

    @property
    def is_about_host(self) -> bool:
        """Whether the host failed to answer; a photo that it refuses or does not have is an answer."""
        return not self.is_remembered


REMEMBERED = (Kind.LASTS, Kind.LIMITED, Kind.MISSING, Kind.WITHDRAWN)


@dataclass(frozen=True)
class Failure:
    """A photo that was not had. `problem` says why in words that are the same for the same cause, to be counted by.

    `wait_seconds` is the rest that the host asks for (BUSY), None if it does not say how long.
    """

    kind: Kind
    problem: str
    wait_seconds: float | None = None


class FetchFailed(Exception):
    """Control flow that never leaves this package: a photo that is not had becomes a Failure."""

    def __init__(self, kind: Kind, problem: str, wait_seconds: float | None = None):
        super().__init__(problem)
        self.failure = Failure(kind, problem, wait_seconds)


@dataclass(frozen=True)
class Validators:
    """What a conditional request is made of: the values of If-None-Match and If-Modified-Since, and whom to ask so."""

    etag: str | None = None
    modified: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True)
class Photo:
    """A photo that has been written into the cache."""

    sha256: str
    size: int
    validators: Validators


@dataclass(frozen=True)
class Unchanged:
    """The host says that the photo is still the one that the cache has."""

    validators: Validators


Outcome = Photo | Unchanged | Failure


@dataclass
class Task:
    """A photo to ask for: `number` is its place in the catalog, `sha256` the earlier photo, `tries` those so far.

    `missing_since` is the time of the first of the MISSING failures that were the last outcomes; `sent_at` is that of
    the last try, by the schedule's clock.
    """

    address: str
    host: str
    number: int
    sha256: str | None = None
    validators: Validators = field(default_factory=Validators)
    missing_since: float | None = None
    tries: int = 0
    sent_at: float = -inf
