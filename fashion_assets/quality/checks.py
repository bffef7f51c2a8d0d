"""The quality gates as asset checks of `extracted_attributes`, and the verdict that they write."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetObservation,
    DagsterInstance,
    MetadataValue,
    multi_asset_check,
)

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.asset_checks import check_results, check_spec, check_specs
from fashion_assets.gates.regressions import NO_REGRESSION, WHY
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.materializations import last_materialization
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.quality.rules.declarations import EXTRACTION_GATES
from fashion_assets.quality.verdicts.judged_batch import judge_attributes, record

_JUDGED = EXTRACTED_ATTRIBUTES.asset


@multi_asset_check(
    specs=[
        *check_specs(_JUDGED, EXTRACTION_GATES, BATCHES),
        check_spec(_JUDGED, NO_REGRESSION, WHY, is_blocking=False, partitions_def=BATCHES),
    ],
    name="judge_extracted_attributes",
)
def judge_extracted_attributes(
    context: AssetCheckExecutionContext, tables: TablesResource, catalog: CatalogResource, reports: ReportsResource
) -> Iterable[AssetCheckResult]:
    """Judge one batch by every gate, and put the verdict on record before anything downstream starts.

    The broken rules and the report are written here as well: `consistency_checks` does not run for a batch that is
    stopped, and that is when one wants to read them. Verdict and gates are on record before the report is written.
    """
    store, now = tables.store(), datetime.now(UTC)
    judged = judge_attributes(store, context.partition_key)
    record(store, judged, now)
    yield from check_results(_JUDGED, judged.judgements, judged.override.in_words() if judged.override else None)

    file = reports.file(judged.batch, context.run.run_id)
    cost = _cost_in_run(context.instance, judged.batch, context.run.run_id)
    write_report(store, judged.batch, catalog.photos_root, file, now, context.run.run_id, reports.labels_file, cost)
    report: AssetMetadata = {"quality_report": MetadataValue.path(file)}
    context.op_execution_context.log_event(AssetObservation(_JUDGED, partition=judged.batch, metadata=report))
    yield from check_results(_JUDGED, [judged.regression], metadata=report)


def _cost_in_run(instance: DagsterInstance, batch: str, run_id: str) -> Mapping[str, object] | None:
    """What the extraction noted of its cost; None where the rows are those of an earlier run."""
    extraction = last_materialization(instance, _JUDGED, batch)
    return extraction.metadata if extraction is not None and extraction.run_id == run_id else None
