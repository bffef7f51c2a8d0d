"""Tables as after a run of all batches except the measured ones: the real rows of one batch, written for every batch.

One batch goes through the real steps in a store of its own; its rows are the model for the others', which get their own
products, photos, keys and vectors. They are appended in commits of many batches, journal and photo vectors in one
commit a batch; the journal is compacted as often as a backfill would. A real backfill leaves more and smaller commits.
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.scaling.batches import QUESTIONS, STEPS
from benchmarks.scaling.catalog import PHOTO_FOLDER, batches_before
from benchmarks.scaling.models import DIMENSION, IDENTITY
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.journal import MOST_JOURNAL_FILES
from fashion_assets.extraction.pilot_guard import PilotRecord, PilotVerdict, record_pilot
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.gates.history import ACCEPTED_FIGURES, GATE_HISTORY
from fashion_assets.models.clip.photo_vectors import MOST_VECTOR_FILES
from fashion_assets.models.clip.tables import PHOTO_VECTORS
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.orchestration.batches import BATCH_SIZE
from fashion_assets.quality.tables import ACCEPTED_DISTRIBUTIONS, BATCH_VERDICTS, CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.verdict import attributes_fingerprint
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

_AT_ONCE = 20
_BY_PRODUCT = (PRODUCTS, EXTRACTED_ATTRIBUTES, ENRICHED_DESCRIPTIONS, EMBEDDINGS)
_BY_BATCH = (ACCEPTED_FIGURES, ACCEPTED_DISTRIBUTIONS, GATE_HISTORY)
_COMMITS_TO_A_CHECKPOINT = 100
"""Delta's own rule: a backfill of more batches leaves a log that begins with a checkpoint."""

_CLUSTERS = 2_000
_NOISE = 0.7


def fill(home: Path, store: TableStore, products: int) -> None:
    """Write what every batch before the measured ones leaves behind, and a pilot that decided PROCEED."""
    record_pilot(store, _pilot())
    before = batches_before(products)
    if not before:
        return
    model = run_alone(home / "model", home / PHOTO_FOLDER, store, before[0])
    rng = np.random.default_rng(1)
    centres = normalise(rng.standard_normal((_CLUSTERS, DIMENSION)))
    ingested = store.read(INGESTED_PRODUCTS).partition_by(BATCH, as_dict=True)
    for start in range(0, len(before), _AT_ONCE):
        group = {batch: ingested[batch,] for batch in before[start : start + _AT_ONCE]}
        rows = pl.concat(group.values())
        vectors = {name: _near(centres, len(rows), rng) for name in VECTOR_COLUMNS}
        for table in _BY_PRODUCT:
            filled = _like(model.read(table, before[0]), rows)
            if table is EMBEDDINGS:
                filled = filled.with_columns(**vectors)
            store.append(table, filled)
            if table is EXTRACTED_ATTRIBUTES:
                _judge(model, store, filled)
        for table in _BY_BATCH:
            rows_of_table = model.read(table, before[0])
            store.append(table, pl.concat(rows_of_table.with_columns(pl.lit(batch).alias(BATCH)) for batch in group))
        _break_rules(model, store, group)
        _ask(model, store, before[0], group, vectors["image_embedding"])
    if len(before) >= _COMMITS_TO_A_CHECKPOINT:
        for table in (*_BY_PRODUCT, *_BY_BATCH, CONSISTENCY_CHECKS, BATCH_VERDICTS):
            store.ensure(table).create_checkpoint()


def run_alone(folder: Path, photos: Path, store: TableStore, batch: str) -> TableStore:
    """One batch of `store` through every step, in tables of its own in `folder`."""
    alone = TableStore(str(folder))
    record_pilot(alone, _pilot())
    alone.merge(INGESTED_PRODUCTS, store.read(INGESTED_PRODUCTS, batch), batch)
    for step in STEPS.values():
        step(alone, batch, photos)
    return alone


def _pilot() -> PilotRecord:
    return PilotRecord(
        prompts_version(QUESTIONS), IDENTITY.model_id, PilotVerdict.PROCEED, ("simulated",), datetime.now(UTC)
    )


def _like(of_model: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """The model batch's rows over and over, with the columns that `products` have as they are there."""
    repeated = of_model[np.arange(len(products)) % len(of_model)]
    return repeated.with_columns(products[name] for name in products.columns if name in of_model.columns)


def _near(centres: np.ndarray, count: int, rng: np.random.Generator) -> pl.Series:
    noise = rng.standard_normal((count, DIMENSION), dtype=np.float32) * (_NOISE / np.sqrt(DIMENSION))
    vectors = normalise(centres[rng.integers(len(centres), size=count)] + noise)
    return pl.Series(vectors).cast(pl.List(pl.Float32))


def _judge(model: TableStore, store: TableStore, attributes: pl.DataFrame) -> None:
    """A verdict on each batch's own rows: it binds to their content."""
    verdict = model.read(BATCH_VERDICTS).head(1)
    store.append(
        BATCH_VERDICTS,
        pl.concat(
            verdict.with_columns(
                pl.lit(batch).alias(BATCH), pl.lit(attributes_fingerprint(rows)).alias("content_fingerprint")
            )
            for (batch,), rows in attributes.partition_by(BATCH, as_dict=True).items()
        ),
    )


def _break_rules(model: TableStore, store: TableStore, group: dict[str, pl.DataFrame]) -> None:
    broken = model.read(CONSISTENCY_CHECKS)
    first = broken["product_id"].min()
    store.append(
        CONSISTENCY_CHECKS,
        pl.concat(
            broken.with_columns(
                (pl.col("product_id") - first + rows["product_id"].min()).alias("product_id"),
                pl.lit(batch).alias(BATCH),
            )
            for batch, rows in group.items()
        ),
    )


def _ask(
    model: TableStore, store: TableStore, model_batch: str, group: dict[str, pl.DataFrame], vectors: pl.Series
) -> None:
    """Answers and photo vectors of every batch, as many files as a compacted journal has."""
    model_photos = model.read(PRODUCTS, model_batch, ["product_id", "photo_sha256"]).with_row_index("at")
    answers = model.read(RESPONSE_JOURNAL).join(model_photos, on="photo_sha256").drop("photo_sha256", "product_id")
    photo_vector = model.read(PHOTO_VECTORS).head(1)
    for number, rows in enumerate(group.values()):
        photos = rows.select("photo_sha256").with_row_index("at")
        turned = pl.col("photo_sha256").str.reverse() + pl.col("question_id")
        store.append(RESPONSE_JOURNAL, answers.join(photos, on="at").with_columns(content_key=turned))
        store.append(
            PHOTO_VECTORS,
            photo_vector[np.zeros(len(rows), dtype=int)].with_columns(
                rows["photo_sha256"],
                vectors.slice(number * BATCH_SIZE, len(rows)).alias("embedding"),
                pl.lit(datetime.now(UTC)).alias("made_at"),
            ),
        )
    store.compact_if_fragmented(RESPONSE_JOURNAL, MOST_JOURNAL_FILES)
    store.compact_if_fragmented(PHOTO_VECTORS, MOST_VECTOR_FILES)
