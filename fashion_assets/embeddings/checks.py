"""The embeddings' checks: vectors are well-formed, and readable photos have one."""

from datetime import UTC, datetime
from functools import partial

import polars as pl
from dagster import AssetCheckExecutionContext, multi_asset_check

from fashion_assets.catalog.product_names import shop_ids
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.embeddings.vectors import MIN_COVERAGE, VectorProblems, vector_problems
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.gates.asset_checks import check_results, check_spec
from fashion_assets.gates.gate import Judgement, judge_condition
from fashion_assets.gates.history import record_judgements
from fashion_assets.models.clip.vectors import NORM_TOLERANCE
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource

WELL_FORMED = "vectors_are_well_formed"
COVERED = "readable_photos_are_embedded_for_at_least_99_9_percent"

_SPECS = [
    check_spec(
        EMBEDDINGS.asset,
        WELL_FORMED,
        f"Every vector is finite and within {NORM_TOLERANCE} of length 1, and all have the same dimension.",
        is_blocking=True,
        partitions_def=BATCHES,
    ),
    check_spec(
        EMBEDDINGS.asset,
        COVERED,
        "Every readable photo has a vector. Only a warning: a product without one is still found by text.",
        is_blocking=False,
        partitions_def=BATCHES,
    ),
]


@multi_asset_check(specs=_SPECS, name="judge_clip_embeddings")
def judge_clip_embeddings(context: AssetCheckExecutionContext, tables: TablesResource):
    """Judge the vectors of one batch."""
    store, batch = tables.store(), context.partition_key
    described = store.read(ENRICHED_DESCRIPTIONS, batch, ["product_id", "photo_status"])
    readable = described.filter(pl.col("photo_status") == "ok")["product_id"].to_list()
    problems = vector_problems(store.read(EMBEDDINGS, batch), list(VECTOR_COLUMNS), readable)
    judgements = judge_vectors(problems, len(readable))
    record_judgements(store, EMBEDDINGS.asset, judgements, datetime.now(UTC), batch)
    yield from check_results(EMBEDDINGS.asset, judgements, name_products=partial(shop_ids, store))


def judge_vectors(problems: VectorProblems, readable_photos: int) -> list[Judgement]:
    """The two judgements on a batch's vectors."""
    malformed = problems.not_finite + problems.wrong_norm
    return [
        judge_condition(
            WELL_FORMED,
            problems.is_well_formed,
            f"{problems.not_finite} of {problems.vectors} vectors are not finite, {problems.wrong_norm} are not of "
            f"length 1, dimensions are {list(problems.dimensions)}.",
            value=1 - malformed / problems.vectors if problems.vectors else None,
            threshold=1.0,
            counted=problems.vectors - malformed,
            applicable=problems.vectors,
            sample_ids=problems.malformed_ids,
        ),
        judge_condition(
            COVERED,
            problems.is_covered,
            f"{problems.coverage:.2%} of {readable_photos} readable photos have vectors, {MIN_COVERAGE:.1%} must.",
            is_blocking=False,
            value=problems.coverage,
            threshold=MIN_COVERAGE,
            counted=readable_photos - round((1 - problems.coverage) * readable_photos),
            applicable=readable_photos,
            sample_ids=problems.uncovered_ids,
        ),
    ]
