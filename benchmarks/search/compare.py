"""Search at one size: the project compared with exact NumPy, faiss and chromadb.

The rivals run in `.venv-rivals`, which `make benchmark-search` creates.

    python -m benchmarks.search.compare
"""

import argparse
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.search.data import COLORS, FILTERS, NOISE, TYPES
from benchmarks.search.race import Result, ours, prepare, race, rival
from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.models.resources import GpuResource

RESULTS = Path(__file__).parents[1] / "results"
PINNED = Path(__file__).parent / "rivals.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=44_424)
    parser.add_argument("--dimension", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    machine = f"{describe_machine(GpuResource().plan())}, load average {os.getloadavg()[0]:.1f} at the start"
    with tempfile.TemporaryDirectory() as folder:
        one_column, all_columns = Path(folder) / "one", Path(folder) / "five"
        prepare(all_columns, arguments.rows, arguments.dimension, len(VECTOR_COLUMNS))
        prepare(one_column, arguments.rows, arguments.dimension, 1)
        exact = rival("exact NumPy", "numpy", one_column)
        entries = (
            ours("fashion_assets", all_columns),
            ours("fashion_assets, one column", one_column),
            exact,
            rival("faiss HNSW", "faiss", one_column),
            rival("chromadb", "chromadb", one_column),
        )
        results = race(entries, exact, Path(folder), arguments.rounds)
    lines = _report(results, arguments, machine)
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"search-{arguments.rows // 1000}k.md").write_text("\n".join(lines) + "\n")


def _report(results: dict[str, Result], arguments: argparse.Namespace, machine: str) -> list[str]:
    """The table, with what must be known to read it fairly."""
    names = list(FILTERS)
    count = len(next(iter(results.values())).milliseconds[names[0]])
    return [
        f"# Search among {arguments.rows:,} products",
        "",
        f"{arguments.rows:,} x {arguments.dimension} synthetic vectors of length 1 in clusters ({TYPES} article types "
        f"x {COLORS} colours, noise of length {NOISE} around each centre), one run on {machine}. Each contender builds "
        f"and answers in a process of its own; {count // arguments.rounds} queries for the 20 nearest, one at a time, "
        f"in {arguments.rounds} rounds in which the contenders take turns. Times are p50 / p95 in milliseconds. The "
        f"filters let about {' and '.join(name for name in names if FILTERS[name])} of the products pass: a gender, "
        "half of it a matter of the article type, and one article type.",
        "",
        f"| contender | {' | '.join(name if FILTERS[name] else 'no filter' for name in names)} | recall@20 | build | "
        "peak memory: build | query | on disk |",
        "| --- " + "| ---: " * (len(names) + 5) + "|",
        *(_row(title, result, names) for title, result in results.items()),
        "",
        f"`fashion_assets` stores {len(VECTOR_COLUMNS)} vector columns with their indexes, indexes of seven columns of "
        "facts and of the text, checks every vector and hashes every row, and answers with whole products; the others "
        "hold one vector column and answer with ids. Set the row of one column beside theirs.",
        "",
        "`faiss` and NumPy keep vectors in memory and nothing of the products; their filters are made from arrays held "
        "beside them. `fashion_assets` and `chromadb` keep everything on disk. Recall is in the order of the filters. "
        "HNSW parameters are the same everywhere, so far as they can be set; NumPy is the truth. "
        f"lancedb {version('lancedb')}, {', '.join(PINNED.read_text().split())}.",
    ]


def _row(title: str, result: Result, names: list[str]) -> str:
    times = (f"{result.percentile(name, 50):.1f} / {result.percentile(name, 95):.1f}" for name in names)
    recall = ", ".join(f"{result.recall[name]:.3f}" for name in names)
    sizes = (result.build_peak_mib, result.query_peak_mib, result.disk_mib)
    return (
        f"| {title} | {' | '.join(times)} | {recall} | {result.build_seconds:.1f} s | "
        f"{' | '.join(f'{size:,.0f} MiB' for size in sizes)} |"
    )


if __name__ == "__main__":
    main()
