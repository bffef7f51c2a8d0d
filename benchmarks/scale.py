"""How the whole graph grows with the catalog: seconds, memory and bytes of every stage, 10,000 to 1,000,000 products.

Answers and vectors are simulated and cost nothing, so everything else is measured; `docs/scaling.md` says what is real
and what is not. Each stage runs in a process of its own, except the steps of a batch: they are short, and are compared
side by side in one process. They run on the last ten batches, in tables that hold all the others, where growth must
show. Results are kept in --home after each stage, and an interrupted run continues from there.

    python -m benchmarks.scale
    python -m benchmarks.scale --rows 10000 44424 --home /tmp/scale
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

from benchmarks.scaling.batches import STEPS
from benchmarks.scaling.catalog import MEASURED
from benchmarks.scaling.models import DIMENSION
from benchmarks.scaling.stages import INDEX, ONE_BATCH, STAGES

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "scale.md"

OF_INDEX = ("index build", "index update", "index judging", "search")
AT_MOST, AT_MOST_FOR_BUILDS = 1.05, 1.15
SEARCH = "search"

_NAMES = [
    name
    for stage in STAGES
    if not stage.startswith("(") and stage != SEARCH
    for name in ([stage, *STEPS] if stage == ONE_BATCH else [stage])
]
"""Of the rows of the tables, in order."""

Results = dict[int, dict[str, dict]]
"""By products and stage: `seconds`, `cpu_seconds`, `peak_mib`, `bytes` written, and what the stage `found`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 44_424, 200_000, 1_000_000])
    parser.add_argument("--largest-index", type=int, default=1_000_000, help="build no index of more products")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "fashion-scale")
    arguments = parser.parse_args()
    home, sizes = arguments.home, arguments.rows
    first = list(STAGES)[: list(STAGES).index(ONE_BATCH) + 1]
    for rows in sizes:
        _measure(home / str(rows), rows, first)
    steps = _compare_steps(home, sizes)
    results: Results = {}
    for rows in sizes:
        names = [name for name in STAGES if rows <= arguments.largest_index or name not in OF_INDEX]
        results[rows] = _measure(home / str(rows), rows, names) | steps[rows]
        RESULTS.write_text("\n".join(report(results)) + "\n")
    print(RESULTS.read_text())


def _measure(home: Path, rows: int, names: list[str]) -> dict[str, dict]:
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "results.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    for name in names:
        if name in results:
            continue
        print(f"{rows:,} products: {name}", file=sys.stderr)
        before = _bytes(home)
        results[name] = _run("stages", home, rows, name) | {"bytes": _bytes(home) - before}
        kept.write_text(json.dumps(results))
    return results


def _compare_steps(home: Path, sizes: list[int]) -> Results:
    kept = home / f"steps-{'-'.join(map(str, sizes))}.json"
    if not kept.exists():
        print("the steps of a batch, side by side", file=sys.stderr)
        kept.write_text(json.dumps(_run("side_by_side", home, *sizes)))
    return {int(rows): of for rows, of in json.loads(kept.read_text()).items()}


def _run(module: str, *arguments: object) -> dict:
    command = [sys.executable, "-m", f"benchmarks.scaling.{module}", *map(str, arguments)]
    output = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.splitlines()[-1])


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def report(results: Results) -> list[str]:
    """The tables, with what must be known to read them fairly."""
    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in ("polars", "deltalake", "lancedb"))
    return [
        "# The whole graph as the catalog grows",
        "",
        f"Simulated answers and vectors of {DIMENSION} numbers, all else real; {cores} cores, {memory:.0f} GiB, "
        f"{versions}. Every stage runs in a process of its own. Stages in *italics* run once a batch of 1,000 products "
        f"in tables that hold all the others: the first of the last {MEASURED} batches through all steps in a process, "
        "then the others step by step, all sizes side by side; their figures are means. Exponents are "
        "least-squares slopes on logarithms of both axes, of CPU seconds for the whole catalog (batches x seconds of "
        "one): 1 is linear. What memory a product more takes is reckoned from the smallest and the largest size.",
        "",
        *_table(results, "CPU seconds", "cpu_seconds", growth=("exponent", _exponent), exceptions=[ONE_BATCH]),
        *_table(results, "Seconds on the clock", "seconds", exceptions=[ONE_BATCH]),
        *_table(
            results, "Peak memory of the stage's process, MiB", "peak_mib", growth=("bytes a product", _bytes_a_product)
        ),
        *_table(results, "MB written, less what was freed", "bytes", unit=1e-6),
        *_searches(results),
        "Not measured here: the models; decoding photos at the ingest (their facts were known); Dagster. "
        f"The index is `{INDEX}` alone: each of the other four is built after it in the same way.",
    ]


def _is_of_a_batch(name: str) -> bool:
    return name in STEPS or name == ONE_BATCH


def _exponent(name: str, results: Results) -> str:
    sizes = [rows for rows, of in results.items() if name in of]
    if len(sizes) < 2:
        return ""
    seconds = [results[rows][name]["cpu_seconds"] for rows in sizes]
    exponent = round(float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0]) + _is_of_a_batch(name), 2)
    bound = AT_MOST_FOR_BUILDS if name == "index build" else AT_MOST
    return f"{exponent:.2f}{'' if exponent <= bound else ' (above ' + str(bound) + ')'}"


def _bytes_a_product(name: str, results: Results) -> str:
    sizes = [rows for rows, of in results.items() if name in of]
    if len(sizes) < 2:
        return ""
    first, last = sizes[0], sizes[-1]
    more = results[last][name]["peak_mib"] - results[first][name]["peak_mib"]
    return f"{more * 2**20 / (last - first):,.0f}"


def _table(
    results: Results,
    title: str,
    figure: str,
    unit: float = 1.0,
    growth: tuple[str, Callable[[str, Results], str]] | None = None,
    exceptions: Collection[str] = (),
) -> list[str]:
    head = ["stage", *(f"{rows:,}" for rows in results), *([growth[0]] if growth else [])]
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "| --- " + "| ---: " * (len(head) - 1) + "|"]
    for name in _NAMES:
        if name in exceptions or not any(figure in of.get(name, {}) for of in results.values()):
            continue
        figures = [_plain(f"{of[name][figure] * unit:,.3g}") if name in of else "-" for of in results.values()]
        lines.append(
            f"| {f'*{name}*' if _is_of_a_batch(name) else name} | {' | '.join(figures)} |"
            + (f" {growth[1](name, results)} |" if growth else "")
        )
    return [*lines, ""]


def _plain(text: str) -> str:
    """`1.23e+03` as 1,230."""
    return f"{float(text):,.0f}" if "e+" in text else text


def _searches(results: Results) -> list[str]:
    lines = ["## Search", "", "| products | p50 | p95 | recall@20 |", "| ---: | ---: | ---: | ---: |"]
    for rows, of in results.items():
        if SEARCH in of:
            search, judged = of[SEARCH]["found"], of["index judging"]["found"]
            lines.append(f"| {rows:,} | {search['p50']:.1f} ms | {search['p95']:.1f} ms | {judged['recall']:.3f} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
