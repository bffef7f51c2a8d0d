"""The extraction engine compared with a plain notebook loop, and without each of its ingredients: products a minute.

Every variant answers the same questions about the same JPEG files with the same weights, in turn, several times; the
table has medians, the ratio to the reference in the same run, and how many answers equal those of the reference.

    python -m benchmarks.extraction --model demo
    python -m benchmarks.extraction --model scaled-down --products 32
    python -m benchmarks.extraction --model smolvlm-2b --device cuda --dtype bfloat16 --products 1000
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from benchmarks.machine import describe_machine
from benchmarks.random_vlm import SIZES, make
from benchmarks.variants import VARIANTS
from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction.cost import peak_tflops
from fashion_assets.extraction.extract import Usage, extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.resources import GpuResource
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore

RESULTS = Path(__file__).parent / "results"


@dataclass
class Measured:
    """A variant's runs: seconds each, what the last one used, and its answers by photo and question."""

    seconds: list[float] = field(default_factory=list)
    read_first_by_auto: set[str] = field(default_factory=set)
    usage: Usage | None = None
    answers: dict[tuple[str, str], str] = field(default_factory=dict)


def main() -> None:
    arguments = _arguments()
    questions = load_questions(default_prompts_folder())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        plan = GpuResource(device=arguments.device, dtype=arguments.dtype, micro_batch=arguments.micro_batch).plan()
        model = vlm_folder() if arguments.model == "demo" else make(arguments.model, arguments.cache, plan.torch_dtype)
        products, photos = products_and_photos(home, arguments.products)
        names = [name for name, variant in VARIANTS.items() if arguments.model == "demo" or not variant.needs_knowledge]
        results = _measure(names, str(model), plan, products, photos, questions, arguments.repeats, home)
        table = "\n".join(_report(arguments, plan, results, len(products)))
    print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"extraction-{arguments.model}-{plan.device}.md").write_text(table + "\n")


def _measure(
    names: Sequence[str],
    model: str,
    plan: DevicePlan,
    products: pl.DataFrame,
    photos: Path,
    questions: Sequence[Question],
    repeats: int,
    home: Path,
) -> dict[str, Measured]:
    """All variants in turn, `repeats` times, so that a disturbance affects them all."""
    loaded = {name: VARIANTS[name].load(model, plan) for name in names}
    results = {name: Measured() for name in names}
    for name, variant in loaded.items():  # warm up: first calls compile, allocate and fill caches
        _run(variant, products.head(2), photos, questions, home / "warm" / str(abs(hash(name))))
    results["engine"].read_first_by_auto = {
        "question" if loaded["engine"].prompt(question).is_longer_than_its_photo else "photo" for question in questions
    }
    for repeat in range(repeats):
        for name, variant in loaded.items():
            measured = results[name]
            batch, journal = _run(variant, products, photos, questions, home / f"{repeat}-{abs(hash(name))}")
            measured.seconds.append(batch.usage.seconds)
            measured.usage = batch.usage
            measured.answers = {
                (photo, question): text
                for photo, question, text in journal.select("photo_sha256", "question_id", "answer_text").iter_rows()
            }
            print(f"  {name}: {len(products) / batch.usage.seconds * 60:,.0f} products/min", flush=True)
    return results


def _run(variant, products: pl.DataFrame, photos: Path, questions: Sequence[Question], home: Path):
    """One batch through the pipeline's own `extract_batch`, with an empty journal."""
    store = TableStore(str(home))
    batch = extract_batch(products, photos, questions, variant, Journal(store))
    return batch, store.read(RESPONSE_JOURNAL)


def products_and_photos(home: Path, count: int) -> tuple[pl.DataFrame, Path]:
    """Rows of `products` and the folder of their JPEGs: the demo catalog, ingested."""
    settings = Settings(home=home / "catalog", demo_products=max(count, 50))
    render_catalog(settings)
    with Pipeline(settings) as pipeline:
        pipeline.ingest()
        pipeline.run_products()
        return pipeline.store.read(PRODUCTS).head(count), settings.photos_root


def _report(arguments, plan: DevicePlan, results: dict[str, Measured], count: int) -> list[str]:
    reference = results["reference"]
    engine_run = results["engine"]
    base = statistics.median(reference.seconds)
    lines = [
        f"# Extraction with `{arguments.model}`",
        "",
        f"{count} products, {len(reference.answers)} questions, median of {len(reference.seconds)} interleaved runs; "
        f"{describe_machine(plan)}.",
        "",
        "| variant | products/min | of the reference | answers as the reference |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, measured in results.items():
        seconds = statistics.median(measured.seconds)
        same = sum(text == measured.answers.get(key) for key, text in reference.answers.items())
        lines.append(
            f"| {name} | {count / seconds * 60:,.0f} | {base / seconds:.2f} x | {same / len(reference.answers):.1%} |"
        )
    usage = engine_run.usage
    first = " and ".join(sorted(engine_run.read_first_by_auto))
    lines += [
        "",
        f"Engine: {usage.model_seconds / count * 1e3:.1f} ms a product in the model, "
        f"{1 - usage.model_seconds / usage.seconds:.1%} of the time outside it, micro-batches of {usage.micro_batch}.",
        f"`FASHION_PROMPT_ORDER=auto` has this model read the {first} first.",
    ]
    if "without constraint" in results:
        free = statistics.median(results["without constraint"].seconds)
        steps = statistics.median(results["constrained, every token asked for"].seconds)
        lines.append(
            f"Constraint: with it {statistics.median(engine_run.seconds) / free:.2f} of the time without, "
            f"{steps / free:.2f} when forced tokens are not skipped."
        )
    peak = peak_tflops(plan.device_name, plan.dtype)
    if peak is not None:
        share = usage.arithmetic / usage.model_seconds / (peak * 1e12)
        lines.append(f"{share:.1%} of {peak:g} TFLOP/s, by 2 FLOP per parameter and token.")
    return lines


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=["demo", *SIZES], default="demo")
    parser.add_argument("--products", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--micro-batch", type=int, default=None)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "fashion-random-vlm")
    return parser.parse_args()


if __name__ == "__main__":
    main()
