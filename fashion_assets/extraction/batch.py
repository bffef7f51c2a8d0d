"""The extraction of one batch in order: CLIP's vectors, the model's answers, earlier retries, second opinions.

Each step has its own module. Free of Dagster.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.compute.tasks import Computed
from fashion_assets.extraction.cost import cost_figures
from fashion_assets.extraction.extract import (
    ExtractedBatch,
    KnownAnswers,
    extract_batch,
    known_answers,
    readable_of,
)
from fashion_assets.extraction.journal import MOST_JOURNAL_FILES, Journal
from fashion_assets.extraction.micro_batch import remembering
from fashion_assets.extraction.model import ModelIdentity, NeverAsked, VisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.retries import failures_by_code, keep_retried, products_to_retry, with_retried
from fashion_assets.extraction.stated import with_stated_values
from fashion_assets.extraction.tables import RESPONSE_JOURNAL, attributes_table
from fashion_assets.models.device import peak_memory_bytes
from fashion_assets.orchestration.progress import Progress, reporting
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    import numpy as np

    from fashion_assets.models.clip.encoder import ImageTextEncoder
    from fashion_assets.models.clip.photo_vectors import PhotoVectors

Reporting = Callable[[str], AbstractContextManager[Progress]]
"""Opens a progress report under a name."""


class Vlm(Protocol):
    """The part of a VlmResource that is used here."""

    price_per_hour: float | None

    def load(self, photo_vectors: "Mapping[str, np.ndarray] | None" = None) -> VisionLanguageModel: ...

    def identity(self) -> ModelIdentity: ...

    def describe(self) -> dict[str, str | int | float]: ...


class Clip(Protocol):
    """The part of a ClipResource that is used here."""

    def load(self) -> "ImageTextEncoder": ...


@dataclass(frozen=True)
class ExtractionModels:
    """The questions, the model that answers them, and the model for second opinions; loaded when first needed."""

    questions: Sequence[Question]
    vlm: Vlm
    clip: Clip
    shop: ShopProfile = SHIPPED


@dataclass(frozen=True)
class ExtractionSetup:
    """Everything that the extraction needs besides the products: the models, and where answers and photos are."""

    questions: Sequence[Question]
    vlm: Vlm
    encoder: "ImageTextEncoder"
    store: TableStore
    photos_root: Path
    shop: ShopProfile = SHIPPED


def extract_attributes(
    batch: BatchContext, products: pl.DataFrame, models: ExtractionModels, *, only_failed: bool
) -> Computed:
    """The work of the asset on one batch, wherever it runs: load the models, describe `products`, report the cost.

    With `only_failed`, products whose stored row succeeded are skipped. Raises ModelError if a model cannot be used at
    all.
    """
    device = models.vlm.describe()
    with reporting(f"loading CLIP for {batch.key}", batch.log):
        encoder = models.clip.load()
    extracted = look_at_batch(
        ExtractionSetup(models.questions, models.vlm, encoder, batch.store, batch.photos_root, models.shop),
        products,
        lambda what: reporting(f"{what} of {batch.key}", batch.log),
        stored=batch.store.read(attributes_table(models.shop.taxonomy), batch.key),
        only_failed=only_failed,
    )
    figures = {
        "extraction_success_rate": extracted.rows["extraction_success"].mean(),
        "failures_by_code": failures_by_code(extracted.rows, models.shop.taxonomy),
        "device": device,
        **cost_figures(extracted.usage, len(extracted.rows), device, peak_memory_bytes(), models.vlm.price_per_hour),
    }
    return Computed(extracted.rows, figures)


def look_at_batch(
    setup: ExtractionSetup,
    products: pl.DataFrame,
    reporting: Reporting,
    *,
    stored: pl.DataFrame | None = None,
    only_failed: bool = False,
    on_asked: Progress | None = None,
) -> ExtractedBatch:
    """The rows of `product_extracted_attributes` for `products`, one each, and what they cost.

    `stored` are the batch's present rows; with `only_failed`, products whose stored row succeeded are skipped.
    `on_asked` is called with the number of photos done and of all photos, like the progress of the inference. The
    model is loaded only if an answer is missing. Raises ModelError if a model cannot be used at all.
    """
    from fashion_assets.extraction.backends.zero_shot.scoring import with_second_opinions, zero_shot_labels

    questions, taxonomy = setup.questions, setup.shop.taxonomy
    stored = pl.DataFrame(schema=attributes_table(taxonomy).row_schema) if stored is None else stored
    asked = products_to_retry(products, stored, questions) if only_failed else products
    known = known_answers(readable_of(asked), questions, setup.vlm.identity(), Journal(setup.store))
    if known.are_missing:
        with reporting("loading the model"):
            setup.vlm.load({})  # so that a failure shows at once, not after the photos were embedded
    started = time.perf_counter()
    with reporting("embedding photos") as progress:
        photos = _photo_vectors(setup, products, progress)
    embedding_seconds = time.perf_counter() - started

    batch = _ask(setup, asked, known, photos, reporting, on_asked)
    batch.usage.embedding_seconds = embedding_seconds
    batch.usage.seconds += embedding_seconds
    setup.store.compact_if_fragmented(RESPONSE_JOURNAL, MOST_JOURNAL_FILES)

    if only_failed:
        rows = with_retried(products, stored, batch.rows, questions, taxonomy)
    else:
        rows = keep_retried(batch.rows, stored, questions)
    labels = zero_shot_labels(setup.encoder, taxonomy, setup.store)
    judged = with_second_opinions(rows, photos.vectors, labels, questions)
    return replace(batch, rows=with_stated_values(judged, products, setup.shop))


def _photo_vectors(setup: ExtractionSetup, products: pl.DataFrame, progress: Progress) -> "PhotoVectors":
    """CLIP's vectors of the products' readable photos."""
    from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors

    return photo_vectors(photo_paths(readable_of(products), setup.photos_root), setup.encoder, setup.store, progress)


def _ask(
    setup: ExtractionSetup,
    products: pl.DataFrame,
    known: KnownAnswers,
    photos: "PhotoVectors",
    reporting: Reporting,
    on_asked: Progress | None,
) -> ExtractedBatch:
    """The model's rows for `products`; a micro-batch that did not fit is recorded for the next run."""
    model = setup.vlm.load(photos.vectors) if known.are_missing else NeverAsked(setup.vlm.identity())
    with (
        remembering(model, str(setup.vlm.describe()["device_name"]), setup.store),
        reporting("asking about photos") as progress,
    ):

        def moved(done: int, total: int) -> None:
            progress(done, total)
            if on_asked is not None:
                on_asked(done, total)

        return extract_batch(
            products, setup.photos_root, setup.questions, model, Journal(setup.store), moved, setup.shop.taxonomy, known
        )
