"""The life of a home: commands one after the other, each killed at random moments of its phases and then repeated."""

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path

from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop
from fashion_assets_tests.processes.killed_home import Moment, Phase, obey

PATIENCE_SECONDS = 300
BETWEEN = "between phases"
"""Gates, judging, and what Dagster does around its steps."""


@dataclass(frozen=True)
class Step:
    """A command, what the shop does before it, and the phases that it goes through."""

    command: str
    phases: tuple[Phase, ...]
    before: Callable[[FakeShop], None] = lambda shop: None


def _import_corrections(shop: FakeShop) -> None:
    lines = "".join(f"{number},material,metal\n" for number in range(1, 2 * PER_BATCH, 3))
    (shop.folder / "corrections.csv").write_text(f"product_id,field,value\n{lines}")


def _change_both_batches(shop: FakeShop) -> None:
    """A new name, price and photo, a withdrawal; and a first batch of watches, which have to be of metal.

    The fake model says leather of their red photos, so that the gates stop them.
    """
    shop.rows[43][-1], shop.rows[44][-2] = "Brand Renamed Shirt", "99.00"
    del shop.rows[40]
    write_photo(shop.folder / "images", "45.jpg", (0, 0, 250))
    for number in range(1, PER_BATCH + 1):
        shop.rows[number][4] = "Watches"
    shop.write_products()


_RUN = (Phase.START, Phase.INGEST, Phase.ASKING, Phase.EMBEDDING, Phase.BUILDING, Phase.PROMOTION)
STEPS = (
    Step("send", (Phase.START, Phase.ALERTS)),  # the channel joins, and gets every message from then on
    Step("run", _RUN),
    Step("import", (Phase.IMPORT,), _import_corrections),
    Step("run", _RUN, _change_both_batches),
    Step("send", (Phase.ALERTS,)),
    Step("override", (Phase.OVERRIDE,)),
    Step("run", tuple(phase for phase in _RUN if phase is not Phase.ASKING)),
    Step("send", (Phase.ALERTS,)),
    Step("roll back", (Phase.ROLLBACK,)),
    Step("compact", (Phase.COMPACTION,)),
)


@dataclass(frozen=True)
class Aim:
    """When a command is to be killed: `delay` seconds after the phase began for the `nth` time."""

    phase: Phase
    nth: int
    delay: float

    def is_met(self, told: Sequence[Moment]) -> bool:
        """Whether the last moment is that beginning."""
        begun = [moment.phase for moment in told if moment.is_begin]
        return told[-1].is_begin and told[-1].phase is self.phase and begun.count(self.phase) == self.nth


@dataclass(frozen=True)
class Kill:
    """A SIGKILL: the step that it ended, the phase in which it did, and after how many seconds of that phase."""

    step: int
    command: str
    phase: str
    after: float


@dataclass
class Life:
    """A shop in `folder`, a copy of a template without a home; `addresses` are those of its alerts."""

    folder: Path
    template: Path
    addresses: str
    context: ForkServerContext
    kills: list[Kill] = field(default_factory=list)
    usual: dict[tuple[int, Phase], list[float]] = field(default_factory=dict)
    """How long each phase of each step took, each time that it ended."""

    def __post_init__(self) -> None:
        self.shop = FakeShop(shutil.copytree(self.template, self.folder), FakeShop.first_rows())
        self.shop.write_products()

    def live(self, wanted: "Mapping[int, Sequence[Aim]]") -> None:
        """Go through all steps, by their places, with the kills that are `wanted` in each."""
        for number, step in enumerate(STEPS):
            step.before(self.shop)
            aims = iter(wanted.get(number, ()))
            while not self._obey(number, step, next(aims, None)):
                pass

    def _obey(self, number: int, step: Step, aim: "Aim | None") -> bool:
        """Run the step's command, and kill it as aimed; returns whether it was done."""
        ours, its = self.context.Pipe(duplex=False)
        process = self.context.Process(target=obey, args=(self.folder, step.command, self.addresses, its))
        process.start()
        its.close()
        told: list[Moment] = []
        for moment in _heard(ours):
            told.append(moment)
            if aim is not None and aim.is_met(told):
                time.sleep(max(0.0, moment.at + aim.delay - time.monotonic()))
                process.kill()
        died_at = time.monotonic()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode in (0, -signal.SIGKILL), f"{step.command} ended with {process.exitcode}"
        self._note_usual(number, told)
        if process.exitcode == 0:
            return True
        last = told[-1]
        within = last.phase.value if last.is_begin else BETWEEN
        self.kills.append(Kill(number, step.command, within, died_at - last.at))
        return False

    def _note_usual(self, number: int, told: Sequence[Moment]) -> None:
        began: dict[Phase, float] = {}
        for moment in told:
            if moment.is_begin:
                began[moment.phase] = moment.at
            elif moment.phase in began:
                self.usual.setdefault((number, moment.phase), []).append(moment.at - began[moment.phase])


def _heard(pipe: Connection) -> Iterator[Moment]:
    """All that the process tells until its end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while pipe.poll(max(0.0, deadline - time.monotonic())):
        try:
            yield pipe.recv()
        except EOFError:
            return
    raise TimeoutError


def aims(times: int, chance: random.Random, undisturbed: Life) -> dict[int, list[Aim]]:
    """By step, random moments in each phase, so many times; in the order of the phases.

    Each is in one of the steps that go through the phase, at a time within what it took in the undisturbed life.
    """
    aimed: dict[int, list[Aim]] = {}
    for phase in [phase for phase in Phase for _ in range(times)]:
        number = chance.choice([number for number, step in enumerate(STEPS) if phase in step.phases])
        seconds = undisturbed.usual[number, phase]
        nth = chance.randrange(len(seconds))
        aimed.setdefault(number, []).append(Aim(phase, nth + 1, chance.uniform(0, seconds[nth])))
    return aimed


def table_of_kills(kills: Sequence[Kill]) -> str:
    """The log by phase, as Markdown: how often, in which commands, and how far into the phase."""
    lines = ["| phase | kills | in the commands | seconds into the phase |", "| --- | --- | --- | --- |"]
    for phase in (*Phase, BETWEEN):
        of_phase = [kill for kill in kills if kill.phase == phase]
        commands = Counter(kill.command for kill in of_phase)
        named = ", ".join(f"{command} {count}" for command, count in sorted(commands.items()))
        after = [kill.after for kill in of_phase]
        spread = f"{min(after):.3f} to {max(after):.3f}" if after else ""
        lines.append(f"| {phase} | {len(of_phase)} | {named} | {spread} |")
    return "\n".join([*lines, f"| all | {len(kills)} | | |"])
