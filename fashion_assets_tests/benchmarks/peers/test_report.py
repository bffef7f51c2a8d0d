"""The page that shows the comparison."""

import pytest

from benchmarks.peers.report import report


def contender(comparison="at noon", cpu_seconds=12.34, asked=400, kept=0):
    run = {"cpu_seconds": cpu_seconds, "seconds": 1234.5, "peak_mib": 1500.0, "questions": 9, "photos": 3, "texts": 6}
    return {
        "versions": ["library==1.0"],
        "started": "2026-01-01T12:00:00+00:00",
        "comparison": comparison,
        "load_average": [0.1, 2.0],
        "runs": dict.fromkeys(("first", "unchanged", "killed", "resumed", "changed"), run),
        "asked": asked,
        "kept": kept,
    }


def page(**contenders) -> str:
    facts = {"products": 3_000, "questions": 3, "values": 8, "machine": "cpu, 2 cores"}
    return "\n".join(report({**facts, "contenders": contenders}))


def test_each_contender_has_a_row_with_cpu_seconds_before_the_clock():
    text = page(ours=contender(), theirs=contender(cpu_seconds=456.7))
    assert "| ours | 12.3 (1,234) | 12.3 (1,234) | 12.3 (1,234) | 12.3 (1,234) |" in text
    assert "| theirs | 457 (1,234) |" in text
    assert "| ours | 9 / 3 / 6 |" in text


@pytest.mark.parametrize(("asked", "kept", "row"), [(400, 0, "400 | 0 | 0.0%"), (400, 390, "400 | 390 | 97.5%")])
def test_what_a_kill_left_is_a_share_of_the_answers(asked, kept, row):
    assert f"| ours | {row} |" in page(ours=contender(asked=asked, kept=kept))


def test_figures_of_different_runs_are_called_so():
    assert "In one run:" in page(ours=contender(), theirs=contender())
    assert "NOT in one run:" in page(ours=contender(), theirs=contender(comparison="at night"))


def test_the_state_of_the_machine_is_told():
    text = page(ours=contender())
    assert "cpu, 2 cores" in text
    assert "load averages: ours 0.1 to 2.0" in text
    assert "ours: library==1.0" in text


def test_agreement_is_told_where_it_was_compared():
    shares = {"same_answers": 0.97, "same_values": 0.98, "read_answers": 0.99}
    figures = {"answers": 900, "photo_vectors": 300, **shares, "least_cosine": 0.9999, "beside": "ours"}
    theirs = contender() | {"agreement": {"first run": figures}}
    text = page(ours=contender(), theirs=theirs)
    assert "99.00% of 900 answers are JSON objects, 97.00% are those of ours letter by letter" in text
    assert "98.00% of their values" in text
    assert "The same work" not in page(ours=contender())
