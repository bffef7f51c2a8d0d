"""The quality slice's assets: the pilot, which products break which rule, and the judgement of all batches together."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
from dagster import AssetCheckResult, AssetExecutionContext, MaterializeResult, MetadataValue, asset

from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.cost import summed_cost
from fashion_assets.extraction.pilot_guard import PILOTS, record_pilot
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.asset_checks import check_results, check_spec, check_specs
from fashion_assets.gates.history import WHOLE_CATALOG, record_judgements
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.instance import last_materializations
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import reporting
from fashion_assets.quality.pilot.summary import PILOT, PROCEEDS, WHY_PROCEED, judge_pilot, pilot_in_markdown
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import EXTRACTION_GATES
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.summary import batch_outcomes, outcome_counts

CATALOG_QUALITY = "catalog_quality"
EXTRACTED = "extracted_attributes"
_GROUP = "quality"
_BATCHES_SHOWN = 100
_OWNERS = ["team:ml-engineering"]


@asset(
    deps=[INGESTED_PRODUCTS.name],
    group_name=_GROUP,
    kinds={"python", "huggingface", "deltalake"},
    owners=_OWNERS,
    pool="gpu",
    metadata=table_metadata(PILOTS),
    check_specs=[check_spec(PILOT, PROCEEDS, WHY_PROCEED, is_blocking=False, partitions_def=None)],
)
def pilot_verdict(
    context: AssetExecutionContext,
    catalog: CatalogResource,
    tables: TablesResource,
    prompts: PromptsResource,
    vlm: VlmResource,
    clip: ClipResource,
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """About 100 products asked about first: may these prompts and this model describe the whole catalog?

    The verdict is PROCEED, REFINE PROMPTS or RECONSIDER; without a PROCEED no more than one batch is asked about.
    A forecast says what the full catalog would take.
    """
    from fashion_assets.quality.pilot.run import run_pilot  # NumPy: not at import of the definitions

    store, now = tables.store(), datetime.now(UTC)
    found = run_pilot(
        store.read(INGESTED_PRODUCTS),
        catalog.photos_root,
        prompts.questions(),
        vlm,
        clip.load(),
        store,
        now,
        vlm.price_per_hour,
        lambda what: reporting(what, context.log.info),
    )
    record_pilot(store, found.record)
    previewed = ("product_display_name", "article_type", "material", "pattern", "formality", "confidence_material")
    yield MaterializeResult(
        metadata={
            "verdict": found.record.verdict.value,
            "reasons": MetadataValue.md(pilot_in_markdown(found)),
            "preview": MetadataValue.md(table_preview(found.attributes, previewed, catalog.photos_root)),
            "figures": MetadataValue.json(found.record.figures),
            "prompt_version": found.record.prompt_version,
            "model_id": found.record.model_id,
        }
    )
    judgement = judge_pilot(found.record)
    record_judgements(store, PILOT, [judgement], now)
    yield from check_results(PILOT, [judgement])


@asset(
    partitions_def=BATCHES,
    group_name=_GROUP,
    kinds={"polars", "deltalake"},
    owners=_OWNERS,
    metadata=table_metadata(CONSISTENCY_CHECKS),
)
def consistency_checks(extracted_attributes: pl.DataFrame) -> MaterializeResult[pl.DataFrame]:
    """One row per product and broken rule: watches that are not metal, t-shirts that are not knit, and so on."""
    rows = broken_rules(extracted_attributes)
    return MaterializeResult(
        value=rows,
        metadata={
            "preview": MetadataValue.md(
                table_preview(rows, ["product_id", "article_type", "rule", "expected", "found"])
            ),
            "broken_by_rule": MetadataValue.json(dict(rows["rule"].value_counts().iter_rows())),
        },
    )


@asset(
    deps=[EXTRACTED],
    group_name=_GROUP,
    kinds={"polars", "deltalake"},
    owners=_OWNERS,
    check_specs=check_specs(CATALOG_QUALITY, EXTRACTION_GATES, None, is_blocking=False),
)
def catalog_quality(
    context: AssetExecutionContext, tables: TablesResource, catalog: CatalogResource, reports: ReportsResource
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """All batches together: what became of each at its gates, and the same gates over the whole catalog.

    It runs by itself when no batch is being computed, so that one stopped batch holds up nothing.
    """
    store, now = tables.store(), datetime.now(UTC)
    runs = last_materializations(context.instance, EXTRACTED, store.batches(EXTRACTED_ATTRIBUTES))
    file = reports.file(WHOLE_CATALOG, context.run.run_id)
    cost = summed_cost([run.metadata for run in runs])
    report = write_report(store, None, catalog.photos_root, file, now, context.run.run_id, reports.labels_file, cost)
    outcomes = batch_outcomes(report.verdicts)
    broken_by_rule = {one.rule: one.count for one in sorted(report.disagreements, key=lambda one: -one.count)}
    yield MaterializeResult(
        metadata={
            "batches": MetadataValue.md(table_preview(outcomes, outcomes.columns, most_rows=_BATCHES_SHOWN)),
            "batches_by_outcome": MetadataValue.json(outcome_counts(outcomes)),
            "quality_report": MetadataValue.path(file),
            "products": report.products,
            "extraction_success_rate": report.success_rate or 0.0,
            "broken_by_rule": MetadataValue.json(broken_by_rule),
            "failures_by_code": MetadataValue.json({one.code: one.count for one in report.failures}),
        }
    )
    judgements = [one.judgement for one in report.gates]
    record_judgements(store, CATALOG_QUALITY, judgements, now)
    yield from check_results(CATALOG_QUALITY, judgements)
