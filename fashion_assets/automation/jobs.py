"""The jobs and schedules: what people and sensors start, by name. Which assets there are is the slices' business."""

from collections.abc import Mapping

from dagster import (
    AssetSelection,
    DefaultScheduleStatus,
    ScheduleDefinition,
    define_asset_job,
)

from fashion_assets.extraction.assets import ONLY_FAILED_TAG
from fashion_assets.quality.assets import CATALOG_QUALITY
from fashion_assets.quality.pilot.summary import PILOT
from fashion_assets.search.assets import GROUP as SEARCH

INGEST = "ingest"
BATCH = "batch_pipeline"
RETRY = "retry_failed"
INDEX = "search_index"
PILOT_FIRST = "pilot"
CATALOG = "judge_catalog"

BATCH_ASSETS = (
    "products",
    "extracted_attributes",
    "consistency_checks",
    "enriched_descriptions",
    "clip_embeddings",
)
"""Everything that is partitioned by batch, from products to vectors, in the order of the flow."""

_SELECTIONS: Mapping[str, tuple[AssetSelection, str]] = {
    INGEST: (
        AssetSelection.assets("ingested_products", "quarantined_rows", "photos", "batch_assignments"),
        "Read the source, quarantine what cannot be used, assign products to batches.",
    ),
    BATCH: (
        AssetSelection.assets(*BATCH_ASSETS),
        "One batch from products to vectors, as far as its gates admit.",
    ),
    PILOT_FIRST: (
        AssetSelection.assets(PILOT),
        "Ask about 100 products first: a verdict on prompts and model, and a forecast.",
    ),
    CATALOG: (AssetSelection.assets(CATALOG_QUALITY), "Judge all batches together."),
    INDEX: (AssetSelection.groups(SEARCH), "Build, judge and promote a new version of the search indexes."),
}


def jobs() -> list:
    """Every job: those of single stages, and a batch's again that asks only about the products that failed."""
    retry = define_asset_job(
        RETRY,
        AssetSelection.assets(*BATCH_ASSETS[1:]),
        description="Ask about a batch's failed products again, alone, and bring what is downstream in step.",
        tags={ONLY_FAILED_TAG: "true"},  # a job's config is lost in the launchpad, its tags are not
    )
    return [define_asset_job(name, of, description=why) for name, (of, why) in _SELECTIONS.items()] + [retry]


def schedules() -> list[ScheduleDefinition]:
    """Nightly work, off until somebody switches it on in the UI under Automation; times are UTC."""
    return [
        ScheduleDefinition(
            name="nightly_ingest",
            job_name=INGEST,
            cron_schedule="0 1 * * *",
            default_status=DefaultScheduleStatus.STOPPED,
            description="Reads the source every night, for sources whose changes cannot be seen from outside.",
        ),
        ScheduleDefinition(
            name="nightly_index_sync",
            job_name=INDEX,
            cron_schedule="0 4 * * *",
            default_status=DefaultScheduleStatus.STOPPED,
            description="Brings the index in step every night, whatever the sensor saw; without changes it writes "
            "nothing and judges the live version anew.",
        ),
    ]
