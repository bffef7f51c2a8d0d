"""Does the pilot's forecast hold? Pilots of fresh demo catalogs, each compared with the full run that it forecasts.

Pilot and full run have a journal each, so that the run infers everything; they alternate in going first.

    python -m benchmarks.pilot_forecast
    python -m benchmarks.pilot_forecast --runs 10 --products 2000
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.machine import describe_machine
from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.models.resources import GpuResource
from fashion_assets.quality.pilot.forecast import Range
from fashion_assets.settings import Settings

RESULT = Path(__file__).parent / "results" / "pilot-forecast.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=6, help="demo catalogs, each of another seed")
    parser.add_argument("--products", type=int, default=1200, help="products of each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [_compare(Path(folder) / str(seed), arguments.products, seed) for seed in range(arguments.runs)]
    inside = sum(forecast.low <= seconds <= forecast.high for forecast, seconds in rows)
    lines = [
        "# The pilot's forecast beside the full run",
        "",
        f"{arguments.runs} demo catalogs of {arguments.products:,} products, demo models, seconds of "
        f"`extracted_attributes` without loading; {describe_machine(GpuResource().plan())}.",
        "",
        "| catalog | forecast | 95 % interval | measured | measured / forecast | within |",
        "| ---: | ---: | ---: | ---: | ---: | --- |",
        *(
            f"| {seed} | {forecast.estimate:.1f} | {forecast.low:.1f} to {forecast.high:.1f} | {seconds:.1f} | "
            f"{seconds / forecast.estimate:.2f} | {'yes' if forecast.low <= seconds <= forecast.high else 'no'} |"
            for seed, (forecast, seconds) in enumerate(rows)
        ),
        "",
        f"The interval held the measured time in {inside} of {len(rows)} cases.",
    ]
    print("\n".join(lines))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text("\n".join(lines) + "\n")


def _compare(home: Path, products: int, seed: int) -> tuple[Range, float]:
    """The forecast of a pilot and the seconds of a full run, over the same catalog."""
    steps = {"pilot": lambda: _pilot(home, products, seed), "run": lambda: _full_run(home, products, seed)}
    order = list(steps) if seed % 2 == 0 else list(reversed(steps))
    measured = {name: steps[name]() for name in order}
    print(
        f"  catalog {seed}: forecast {measured['pilot'].estimate:.1f} s, measured {measured['run']:.1f} s", flush=True
    )
    return measured["pilot"], measured["run"]


def _pilot(home: Path, products: int, seed: int) -> Range:
    with _ingested(home / "pilot", products, seed) as pipeline:
        return Range(**pipeline.pilot().figures["forecast"]["seconds"])


def _full_run(home: Path, products: int, seed: int) -> float:
    with _ingested(home / "run", products, seed) as pipeline:
        batches = [plan.batch for plan in pipeline.plan()]
        outcomes = [pipeline.run_batch(batch, "extracted_attributes", force=True) for batch in batches]
        return sum(outcome.cost["seconds"] for outcome in outcomes)


def _ingested(home: Path, products: int, seed: int) -> Pipeline:
    settings = Settings(home=home, demo_products=products, demo_seed=seed)
    render_catalog(settings)
    pipeline = Pipeline(settings)
    pipeline.ingest()
    return pipeline


if __name__ == "__main__":
    main()
