"""The quality gates as asset checks of `extracted_attributes`, and the verdict that they write."""

from collections.abc import Iterable
from datetime import UTC, datetime

from dagster import (
    AssetCheckExecutionContext,
    AssetCheckResult,
    AssetObservation,
    MetadataValue,
    multi_asset_check,
)

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.asset_checks import check_results, check_spec, check_specs
from fashion_assets.gates.gate import judge_all
from fashion_assets.gates.history import record_judgements
from fashion_assets.gates.regressions import (
    NO_REGRESSION,
    WHY,
    accept_figures,
    accepted_figures,
    drops,
    judge_regression,
)
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.instance import last_materialization
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import EXTRACTION_GATES
from fashion_assets.quality.rules.distributions import accept_distributions, distributions
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.overrides import find_override
from fashion_assets.quality.verdicts.verdict import judge_batch, record_verdict

ASSET = "extracted_attributes"


_SPECS = [
    *check_specs(ASSET, EXTRACTION_GATES, BATCHES),
    check_spec(ASSET, NO_REGRESSION, WHY, is_blocking=False, partitions_def=BATCHES),
]


@multi_asset_check(specs=_SPECS, name="judge_extracted_attributes")
def judge_extracted_attributes(
    context: AssetCheckExecutionContext, tables: TablesResource, catalog: CatalogResource, reports: ReportsResource
) -> Iterable[AssetCheckResult]:
    """Judge one batch by every gate, and put the verdict on record before anything downstream starts.

    The broken rules and the report are written here as well: `consistency_checks` does not run for a batch that is
    stopped, and that is when one wants to read them. Verdict and gates are on record before the report is written.
    """
    batch, store, now = context.partition_key, tables.store(), datetime.now(UTC)
    attributes = store.read(EXTRACTED_ATTRIBUTES, batch)
    judgements = judge_all(EXTRACTION_GATES, attributes)
    accepted = accepted_figures(store, batch)
    dropped = drops(EXTRACTION_GATES, judgements, accepted)
    regression = judge_regression(dropped, accepted)
    store.merge(CONSISTENCY_CHECKS, broken_rules(attributes), batch)
    record_judgements(store, ASSET, [*judgements, regression], now, batch)
    verdict = judge_batch(batch, attributes, judgements)
    record_verdict(store, verdict, now)
    override = find_override(store, batch, verdict.content_fingerprint)
    if not dropped and (verdict.passed or override):
        accept_figures(store, batch, {judgement.name: judgement.value for judgement in judgements}, now)
        accept_distributions(store, batch, distributions(attributes), now)
    yield from check_results(ASSET, judgements, override.in_words() if override else None)
    extraction = last_materialization(context.instance, ASSET, batch)
    is_of_this_run = extraction is not None and extraction.run_id == context.run.run_id
    file = reports.file(batch, context.run.run_id)
    write_report(
        store,
        batch,
        catalog.photos_root,
        file,
        now,
        context.run.run_id,
        reports.labels_file,
        extraction.metadata if is_of_this_run else None,
    )
    named = {"quality_report": MetadataValue.path(file)}
    context.op_execution_context.log_event(AssetObservation(ASSET, partition=batch, metadata=named))
    yield from check_results(ASSET, [regression], metadata=named)
