"""What a fetch of photos did, as figures and as lines for people."""

from dataclasses import dataclass, field

from fashion_assets.catalog.fetching.wanted import Stage, WantedPhotos

_EXAMPLES = 3
_NOT_ASKED_NOW = (Stage.UNUSABLE, Stage.REMEMBERED)
_PROBLEM_STAGES = (*_NOT_ASKED_NOW, Stage.FAILED, Stage.NOT_ASKED)


@dataclass(frozen=True)
class Problem:
    """Photos that were not had for the same reason; `examples` are the first addresses.

    `is_earlier`: the reason was known before, so that the host was not asked in this run.
    """

    reason: str
    photos: int
    examples: tuple[str, ...]
    is_earlier: bool = False

    def __str__(self) -> str:
        examples = [example or "''" for example in self.examples]
        return f"{self.reason} ({self.photos:,}): {', '.join(examples)}{', ...' if self.photos > len(examples) else ''}"


@dataclass(frozen=True)
class FetchReport:
    """The figures of a fetch, of different addresses: `wanted` is the sum of those of all outcomes."""

    wanted: int
    fetched: int
    """New photos, and changed ones."""
    revalidated: int
    """Asked for again, and unchanged."""
    fresh: int
    """Not asked for: they were a short time ago."""
    kept: tuple[Problem, ...]
    """Not had now; an earlier photo stays in use."""
    failed: tuple[Problem, ...]
    """There is no photo."""
    received_bytes: int = 0
    """Of the photos that were fetched, also of those that turned out to be unchanged."""
    given_up: dict[str, str] = field(default_factory=dict)
    """Hosts that were not asked any more, and why."""
    is_offline: bool = False
    """Something was asked for, and no host answered anything."""

    @property
    def without_photo(self) -> int:
        return sum(problem.photos for problem in self.failed)

    @property
    def with_earlier_photo(self) -> int:
        return sum(problem.photos for problem in self.kept)

    def lines(self) -> list[str]:
        """The report for people: a line of figures, one for each host given up, one for each kind of problem."""
        figures = {
            f"fetched ({self.received_bytes / 1e6:,.1f} MB)": self.fetched,
            "unchanged": self.revalidated,
            "checked before": self.fresh,
            "kept from before": self.with_earlier_photo,
            "without a photo": self.without_photo,
        }
        told = ", ".join(f"{photos:,} {what}" for what, photos in figures.items() if photos)
        lines = [f"{self.wanted:,} photos by address: {told or 'nothing to do'}"]
        if self.is_offline:
            reasons = ", ".join(dict.fromkeys(self.given_up.values())) or self._first_reason()
            lines.append(f"No host could be reached ({reasons}): earlier photos stay in use, the next run asks again")
        else:
            lines += [f"{host} was given up for this run: {reason}" for host, reason in self.given_up.items()]
        lines += [f"No photo: {problem}" for problem in self.failed if problem.is_earlier or not self.is_offline]
        lines += [f"Earlier photo kept: {problem}" for problem in self.kept if not self.is_offline]
        return lines

    def _first_reason(self) -> str:
        return next((problem.reason for problem in (*self.failed, *self.kept) if not problem.is_earlier), "no answer")


def read_report(wanted: WantedPhotos, received_bytes: int, given_up: dict[str, str], was_answered: bool) -> FetchReport:
    """The report of a run that is over."""
    groups = wanted.groups()

    def photos(*stages: Stage) -> int:
        return sum(count for stage, _, _, count in groups if stage in stages)

    def problems(has_photo: bool) -> tuple[Problem, ...]:
        return tuple(
            Problem(group[1] or "", group[3], wanted.examples(group, _EXAMPLES), group[0] in _NOT_ASKED_NOW)
            for group in groups
            if group[0] in _PROBLEM_STAGES and group[2] == has_photo
        )

    return FetchReport(
        wanted=photos(*Stage),
        fetched=photos(Stage.FETCHED),
        revalidated=photos(Stage.REVALIDATED),
        fresh=photos(Stage.FRESH),
        kept=problems(has_photo=True),
        failed=problems(has_photo=False),
        received_bytes=received_bytes,
        given_up=given_up,
        is_offline=photos(Stage.FAILED, Stage.NOT_ASKED) > 0 and not was_answered,
    )
