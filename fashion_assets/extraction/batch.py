"""All that is done with the photos of one batch: CLIP's vectors, the model's answers, earlier retries, second opinions.

What the steps do is in their own modules; here is their order. Pure of Dagster.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from fashion_assets.compute.tasks import Computed
from fashion_assets.extraction.cost import cost_figures
from fashion_assets.extraction.extract import ExtractedBatch, extract_batch
from fashion_assets.extraction.journal import MOST_JOURNAL_FILES, Journal
from fashion_assets.extraction.micro_batch import remembering
from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.retries import failures_by_code, keep_retried, products_to_retry, with_retried
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.models.device import peak_memory_bytes
from fashion_assets.orchestration.progress import Progress, reporting
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from fashion_assets.models.clip.encoder import ImageTextEncoder
    from fashion_assets.models.clip.resources import ClipResource


class BatchStep(StrEnum):
    """A step of `look_at_batch` whose progress is reported; the text is what people read."""

    EMBEDDING = "embedding photos"
    ASKING = "asking about photos"


class Vlm(Protocol):
    """What is needed of a VlmResource."""

    price_per_hour: float | None

    def load(self, photo_vectors=None) -> VisionLanguageModel: ...

    def describe(self) -> dict[str, str | int | float]: ...


def extract_attributes(
    batch: str,
    products: pl.DataFrame,
    photos_root: Path,
    questions: list[Question],
    vlm: Vlm,
    clip: "ClipResource",
    store: TableStore,
    only_failed: bool,
    say: Callable[[str], None],
) -> Computed:
    """What the asset does about a batch, wherever it runs: load the models, look at `products`, say what it cost.

    `say` hears of progress. Raises ModelError when a model cannot be used at all.
    """
    device = vlm.describe()
    with reporting(f"loading the models for {batch}", say):
        vlm.load()
        encoder = clip.load()
    looked = look_at_batch(
        products,
        store.read(EXTRACTED_ATTRIBUTES, batch),
        photos_root,
        questions,
        vlm,
        encoder,
        store,
        only_failed,
        lambda what: reporting(f"{what} of {batch}", say),
    )
    figures = {
        "extraction_success_rate": looked.rows["extraction_success"].mean(),
        "failures_by_code": failures_by_code(looked.rows),
        "device": device,
        **cost_figures(looked.usage, len(looked.rows), device, peak_memory_bytes(), vlm.price_per_hour),
    }
    return Computed(looked.rows, figures)


def look_at_batch(
    products: pl.DataFrame,
    stored: pl.DataFrame,
    photos_root: Path,
    questions: list[Question],
    vlm: Vlm,
    encoder: "ImageTextEncoder",
    store: TableStore,
    only_failed: bool,
    reporting: Callable[[BatchStep], AbstractContextManager[Progress]],
) -> ExtractedBatch:
    """The rows of `product_extracted_attributes` for `products`, one each, and what they cost.

    `stored` are the batch's rows as they are; with `only_failed`, products whose stored row is good are not asked
    about. `reporting` opens a progress report under a name. Raises ModelError when a model cannot be used at all.
    """
    from fashion_assets.extraction.backends.zero_shot.scoring import with_second_opinions, zero_shot_labels
    from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors

    vlm.load({})  # what cannot be loaded is said at once, not after the photos were embedded
    started = time.perf_counter()
    with reporting(BatchStep.EMBEDDING) as progress:
        readable = products.filter(pl.col("photo_status") == "ok")
        photos = photo_vectors(photo_paths(readable, photos_root), encoder, store, progress)
    embedding_seconds = time.perf_counter() - started

    asked = products_to_retry(products, stored, questions) if only_failed else products
    model = vlm.load(photos.vectors)
    with (
        remembering(model, str(vlm.describe()["device_name"]), store),
        reporting(BatchStep.ASKING) as progress,
    ):
        batch = extract_batch(asked, photos_root, questions, model, Journal(store), progress)
    batch.usage.embedding_seconds = embedding_seconds
    batch.usage.seconds += embedding_seconds
    store.compact_if_fragmented(RESPONSE_JOURNAL, MOST_JOURNAL_FILES)

    if only_failed:
        rows = with_retried(products, stored, batch.rows, questions)
    else:
        rows = keep_retried(batch.rows, stored, questions)
    return replace(batch, rows=with_second_opinions(rows, photos.vectors, zero_shot_labels(encoder), questions))
