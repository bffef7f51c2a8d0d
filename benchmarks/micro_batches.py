"""Extraction with a model of real size: products a minute and memory by micro-batch, and plain generation.

Everything is as in a run, from JPEG files to the journal, with the default prompt order. The journal is written after
as many photos as a micro-batch has, if that is more than usual, so that larger sizes than the default can be measured.

    python -m benchmarks.micro_batches --model smolvlm-256m --device cuda
    python -m benchmarks.micro_batches --model smolvlm-2b --device cuda --sizes 1 16 64 --products 2000
"""

import argparse
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.extraction import RESULTS, products_and_photos
from benchmarks.machine import describe_machine
from benchmarks.random_vlm import SIZES, make
from benchmarks.variants import Reference
from fashion_assets.demo.models import vlm_folder
from fashion_assets.extraction import extract
from fashion_assets.extraction.backends.transformers.model import TransformersModel
from fashion_assets.extraction.cost import peak_tflops
from fashion_assets.extraction.extract import FLUSH_PRODUCTS, PREPARING_THREADS, Usage, extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.photos import open_photo
from fashion_assets.models.resources import GpuResource
from fashion_assets.storage.store import TableStore

MOST_MICRO_BATCHES = 16
"""Of a run: small ones would take long otherwise."""


@dataclass(frozen=True)
class Measured:
    """What a run's products cost, and the most GPU memory that tensors took (bytes, 0 without a GPU)."""

    usage: Usage
    gpu_bytes: int

    @property
    def products_per_minute(self) -> float:
        return self.usage.products_asked / self.usage.seconds * 60


def main() -> None:
    arguments = _arguments()
    plan = GpuResource(device=arguments.device, dtype=arguments.dtype).plan()
    questions = load_questions(default_prompts_folder())
    folder = vlm_folder() if arguments.model == "demo" else make(arguments.model, arguments.cache, plan.torch_dtype)
    with tempfile.TemporaryDirectory() as home:
        products, photos = products_and_photos(arguments.cache / f"{arguments.products}-products", arguments.products)
        model = TransformersModel(str(folder), plan)
        stores = _Stores(Path(home))
        default = model.micro_batch
        by_size = {}
        for size in sorted({default, *arguments.sizes}):
            model.micro_batch = size
            _run(model, products.head(size), photos, questions, stores)  # warm up
            model.micro_batch = size
            by_size[size] = _run(model, products.head(MOST_MICRO_BATCHES * size), photos, questions, stores)
            print(f"  {size}: {by_size[size].products_per_minute:,.0f} products/min", flush=True)
        model.micro_batch = default
        parts = _parts(model, products, photos, questions)
        read_first = {"photo" if model.prompt(question).is_photo_first else "question" for question in questions}
        del model  # its memory must not count as plain generation's
        one_by_one = None
        if arguments.generated:
            reference = Reference(str(folder), plan)
            _run(reference, products.head(1), photos, questions, stores)
            one_by_one = _run(reference, products.head(arguments.generated), photos, questions, stores)
        lines = _report(arguments.model, plan, read_first, default, by_size, one_by_one) + parts
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"micro-batches-{arguments.model}-{plan.device}.md").write_text("\n".join(lines) + "\n")


class _Stores:
    """A new, empty store each time."""

    def __init__(self, home: Path):
        self._home, self._made = home, 0

    def next(self) -> TableStore:
        self._made += 1
        return TableStore(str(self._home / f"store{self._made}"))


def _run(
    model: VisionLanguageModel, products: pl.DataFrame, photos: Path, questions: list[Question], stores: _Stores
) -> Measured:
    import torch

    extract.FLUSH_PRODUCTS = max(FLUSH_PRODUCTS, model.micro_batch)
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    usage = extract_batch(products, photos, questions, model, Journal(stores.next())).usage
    return Measured(usage, torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0)


def _parts(model: TransformersModel, products: pl.DataFrame, photos: Path, questions: list[Question]) -> list[str]:
    """How fast preparing photos is without the model, and the model without preparing, each alone."""
    paths = [photos / path for path in products.filter(photo_status="ok")["image_path"]]
    started = time.perf_counter()
    with ThreadPoolExecutor(PREPARING_THREADS) as threads:
        prepared = list(threads.map(lambda path: model.prepare(open_photo(path)), paths))
    to_prepare = time.perf_counter() - started
    batch = prepared[: model.micro_batch]
    for question in questions:
        model.answer(batch, question)
    batch = [photo.clone() for photo in batch]  # or the model would find them in its cache
    started = time.perf_counter()
    for question in questions:
        model.answer(batch, question)
    to_answer = time.perf_counter() - started
    return [
        f"Preparing alone: {len(paths) / to_prepare:,.1f} photos a second in {PREPARING_THREADS} threads. The model "
        f"alone, all questions about {len(batch)} prepared photos: {len(batch) / to_answer * 60:,.0f} products a "
        "minute.",
    ]


def _report(
    name: str,
    plan: DevicePlan,
    read_first: set[str],
    default: int,
    by_size: dict[int, Measured],
    one_by_one: Measured | None,
) -> list[str]:
    usage = by_size[default].usage
    questions_a_product = usage.questions_asked / usage.products_asked
    weights = "its own weights" if name == "demo" else "random weights, and a tokenizer made on the spot"
    lines = [
        f"# Micro-batches with `{name}`",
        "",
        f"One run of each size after a warm-up, by default with {usage.questions_asked} questions; {weights}; "
        f"{describe_machine(plan)}.",
        "",
        "| micro-batch | products | products/min | of the time in the model | GPU memory |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for size, run in by_size.items():
        halved = f", then {run.usage.micro_batch}" if run.usage.out_of_memory_at else ""
        lines.append(_row(f"{size}{halved}{' (default)' if size == default else ''}", run))
    if one_by_one is not None:
        lines.append(_row("plain `generate`, one by one", one_by_one))
    lines += [
        "",
        f"A question has {usage.prompt_tokens / usage.questions_asked:.1f} tokens with its photo, an answer "
        f"{usage.answer_tokens / usage.questions_asked:.1f}, a product {questions_a_product:.2f} questions; the "
        f"{' or the '.join(sorted(read_first))} is read first.",
    ]
    if name != "demo":
        lines.append("Such answers keep to the taxonomy, but their lengths are not those of a trained model.")
    peak = peak_tflops(plan.device_name, plan.dtype)
    if peak is not None:
        share = usage.arithmetic / usage.model_seconds / (peak * 1e12)
        lines.append(f"By default {share:.1%} of {peak:g} TFLOP/s, by 2 FLOP per parameter and token.")
    return lines


def _row(name: str, run: Measured) -> str:
    share = run.usage.model_seconds / run.usage.seconds
    memory = f"{run.gpu_bytes / 2**30:.2f} GiB" if run.gpu_bytes else "-"
    return f"| {name} | {run.usage.products_asked:,} | {run.products_per_minute:,.0f} | {share:.1%} | {memory} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["demo", *SIZES], default="smolvlm-256m")
    parser.add_argument("--products", type=int, default=512)
    parser.add_argument("--sizes", type=int, nargs="*", default=[1, 4, 16, 64, 128, 256], help="micro-batches to try")
    parser.add_argument("--generated", type=int, default=16, help="products to describe by plain `generate`; 0: none")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "fashion-random-vlm")
    return parser.parse_args()


if __name__ == "__main__":
    main()
