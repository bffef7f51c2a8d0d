"""The comparison as a table in Markdown, from the figures that are kept as JSON."""

from collections.abc import Mapping
from typing import Any

from .calls import PHOTOS, QUESTIONS, TEXTS

HEADS = {
    "first": "first run",
    "unchanged": "nothing changed",
    "changed": "3 photos, 2 names changed",
    "resumed": "resumed after the kill",
}


def report(comparison: Mapping[str, Any]) -> list[str]:
    """The lines of the page about `comparison`, as `compare.py` writes it: facts, and figures by contender's title."""
    contenders = comparison["contenders"]
    return [
        "# The whole flow beside Pixeltable, and beside Daft with LanceDB",
        "",
        f"{comparison['products']:,} demo products without planted defects, {comparison['values']} values of a product "
        f"in {comparison['questions']} questions and 3 vectors, with the same models. {comparison['machine']}. "
        f"{_circumstances(contenders)} What each contender does and does not do: `benchmarks/peers/README.md`.",
        "",
        "## CPU seconds (seconds on the clock)",
        "",
        *_table(HEADS.values(), {of: [_cost(figures, run) for run in HEADS] for of, figures in contenders.items()}),
        "",
        "CPU seconds are user and system time of all processes of a contender, its database server included. The last "
        "column completes a first run that was killed (SIGKILL) when half of the questions were answered.",
        "",
        "## Kept of the run that was killed",
        "",
        *_table(
            ("answered before", "not asked again", "share"), {of: _kept(figures) for of, figures in contenders.items()}
        ),
        "",
        "## Questions / photos / texts given to the models",
        "",
        *_table(HEADS.values(), {of: [_calls(figures, run) for run in HEADS] for of, figures in contenders.items()}),
        "",
        "## Most memory at once, MiB",
        "",
        *_table(HEADS.values(), {of: [_memory(figures, run) for run in HEADS] for of, figures in contenders.items()}),
        "",
        *_agreements(contenders),
        f"{'; '.join(_versions(of, figures) for of, figures in contenders.items())}.",
    ]


def _circumstances(contenders: Mapping[str, Any]) -> str:
    """When, and how busy the machine was: other processes raise the CPU seconds and make the clock useless."""
    loads = ", ".join(
        f"{of} {figures['load_average'][0]} to {figures['load_average'][1]}" for of, figures in contenders.items()
    )
    together = len({figures["comparison"] for figures in contenders.values()}) == 1
    times = ", ".join(f"{of} {figures['started']}" for of, figures in contenders.items())
    return f"{'In one run' if together else 'NOT in one run'}: {times}; load averages: {loads}."


def _table(heads: Any, rows: Mapping[str, list[str]]) -> list[str]:
    heads = list(heads)
    lines = [f"| | {' | '.join(heads)} |", "| --- " + "| ---: " * len(heads) + "|"]
    return lines + [f"| {title} | {' | '.join(cells)} |" for title, cells in rows.items()]


def _cost(figures: Mapping[str, Any], run: str) -> str:
    of = figures["runs"][run]
    return f"{_rounded(of['cpu_seconds'])} ({_rounded(of['seconds'])})"


def _versions(title: str, figures: Mapping[str, Any]) -> str:
    return f"{title}: {', '.join(figures['versions'])}"


def _rounded(seconds: float) -> str:
    return f"{seconds:,.1f}" if seconds < 100 else f"{seconds:,.0f}"


def _memory(figures: Mapping[str, Any], run: str) -> str:
    return f"{figures['runs'][run]['peak_mib']:,.0f}"


def _calls(figures: Mapping[str, Any], run: str) -> str:
    return " / ".join(f"{figures['runs'][run][kind]:,}" for kind in (QUESTIONS, PHOTOS, TEXTS))


def _kept(figures: Mapping[str, Any]) -> list[str]:
    asked, kept = figures["asked"], figures["kept"]
    return [f"{asked:,}", f"{kept:,}", f"{kept / asked:.1%}"]


def _agreements(contenders: Mapping[str, Any]) -> list[str]:
    lines = [
        f"- {title}, {subject}: {of['read_answers']:.2%} of {of['answers']:,} answers are JSON objects, "
        f"{of['same_answers']:.2%} are those of {of['beside']} letter by letter, and {of['same_values']:.2%} of their "
        f"values; the smallest cosine of {of['photo_vectors']:,} photo vectors is {of['least_cosine']:.4f}"
        for title, figures in contenders.items()
        for subject, of in figures.get("agreement", {}).items()
    ]
    return ["## The same work", "", *lines, ""] if lines else []
