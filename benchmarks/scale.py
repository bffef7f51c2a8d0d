"""How the whole graph grows with the catalog: seconds, memory and bytes of every stage, 10,000 to 1,000,000 products.

Answers and vectors are simulated and cost nothing, so what is measured is everything else: `benchmarks/scaling` says
what is real and what is not. Each stage runs in a process of its own. Stages of one batch run on the last ten batches,
in tables that hold all the others already: what grows must show there. Results are kept in --home after each stage, and
a run that was stopped goes on from there.

    python -m benchmarks.scale
    python -m benchmarks.scale --rows 10000 44424 --home /tmp/scale
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

from benchmarks.scaling.batches import STEPS
from benchmarks.scaling.catalog import MEASURED, measured_batches
from benchmarks.scaling.models import DIMENSION
from benchmarks.scaling.stages import INDEX, STAGES

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "scale.md"

OF_INDEX = ("index build", "index update", "index judging", "search")
AT_MOST, AT_MOST_FOR_BUILDS = 1.05, 1.15
SEARCH = "search"

Results = dict[int, dict[str, dict]]
"""By products and stage: `seconds`, `cpu_seconds`, `peak_mib`, `bytes` written, and what the stage `found`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 44_424, 200_000, 1_000_000])
    parser.add_argument("--largest-index", type=int, default=1_000_000, help="build no index of more products")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "fashion-scale")
    arguments = parser.parse_args()
    results: Results = {}
    for rows in arguments.rows:
        names = [name for name in STAGES if rows <= arguments.largest_index or name not in OF_INDEX]
        results[rows] = _measure(arguments.home / str(rows), rows, names)
        RESULTS.write_text("\n".join(report(results)) + "\n")
    print(RESULTS.read_text())


def _measure(home: Path, rows: int, names: list[str]) -> dict[str, dict]:
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "results.json"
    found = json.loads(kept.read_text()) if kept.exists() else {}
    for name in names:
        if name in found:
            continue
        print(f"{rows:,} products: {name}", file=sys.stderr)
        before = _bytes(home)
        command = [sys.executable, "-m", "benchmarks.scaling.stages", str(home), str(rows), name]
        output = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
        found[name] = json.loads(output.splitlines()[-1]) | {"bytes": _bytes(home) - before}
        kept.write_text(json.dumps(found))
    return found


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
        f"{versions}. "
        "Every stage runs in a process of its own. Stages in *italics* run once a batch of 1,000 products: their "
        f"figures are means over the last {MEASURED} batches, in tables that hold all the others. Exponents are "
        "least-squares slopes on logarithms of both axes, of CPU seconds for the whole catalog (batches x seconds of "
        "one): 1 is linear. What memory a product more takes is reckoned from the smallest and the largest size.",
        "",
        *_table(results, "CPU seconds", _cpu, ("exponent", _exponent)),
        *_table(results, "Seconds on the clock", _run_mean("seconds")),
        *_table(results, "Peak memory of the stage's process, MiB", _peak, ("bytes a product", _bytes_a_product)),
        *_table(results, "MB written, less what was freed", _run_mean("bytes", 1e-6)),
        *_searches(results),
        "Not measured here: the models; decoding photos at the ingest (their facts were known); Dagster; the batch's "
        f"HTML report. The index is `{INDEX}` alone: each of the other four is built after it in the same way.",
    ]


def _run_mean(figure: str, unit: float = 1.0) -> Callable[[str, Mapping, int], float]:
    """The figure of a stage: of one batch where it runs once a batch."""
    return lambda name, of, rows: of[figure] * unit / (len(measured_batches(rows)) if name in STEPS else 1)


_cpu = _run_mean("cpu_seconds")


def _peak(name: str, of: Mapping, rows: int) -> float:
    return of["peak_mib"]


def _exponent(name: str, results: Results) -> str:
    sizes = [rows for rows, of in results.items() if name in of]
    if len(sizes) < 2:
        return ""
    slope = float(np.polyfit(np.log(sizes), np.log([_cpu(name, results[rows][name], rows) for rows in sizes]), 1)[0])
    found = round(slope + (name in STEPS), 2)
    wanted = AT_MOST_FOR_BUILDS if name == "index build" else AT_MOST
    return f"{found:.2f}{'' if found <= wanted else ' (above ' + str(wanted) + ')'}"


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
    figure: Callable[[str, Mapping, int], float],
    growth: tuple[str, Callable[[str, Results], str]] | None = None,
) -> list[str]:
    names = [name for name in STAGES if not name.startswith("(") and name != SEARCH]
    head = ["stage", *(f"{rows:,}" for rows in results), *([growth[0]] if growth else [])]
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "| --- " + "| ---: " * (len(head) - 1) + "|"]
    for name in names:
        figures = [f"{figure(name, of[name], rows):,.3g}" if name in of else "-" for rows, of in results.items()]
        lines.append(
            f"| {f'*{name}*' if name in STEPS else name} | {' | '.join(_plain(text) for text in figures)} |"
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
            found, judged = of[SEARCH]["found"], of["index judging"]["found"]
            lines.append(f"| {rows:,} | {found['p50']:.1f} ms | {found['p95']:.1f} ms | {judged['recall']:.3f} |")
    return [*lines, ""]


if __name__ == "__main__":
    main()
