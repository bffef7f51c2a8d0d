"""The short form of `make attack`: hostile inputs of every kind, in processes with limits, and planted attacks.

What each hostile photo, table, prompt and answer comes to is tested beside what takes it.
"""

import random
from itertools import islice

import pytest

from fashion_assets_tests.attack.confinement import Outcome, confined
from fashion_assets_tests.attack.kinds import KINDS
from fashion_assets_tests.attack.mutations import mutated
from fashion_assets_tests.attack.planted import PLANTED, refuse, write_inside
from fashion_assets_tests.attack.soak import as_they_are, changed

SMALL = ("shop files", "prompts", "settings", "answers")
"""Kinds whose inputs are tested here only as they are."""


@pytest.mark.parametrize("attack", PLANTED)
def test_what_none_may_do_is_found(attack, tmp_path):
    (tmp_path / "a").mkdir()
    outcome = confined(attack, b"x", tmp_path / "a", cpu_seconds=1 if attack.__name__ == "hang" else 10)
    assert outcome.fault is not None and PLANTED[attack] in outcome.fault
    assert outcome.refusal is None


def test_what_any_may_do_is_no_fault(tmp_path):
    assert confined(write_inside, b"x", tmp_path) == Outcome()
    assert confined(refuse, b"x", tmp_path) == Outcome("The file is bad, but it must be good; fix it.")


@pytest.mark.parametrize("kind", SMALL)
def test_hostile_inputs_are_taken_or_refused(kind):
    attacked = list(as_they_are(kind))
    assert {each.name: each.outcome.fault for each in attacked if each.outcome.fault} == {}
    assert {each.outcome.refusal is None for each in attacked} == {True, False}


@pytest.mark.long_form
@pytest.mark.parametrize("kind", KINDS)
def test_changed_inputs_are_taken_or_refused(kind, is_long):
    faults = {each.name: each.outcome.fault for each in islice(changed(kind, seed=1), 300 if is_long else 4)}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_the_same_seed_gives_the_same_inputs():
    contents = [b"a" * 200, b"b" * 200]
    first, again, other = (
        [mutated(contents[0], contents, chance) for _ in range(20)]
        for chance in (random.Random(1), random.Random(1), random.Random(2))
    )
    assert first == again != other
    assert len(set(first)) > 15
