"""The soak: every hostile input as it is, then changed ones from a seed until the time is over.

    python -m fashion_assets_tests.attack.soak --seconds 600 --seed 1 [--kind photos]

Ends with 1 if any input did what none may: a crash, a traceback, a hang, too much memory, a file or an address outside
of its folder. Such inputs are kept, with their outcome.
"""

import argparse
import hashlib
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from fashion_assets_tests.attack.confinement import Outcome, confined
from fashion_assets_tests.attack.kinds import KINDS
from fashion_assets_tests.attack.mutations import mutated

KEPT = Path("build/attack")


@dataclass(frozen=True)
class Attacked:
    """An input, of which kind and how it is called, and its outcome."""

    kind: str
    name: str
    content: bytes
    outcome: Outcome


def as_they_are(kind: str) -> Iterator[Attacked]:
    """Every input of a kind."""
    for name, make in KINDS[kind].inputs().items():
        yield _attacked(kind, name, make())


def changed(kind: str, seed: int) -> Iterator[Attacked]:
    """Changed inputs of a kind, without end; the same for the same seed."""
    chance = random.Random(f"{kind} {seed}")
    inputs = {name: make() for name, make in KINDS[kind].inputs().items()}
    others = list(inputs.values())
    for number in range(sys.maxsize):
        name = chance.choice(list(inputs))
        yield _attacked(kind, name, mutated(inputs[name], others, chance), f" ({seed}/{number})")


def _attacked(kind: str, name: str, content: bytes, change: str = "") -> Attacked:
    content = KINDS[kind].pack(name, content)
    with tempfile.TemporaryDirectory(prefix="attack-") as folder:
        outcome = confined(KINDS[kind].attack, content, Path(folder).resolve())
    return Attacked(kind, name + change, content, outcome)


def _keep(attacked: Attacked) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    stem = f"{attacked.kind}-{hashlib.sha256(attacked.content).hexdigest()[:12]}"
    (KEPT / f"{stem}.input").write_bytes(attacked.content)
    (KEPT / f"{stem}.txt").write_text(f"{attacked.name}\n{attacked.outcome.fault}\n")
    print(f"FAULT {attacked.kind}: {attacked.name}: {attacked.outcome.fault} (kept as {KEPT / stem}.input)", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=KINDS, action="append")
    options = parser.parse_args()
    ends_at, counts = time.monotonic() + options.seconds, Counter[str]()
    kinds = options.kind or list(KINDS)
    for attacked in chain.from_iterable(map(as_they_are, kinds)):
        _count(attacked, counts)
    endless = [changed(kind, options.seed) for kind in kinds]
    while time.monotonic() < ends_at:
        for of_kind in endless:
            _count(next(of_kind), counts)
    print(f"{counts.total()} attacks: {', '.join(f'{count} {what}' for what, count in sorted(counts.items()))}.")
    return 1 if counts["faults"] else 0


def _count(attacked: Attacked, counts: Counter[str]) -> None:
    fault, refusal = attacked.outcome.fault, attacked.outcome.refusal
    counts["faults" if fault else "refused" if refusal else "taken"] += 1
    if fault:
        _keep(attacked)


if __name__ == "__main__":
    sys.exit(main())
