"""How building and searching grow with the catalog: the project compared with exact NumPy, with one
vector column.

Results are written after each size. 500,000 rows are measured with vectors of 128 numbers, because building them with
512 would need about 12 GiB, by what smaller ones take.

    python -m benchmarks.search.growth
    python -m benchmarks.search.growth --dimension 128 --rows 2000 44424 500000
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.search.compare import RESULTS
from benchmarks.search.data import FILTERS
from benchmarks.search.race import Result, ours, prepare, race, rival
from fashion_assets.models.resources import GpuResource
from fashion_assets.search.index.build import EXACT_VECTORS

OURS, EXACT = "fashion_assets", "exact NumPy"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, EXACT_VECTORS, 44_424])
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    machine = f"{describe_machine(GpuResource().plan())}, load average {os.getloadavg()[0]:.1f} at the start"
    results: dict[int, dict[str, Result]] = {}
    for rows in arguments.rows:
        results[rows] = _measure(rows, arguments.dimension, arguments.rounds)
        lines = _report(results, arguments, machine)
        (RESULTS / f"search-growth-{arguments.dimension}.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def _measure(rows: int, dimension: int, rounds: int) -> dict[str, Result]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        prepare(data, rows, dimension, columns=1)
        exact = rival(EXACT, "numpy", data)
        return race((ours(OURS, data), exact), exact, Path(folder), rounds)


def _report(results: dict[int, dict[str, Result]], arguments: argparse.Namespace, machine: str) -> list[str]:
    names = list(FILTERS)
    titles = ["no filter" if not FILTERS[name] else name for name in names]
    return [
        "# Search as the catalog grows",
        "",
        f"One vector column of {arguments.dimension} numbers, data as in the comparison at one size; {machine}. Times "
        f"of a query are p50 in milliseconds. Up to {EXACT_VECTORS:,} vectors the project's search is exact.",
        "",
        f"| products | build | s per 1,000 | peak memory | {' | '.join(titles)} | recall@20 | "
        f"{' | '.join(f'NumPy, {title}' for title in titles)} |",
        "| ---: " * (5 + 2 * len(names)) + "|",
        *(_row(rows, of[OURS], of[EXACT], names) for rows, of in results.items()),
        "",
        _exponents(results),
    ]


def _row(rows: int, result: Result, exact: Result, names: list[str]) -> str:
    of_project, numpy = ([f"{of.percentile(name, 50):.2f}" for name in names] for of in (result, exact))
    return (
        f"| {rows:,} | {result.build_seconds:.1f} s | {1000 * result.build_seconds / rows:.2f} | "
        f"{result.build_peak_mib:,.0f} MiB | {' | '.join(of_project)} | "
        f"{', '.join(f'{result.recall[name]:.3f}' for name in names)} | {' | '.join(numpy)} |"
    )


def _exponents(results: dict[int, dict[str, Result]]) -> str:
    """Least-squares slopes on logarithms of both axes: time grows as rows to that power."""

    def fitted(title: str, sizes: list[int], what: str, time: Callable[[Result], float]) -> list[str]:
        if len(sizes) < 2:
            return []
        times = [time(results[rows][title]) for rows in sizes]
        return [f"{np.polyfit(np.log(sizes), np.log(times), 1)[0]:.2f} for {what}"]

    everywhere, indexed = list(results), [rows for rows in results if rows > EXACT_VECTORS]
    exponents = [
        *fitted(OURS, everywhere, "building at all sizes", lambda result: result.build_seconds),
        *fitted(OURS, indexed, "building with an index", lambda result: result.build_seconds),
        *fitted(OURS, indexed, "a query with an index", lambda result: result.percentile("none", 50)),
        *fitted(EXACT, everywhere, "a query by NumPy", lambda result: result.percentile("none", 50)),
    ]
    return f"Fitted exponents: {', '.join(exponents) or 'none, of one size'}."


if __name__ == "__main__":
    main()
