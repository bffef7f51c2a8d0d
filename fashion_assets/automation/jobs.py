"""The jobs and schedules that people and sensors start, by name. The slices declare the assets."""

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
    """All jobs; those of a batch have the assets of `flow`."""
    return [
        define_asset_job(
            INGEST,
            AssetSelection.assets(*(table.asset for table in INGESTED)),
            description="Read the source, quarantine unusable rows, assign products to batches.",
        ),
        define_asset_job(
            BATCH,
            AssetSelection.assets(*flow.assets),
            description="One batch from products to vectors, unless a gate stops it.",
        ),
        define_asset_job(
            PILOT_FIRST,
            AssetSelection.assets(PILOTS.asset),
            description="Infer for about 100 products first: a verdict on prompts and model, and a forecast.",
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
            description="Infer again for a batch's failed products only, and update the downstream assets.",
            tags={ONLY_FAILED_TAG: "true"},  # the launchpad drops a job's config, but not its tags
        ),
    ]


def schedules() -> list[ScheduleDefinition]:
    """Nightly schedules, off until they are switched on in the UI under Automation; times are UTC."""
    return [
        ScheduleDefinition(
            name="nightly_ingest",
            job_name=INGEST,
            cron_schedule="0 1 * * *",
            default_status=DefaultScheduleStatus.STOPPED,
            description="Reads the source every night, for sources whose changes the sensor cannot detect.",
        ),
        ScheduleDefinition(
            name="nightly_index_sync",
            job_name=INDEX,
            cron_schedule="0 4 * * *",
            default_status=DefaultScheduleStatus.STOPPED,
            description="Syncs the index every night, independently of the sensor; without changes it only judges the "
            "live version again.",
        ),
    ]
