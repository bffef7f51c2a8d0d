"""The whole flow, from a table and photos to what can be searched, beside Pixeltable, and beside Daft with LanceDB.

Every contender describes the same demo products with the same models and questions, in processes of its own: a first
run, one with nothing changed, one that is killed in the middle and resumed, and one after 3 photos and 2 names changed.
Each rival is measured in two ways: with the project's own code for the models, and as its manual shows. `README.md` in
this folder says what each contender does and does not do. Rivals run in environments below `.venv-peers`, which
`make benchmark-peers` makes. Linux only.

    python -m benchmarks.peers.compare
    python -m benchmarks.peers.compare --products 60 --results /tmp/peers
    python -m benchmarks.peers.compare --only fashion_assets     # keeps the others' figures, and says so
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.models.resources import GpuResource
from fashion_assets.search.index.build import EXACT_VECTORS

from .agreement import compare_results
from .catalog import write_catalog
from .costs import adopt_orphans
from .race import PEERS, Outcome, race, warm_up
from .report import report

RESULTS = Path(__file__).parents[1] / "results"
WARM_UP_PRODUCTS = 24


def main() -> None:
    arguments = _arguments()
    adopt_orphans()
    questions = load_questions(default_prompts_folder())
    kept = arguments.results / f"peers-{arguments.products}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    comparison = {
        "products": arguments.products,
        "questions": len(questions),
        "values": sum(len(question.keys) for question in questions),
        "machine": describe_machine(GpuResource().plan()),
        "contenders": json.loads(kept.read_text())["contenders"] if kept.exists() else {},
    }
    for title, figures in _compare(arguments.only, arguments.products, arguments.home):
        comparison["contenders"][title] = figures
        _write(comparison, kept)
    print(kept.with_suffix(".md").read_text())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=3_000)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), help="measure these contenders alone")
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "fashion-peers")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the table and its figures are written")
    arguments = parser.parse_args()
    if arguments.products > EXACT_VECTORS:
        parser.error(
            f"with more than {EXACT_VECTORS:,} products the project indexes vectors, and the Daft script does not"
        )
    return arguments


def _compare(names: list[str], products: int, home: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Title and figures of each contender, as soon as all its runs are done."""
    peers = {name: PEERS[name] for name in names}
    for peer in peers.values():
        _ = peer.python  # before hours of work: each environment must be there
    small, whole, comparison = home / "small", home / "catalog", datetime.now(UTC).isoformat(timespec="seconds")
    write_catalog(small, WARM_UP_PRODUCTS)
    write_catalog(whole, products)
    for name, peer in peers.items():
        warm_up(peer, small, home / f"warm-up-{name}")
    outcomes: dict[str, Outcome] = {}
    for name, peer in peers.items():
        outcome = outcomes[peer.title] = race(peer, whole, home / name)
        yield peer.title, outcome.figures | {"comparison": comparison, "agreement": _agreement(peer.title, outcomes)}


def _agreement(title: str, outcomes: dict[str, Outcome]) -> dict[str, Any]:
    """How far a contender's first run agrees with that of the first contender, and its resumed run with its first."""
    outcome, (beside, reference) = outcomes[title], next(iter(outcomes.items()))
    resumed = {"resumed run": asdict(compare_results(outcome.first, outcome.resumed)) | {"beside": "its first run"}}
    if title == beside:
        return resumed
    return {"first run": asdict(compare_results(reference.first, outcome.first)) | {"beside": beside}, **resumed}


def _write(comparison: dict[str, Any], file: Path) -> None:
    """The figures, and the page beside them; contenders in the order of PEERS."""
    titles, contenders = [peer.title for peer in PEERS.values()], comparison["contenders"]
    ordered = comparison | {"contenders": {title: contenders[title] for title in titles if title in contenders}}
    file.write_text(json.dumps(ordered, indent=2) + "\n")
    file.with_suffix(".md").write_text("\n".join(report(ordered)) + "\n")


if __name__ == "__main__":
    main()
