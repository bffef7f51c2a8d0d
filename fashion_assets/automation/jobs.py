"""The jobs and schedules: what people and sensors start, by name. Which assets there are is the slices' business."""

from typing import TYPE_CHECKING

from dagster import AssetSelection, DefaultScheduleStatus, ScheduleDefinition, define_asset_job

from fashion_assets.automation.batch_flow import BatchFlow
from fashion_assets.catalog.assets import INGESTED
from fashion_assets.extraction.pilot_guard import PILOTS
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.run_tags import ONLY_FAILED_TAG
from fashion_assets.quality.assets import CATALOG_QUALITY
from fashion_assets.search.assets import GROUP as SEARCH

if TYPE_CHECKING:
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

INGEST = "ingest"
BATCH = "batch_pipeline"
RETRY = "retry_failed"
INDEX = "search_index"
PILOT_FIRST = "pilot"
CATALOG = "judge_catalog"


def jobs(flow: BatchFlow) -> "list[UnresolvedAssetJobDefinition]":
    """Every job; those of a batch have the assets of `flow`."""
    return [
        define_asset_job(
            INGEST,
            AssetSelection.assets(*(table.asset for table in INGESTED)),
            description="Read the source, quarantine what cannot be used, assign products to batches.",
        ),
        define_asset_job(
            BATCH,
            AssetSelection.assets(*flow.assets),
            description="One batch from products to vectors, as far as its gates admit.",
        ),
        define_asset_job(
            PILOT_FIRST,
            AssetSelection.assets(PILOTS.asset),
            description="Ask about 100 products first: a verdict on prompts and model, and a forecast.",
        ),
        define_asset_job(CATALOG, AssetSelection.assets(CATALOG_QUALITY), description="Judge all batches together."),
        define_asset_job(
            INDEX,
            AssetSelection.groups(SEARCH),
            description="Build, judge and promote a new version of the search indexes.",
        ),
        define_asset_job(
            RETRY,
            AssetSelection.assets(*flow.since(EXTRACTED_ATTRIBUTES.asset)),
            description="Ask about a batch's failed products again, alone, and update what is downstream.",
            tags={ONLY_FAILED_TAG: "true"},  # a job's config is lost in the launchpad, its tags are not
        ),
    ]


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
