"""Photo embeddings end to end, from JPEG files to unit vectors: the pipeline beside bare open_clip loops.

The pipeline also checks each file's hash, letterboxes, checks the vectors and writes them to its table; the bare loops
do none of that. All embed the same files with the same weights, in turn, several times over.

    python -m benchmarks.embeddings
    python -m benchmarks.embeddings --model ViT-B-32 --photos 200
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image

from benchmarks.machine import describe_machine
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.cli.run import render_catalog
from fashion_assets.clip.open_clip_encoder import MICRO_BATCH, OpenClipEncoder
from fashion_assets.clip.photo_vectors import photo_paths, photo_vectors
from fashion_assets.demo.models import clip_folder
from fashion_assets.gpu import GpuResource
from fashion_assets.runner import Pipeline
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore

RESULTS = Path(__file__).parent / "results"
REFERENCE = "bare loop, batches"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo", help="`demo`, or an open_clip architecture with random weights")
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    plan = GpuResource().plan()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        photos = _photos(home, arguments.photos)
        network, prepare, tokenizer = _load(arguments.model, plan.device)
        encoder = OpenClipEncoder("benchmark", _dimension(network), network, prepare, tokenizer, plan)
        stores = iter(range(10_000))
        variants = {
            REFERENCE: lambda: _bare(network, prepare, list(photos.values()), MICRO_BATCH, plan.device),
            "the pipeline": lambda: photo_vectors(photos, encoder, TableStore(str(home / f"store{next(stores)}"))),
            "bare loop, one by one": lambda: _bare(network, prepare, list(photos.values()), 1, plan.device),
        }
        seconds = _measure(variants, arguments.repeats)
    lines = _report(arguments.model, len(photos), seconds, describe_machine(plan))
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"embeddings-{arguments.model}-{plan.device}.md").write_text("\n".join(lines) + "\n")


def _photos(home: Path, count: int) -> dict[str, Path]:
    settings = Settings(home=home / "catalog", demo_products=max(count + 50, 50))
    render_catalog(settings)
    with Pipeline(settings) as pipeline:
        pipeline.ingest()
        readable = pipeline.store.read(INGESTED_PRODUCTS).filter(photo_status="ok")
    return dict(list(photo_paths(readable, settings.photos_root).items())[:count])


def _load(model: str, device: str):
    name = f"local-dir:{clip_folder()}" if model == "demo" else model
    network, _, prepare = open_clip.create_model_and_transforms(name, device=device)
    return network.eval(), prepare, open_clip.get_tokenizer(name)


def _dimension(network) -> int:
    return int(network.text_projection.shape[-1])


def _bare(network, prepare: Callable, files: list[Path], batch: int, device: str) -> np.ndarray:
    """What a notebook does: open, prepare, encode, normalise, one batch after the other."""
    vectors = []
    with torch.inference_mode():
        for start in range(0, len(files), batch):
            pixels = torch.stack([prepare(Image.open(file).convert("RGB")) for file in files[start : start + batch]])
            vectors.append(network.encode_image(pixels.to(device), normalize=True).cpu().numpy())
    return np.concatenate(vectors)


def _measure(variants: dict[str, Callable], repeats: int) -> dict[str, list[float]]:
    """All variants in turn, `repeats` times over: what disturbs one run disturbs them all."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for repeat in range(repeats + 1):  # the first round warms up
        for name, run in variants.items():
            started = time.perf_counter()
            run()
            if repeat:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def _report(model: str, photos: int, seconds: dict[str, list[float]], machine: str) -> list[str]:
    base = statistics.median(seconds[REFERENCE])
    return [
        f"# Photo embeddings with `{model}`",
        "",
        f"{photos} JPEG files of 3:4, batches of {MICRO_BATCH}, median of {len(seconds[REFERENCE])} interleaved runs; "
        f"{machine}.",
        "",
        "| variant | photos/s | of the bare batched loop |",
        "| --- | ---: | ---: |",
        *(
            f"| {name} | {photos / statistics.median(of):,.0f} | {base / statistics.median(of):.2f} x |"
            for name, of in seconds.items()
        ),
    ]


if __name__ == "__main__":
    main()
