"""The automation's Dagster definitions: jobs, schedules and sensors over the assets of the slices."""

from dagster import Definitions

from fashion_assets.automation import sensors
from fashion_assets.automation.batch_flow import batch_flow
from fashion_assets.automation.jobs import jobs, schedules


def definitions(slices: Definitions) -> Definitions:
    """The jobs of the assets in `slices`, with the schedules and sensors that start them."""
    return Definitions(
        jobs=jobs(batch_flow(slices)),
        schedules=schedules(),
        sensors=[
            sensors.source_changes,
            sensors.changed_batches,
            sensors.lost_runs,
            sensors.index_follows_embeddings,
            sensors.catalog_follows_batches,
            sensors.alerts,
        ],
    )
