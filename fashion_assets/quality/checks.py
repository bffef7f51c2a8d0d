"""The quality gates as asset checks of `extracted_attributes`, and the verdict that they write."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetChecksDefinition,
    AssetObservation,
    DagsterInstance,
    MetadataValue,
    ResourceParam,
    multi_asset_check,
)

from fashion_assets.catalog.product_names import shop_ids
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
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.verdicts.judged_batch import judge_attributes, record
from fashion_assets.shop.profile import ShopProfile

_JUDGED = EXTRACTED_ATTRIBUTES.asset


def extraction_checks(profile: ShopProfile) -> AssetChecksDefinition:
    """The checks of all gates of this profile, in one: Dagster must know their names before a run."""

    @multi_asset_check(
        specs=[
            *check_specs(_JUDGED, extraction_gates(profile), BATCHES),
            check_spec(_JUDGED, NO_REGRESSION, WHY, is_blocking=False, partitions_def=BATCHES),
        ],
        name="judge_extracted_attributes",
    )
    def judge_extracted_attributes(
        context: AssetCheckExecutionContext,
        shop: ResourceParam[ShopProfile],
        tables: TablesResource,
        catalog: CatalogResource,
        reports: ReportsResource,
    ) -> Iterable[AssetCheckResult]:
        """Judge one batch by every gate, and record the verdict before anything downstream starts.

        The broken rules and the report are written here as well: `consistency_checks` does not run for a stopped
        batch, which is when people want to read them. Verdict and gates are recorded before the report is written.
        """
        store, now, run_id = tables.store(), datetime.now(UTC), context.run.run_id
        judged = judge_attributes(store, context.partition_key, shop)
        record(store, judged, now)
        override = judged.override.in_words() if judged.override else None
        yield from check_results(_JUDGED, judged.judgements, override, name_products=partial(shop_ids, store))
        file, cost = reports.file(judged.batch, run_id), _cost_in_run(context.instance, judged.batch, run_id)
        labels, photos = reports.labels_file, catalog.photos_root
        write_report(store, judged.batch, photos, file, now, run_id, labels, cost, shop)
        report: AssetMetadata = {"quality_report": MetadataValue.path(file)}
        context.op_execution_context.log_event(AssetObservation(_JUDGED, partition=judged.batch, metadata=report))
        yield from check_results(_JUDGED, [judged.regression], metadata=report)

    return judge_extracted_attributes


def _cost_in_run(instance: DagsterInstance, batch: str, run_id: str) -> Mapping[str, object] | None:
    """What the extraction noted of its cost; None where the rows are those of an earlier run."""
    extraction = last_materialization(instance, _JUDGED, batch)
    return extraction.metadata if extraction is not None and extraction.run_id == run_id else None
