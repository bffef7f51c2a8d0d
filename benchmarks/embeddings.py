"""Embeddings end to end, from JPEG files and descriptions to unit vectors: the pipeline and bare open_clip loops.

The pipeline also checks each file's hash, letterboxes, checks the vectors and writes them to its table; the bare loops
do none of that. Texts are baseline descriptions as the enrichment writes them, one for each photo. All variants embed
the same files and texts with the same weights, in turn, several times.

    python -m benchmarks.embeddings
    python -m benchmarks.embeddings --model ViT-B-32 --photos 200
    python -m benchmarks.embeddings --model ViT-B-32 --device cuda --photos 5000 --micro-batch 256
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image

from benchmarks.machine import describe_machine
from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.demo.models import clip_folder
from fashion_assets.enrichment.describe import baseline_description
from fashion_assets.models.clip.open_clip_encoder import MICRO_BATCH, PRECISIONS, OpenClipEncoder
from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors
from fashion_assets.models.device import DevicePlan
from fashion_assets.models.photos import letterbox, open_photo
from fashion_assets.models.resources import GpuResource
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore

RESULTS = Path(__file__).parent / "results"
REFERENCE = "bare loop, batches"
HALF = "the pipeline, bfloat16"
MOST_OPENED = 1000
"""Number of photos held decoded in memory, to measure without decoding."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="demo", help="`demo`, or an open_clip architecture with random weights")
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--micro-batch", type=int, default=MICRO_BATCH, help="of the loops as well")
    arguments = parser.parse_args()
    batch = arguments.micro_batch
    plan = GpuResource(device=arguments.device, dtype="float32", micro_batch=batch).plan()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        photos, texts = _products(home, arguments.photos)
        network, prepare, tokenizer = _load(arguments.model, plan.device)
        half = replace(plan, dtype="bfloat16")
        encoder, encoder_of_half = (_encoder(arguments.model, of) for of in (plan, half))
        stores = (TableStore(str(home / f"store{number}")) for number in count())
        variants = {
            REFERENCE: lambda: _bare(network, prepare, list(photos.values()), batch, plan.device),
            "the pipeline": lambda: photo_vectors(photos, encoder, next(stores)),
            HALF: lambda: photo_vectors(photos, encoder_of_half, next(stores)),
            "bare loop, one by one": lambda: _bare(network, prepare, list(photos.values()), 1, plan.device),
        }
        of_photos = _measure(variants, arguments.repeats)
        of_texts = _measure(
            {
                REFERENCE: lambda: _bare_texts(network, tokenizer, texts, batch, plan.device),
                "the pipeline": lambda: encoder.embed_texts(texts),
                HALF: lambda: encoder_of_half.embed_texts(texts),
                "bare loop, one by one": lambda: _bare_texts(network, tokenizer, texts, 1, plan.device),
            },
            arguments.repeats,
        )
        opened = [open_photo(file) for file in list(photos.values())[:MOST_OPENED]]
        pixels = torch.stack([prepare(letterbox(photo)) for photo in opened[:batch]]).to(plan.device)
        of_parts = _measure(
            {
                "the pipeline, bfloat16, photos already decoded": lambda: encoder_of_half.embed_photos(opened),
                "the model alone, bfloat16, photos already prepared": lambda: _network_alone(
                    encoder_of_half, pixels.bfloat16(), len(opened)
                ),
            },
            arguments.repeats,
        )
        nearest = _least_cosine(encoder, encoder_of_half, list(photos.values()))
    lines = _report(arguments.model, len(photos), batch, of_photos, of_texts, nearest, describe_machine(plan))
    lines += ["", *_parts(len(opened), of_parts)]
    print("\n".join(lines))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"embeddings-{arguments.model}-{plan.device}.md").write_text("\n".join(lines) + "\n")


def _products(home: Path, wanted: int) -> tuple[dict[str, Path], list[str]]:
    """Photo files by their hash, and as many descriptions."""
    settings = Settings(home=home / "catalog", demo_products=wanted + 50)
    render_catalog(settings)
    with Pipeline(settings) as pipeline:
        pipeline.ingest()
        readable = pipeline.store.read(INGESTED_PRODUCTS).filter(photo_status="ok")
    photos = dict(list(photo_paths(readable, settings.photos_root).items())[:wanted])
    return photos, readable.select(baseline_description())["baseline_description"].head(len(photos)).to_list()


def _load(model: str, device: str, precision: str = "fp32"):
    name = f"local-dir:{clip_folder()}" if model == "demo" else model
    torch.manual_seed(0)  # random weights are the same in every precision
    network, _, prepare = open_clip.create_model_and_transforms(name, device=device, precision=precision)
    return network.eval(), prepare, open_clip.get_tokenizer(name)


def _encoder(model: str, plan: DevicePlan) -> OpenClipEncoder:
    network, prepare, tokenizer = _load(model, plan.device, PRECISIONS[plan.dtype])
    dimension = int(network.text_projection.shape[-1])
    return OpenClipEncoder(f"benchmark {plan.dtype}", dimension, network, prepare, tokenizer, plan)


def _least_cosine(first: OpenClipEncoder, second: OpenClipEncoder, files: list[Path]) -> float:
    """The least cosine between the two encoders' vectors of the same photo, over at most 100 photos."""
    photos = [Image.open(file).convert("RGB") for file in files[:100]]
    return float((first.embed_photos(photos) * second.embed_photos(photos)).sum(axis=1).min())


def _bare(network, prepare: Callable, files: list[Path], batch: int, device: str) -> np.ndarray:
    """What a notebook does: open, prepare, encode, normalise, one batch after the other."""
    vectors = []
    with torch.inference_mode():
        for start in range(0, len(files), batch):
            pixels = torch.stack([prepare(Image.open(file).convert("RGB")) for file in files[start : start + batch]])
            vectors.append(network.encode_image(pixels.to(device), normalize=True).cpu().numpy())
    return np.concatenate(vectors)


def _network_alone(encoder: OpenClipEncoder, pixels: torch.Tensor, photos: int) -> None:
    """Embed one micro-batch of `pixels` as often as `photos` photos need, and copy the vectors back."""
    with torch.inference_mode():
        for _ in range(-(-photos // len(pixels))):
            encoder._network.encode_image(pixels).float().cpu()


def _bare_texts(network, tokenizer: Callable, texts: list[str], batch: int, device: str) -> np.ndarray:
    vectors = []
    with torch.inference_mode():
        for start in range(0, len(texts), batch):
            tokens = tokenizer(texts[start : start + batch])
            vectors.append(network.encode_text(tokens.to(device), normalize=True).cpu().numpy())
    return np.concatenate(vectors)


def _measure(variants: dict[str, Callable], repeats: int) -> dict[str, list[float]]:
    """All variants in turn, `repeats` times, so that a disturbance affects them all."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for repeat in range(repeats + 1):  # the first round warms up
        for name, run in variants.items():
            started = time.perf_counter()
            run()
            if repeat:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def _report(
    model: str,
    photos: int,
    batch: int,
    of_photos: dict[str, list[float]],
    of_texts: dict[str, list[float]],
    least_cosine: float,
    machine: str,
) -> list[str]:
    return [
        f"# Embeddings with `{model}`",
        "",
        f"{photos} JPEG files of 3:4 and as many descriptions, batches of {batch}, median of "
        f"{len(of_photos[REFERENCE])} interleaved runs; {machine}. In bfloat16 (FASHION_DTYPE), which not every CPU "
        f"computes natively, a photo's vector has a cosine of {least_cosine:.4f} or more with that in float32.",
        "",
        *_table("photos", photos, of_photos),
        "",
        *_table("texts", photos, of_texts),
    ]


def _table(what: str, items: int, seconds: dict[str, list[float]]) -> list[str]:
    base = statistics.median(seconds[REFERENCE])
    return [
        f"| {what}, variant | {what}/s | of the bare batched loop |",
        "| --- | ---: | ---: |",
        *(
            f"| {name} | {items / statistics.median(of):,.0f} | {base / statistics.median(of):.2f} x |"
            for name, of in seconds.items()
        ),
    ]


def _parts(photos: int, seconds: dict[str, list[float]]) -> list[str]:
    return [
        "| what is left of it | photos/s |",
        "| --- | ---: |",
        *(f"| {name} | {photos / statistics.median(of):,.0f} |" for name, of in seconds.items()),
    ]


if __name__ == "__main__":
    main()
