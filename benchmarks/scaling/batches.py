"""What the assets of one batch do, in their order, without Dagster: pure functions, and the tables that they use."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.scaling.models import IDENTITY, SimulatedEncoder, SimulatedVlmResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.embeddings.checks import judge_vectors
from fashion_assets.embeddings.embed import embed_batch
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.embeddings.vectors import vector_problems
from fashion_assets.enrichment.describe import MATERIAL_COVERAGE, describe
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.batch import ExtractionSetup, look_at_batch
from fashion_assets.extraction.pilot_guard import PilotGuard
from fashion_assets.extraction.questions import default_prompts_folder, load_questions, prompts_version
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.gate import judge_all
from fashion_assets.gates.history import record_judgements
from fashion_assets.gates.regressions import accept_figures, accepted_figures, drops, judge_regression
from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.quality.labels.corrections import current_corrections
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.overrides import find_override
from fashion_assets.quality.verdicts.verdict import judge_batch, record_verdict, require_passed
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.store import TableStore

QUESTIONS = load_questions(default_prompts_folder())
ENCODER = SimulatedEncoder()
IMAGE_WEIGHT = 0.5


def products(store: TableStore, batch: str, photos: Path) -> None:
    """`products`."""
    rows = store.read(INGESTED_PRODUCTS, batch)
    table_preview(rows, ["product_id", "product_display_name", "article_type", "base_color"], photos)
    store.merge(PRODUCTS, rows, batch)


def extract(store: TableStore, batch: str, photos: Path) -> None:
    """`extracted_attributes`: the pilot is looked up, photos are opened, answers are inferred and journalled."""
    rows, stored = store.read(PRODUCTS, batch), store.read(EXTRACTED_ATTRIBUTES, batch)
    guard = PilotGuard.of(store, prompts_version(QUESTIONS), IDENTITY.model_id)
    if guard.refuses(batch, is_backfill=True):
        raise guard.refusal()
    vlm = SimulatedVlmResource(dict(rows.select("photo_sha256", "article_type").iter_rows()))
    setup = ExtractionSetup(QUESTIONS, vlm, ENCODER, store, photos)
    extracted = look_at_batch(setup, rows, _silently, stored=stored)
    table_preview(
        extracted.rows, ["product_display_name", "material", "pattern", "formality", "extraction_errors"], photos
    )
    store.merge(EXTRACTED_ATTRIBUTES, extracted.rows, batch)


def judge(store: TableStore, batch: str, photos: Path) -> None:
    """The gates, the verdict, the broken rules and the batch's report, as `judge_extracted_attributes` does."""
    now = datetime.now(UTC)
    attributes = store.read(EXTRACTED_ATTRIBUTES, batch)
    judgements = judge_all(extraction_gates(SHIPPED), attributes)
    accepted = accepted_figures(store, batch)
    dropped = drops(extraction_gates(SHIPPED), judgements, accepted)
    store.merge(CONSISTENCY_CHECKS, broken_rules(attributes), batch)
    record_judgements(store, EXTRACTED_ATTRIBUTES.asset, [*judgements, judge_regression(dropped, accepted)], now, batch)
    verdict = judge_batch(batch, attributes, judgements)
    record_verdict(store, verdict, now)
    find_override(store, batch, verdict.content_fingerprint)
    accept_figures(store, batch, {judgement.name: judgement.value for judgement in judgements}, now)
    accept_distributions(store, batch, distributions(attributes), now)
    write_report(store, batch, photos, Path(store.uri).with_name("reports") / f"{batch}.html", now)


def enrich(store: TableStore, batch: str, photos: Path) -> None:
    """`enriched_descriptions` and its check."""
    attributes = store.read(EXTRACTED_ATTRIBUTES, batch)
    require_passed(store, batch, attributes)
    rows = describe(attributes, store.read(CONSISTENCY_CHECKS, batch), current_corrections(store))
    table_preview(rows, ["baseline_description", "rich_text_description"], photos)
    store.merge(ENRICHED_DESCRIPTIONS, rows, batch)
    judgements = judge_all([MATERIAL_COVERAGE], store.read(ENRICHED_DESCRIPTIONS, batch))
    record_judgements(store, ENRICHED_DESCRIPTIONS.asset, judgements, datetime.now(UTC), batch)


def embed(store: TableStore, batch: str, photos: Path) -> None:
    """`clip_embeddings` and its checks; the photos' vectors are there since the extraction."""
    described = store.read(ENRICHED_DESCRIPTIONS, batch)
    require_passed(store, batch, store.read(EXTRACTED_ATTRIBUTES, batch))
    vectors = photo_vectors(photo_paths(described, photos), ENCODER, store)
    stored, now = store.read(EMBEDDINGS, batch), datetime.now(UTC)
    rows = embed_batch(described, vectors, ENCODER, stored, IMAGE_WEIGHT, now).rows
    table_preview(rows, ["product_display_name", "embedded_text"], photos)
    store.merge(EMBEDDINGS, rows, batch)
    readable = described.filter(pl.col("photo_status") == "ok")["product_id"].to_list()
    problems = vector_problems(store.read(EMBEDDINGS, batch), list(VECTOR_COLUMNS), readable)
    record_judgements(store, EMBEDDINGS.asset, judge_vectors(problems, len(readable)), now, batch)


STEPS: Mapping[str, Callable[[TableStore, str, Path], None]] = {
    "products": products,
    "extraction": extract,
    "gates, verdict and report": judge,
    "enrichment": enrich,
    "embeddings": embed,
}
"""The stages that run once a batch, in order."""


@contextmanager
def _silently(what: str):
    yield lambda done, total: None
