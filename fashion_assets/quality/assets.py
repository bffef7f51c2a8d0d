"""The quality assets: the pilot, which products break which rule, and the judgement of all batches together."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)

from fashion_assets.catalog.product_names import shop_ids
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.assets import ExtractionResources
from fashion_assets.extraction.cost import summed_cost
from fashion_assets.extraction.pilot_guard import PILOTS, record_pilot
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.asset_checks import check_results, check_spec, check_specs
from fashion_assets.gates.history import GATE_HISTORY, WHOLE_CATALOG, record_judgements
from fashion_assets.orchestration.asset_metadata import AssetMetadata
from fashion_assets.orchestration.batches import BATCHES
from fashion_assets.orchestration.io_manager import TablesResource, table_metadata
from fashion_assets.orchestration.materializations import last_materializations
from fashion_assets.orchestration.previews import table_preview
from fashion_assets.orchestration.progress import reporting
from fashion_assets.quality.pilot.summary import PROCEEDS, WHY_PROCEED, judge_pilot, pilot_in_markdown
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import consistency_rules, extraction_gates
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts.summary import batch_outcomes, outcome_counts
from fashion_assets.shop.limits import PilotLimits
from fashion_assets.shop.profile import ShopProfile

if TYPE_CHECKING:
    from fashion_assets.quality.pilot.run import Pilot
    from fashion_assets.quality.report.contents import QualityReport

CATALOG_QUALITY = "catalog_quality"
_GROUP = "quality"
_BATCHES_SHOWN = 100
_OWNERS = ["team:ml-engineering"]
_PREVIEWED = ("product_display_name", "article_type", "material", "pattern", "formality", "confidence_material")


@asset(
    deps=[INGESTED_PRODUCTS.asset],
    group_name=_GROUP,
    kinds={"python", "huggingface", "deltalake"},
    owners=_OWNERS,
    pool="gpu",
    metadata=table_metadata(PILOTS),
    check_specs=[check_spec(PILOTS.asset, PROCEEDS, WHY_PROCEED, is_blocking=False, partitions_def=None)],
)
def pilot_verdict(
    context: AssetExecutionContext, extraction: ResourceParam[ExtractionResources], shop: ResourceParam[ShopProfile]
) -> Iterator[MaterializeResult | AssetCheckResult]:
    """A pilot on about 100 products: may these prompts and this model describe the whole catalog?

    The verdict is PROCEED, REFINE PROMPTS or RECONSIDER; without PROCEED no more than one batch is described. A
    forecast estimates what the full catalog would take.
    """
    from fashion_assets.quality.pilot.run import run_pilot  # NumPy: not at import of the definitions

    setup, now = extraction.setup(), datetime.now(UTC)
    products = setup.store.read(INGESTED_PRODUCTS)
    pilot = run_pilot(products, setup, now, lambda what: reporting(what, context.log.info), shop)
    record_pilot(setup.store, pilot.record)
    yield MaterializeResult(metadata=_pilot_metadata(pilot, setup.photos_root, shop.limits.pilot))
    judgement = judge_pilot(pilot.record)
    record_judgements(setup.store, PILOTS.asset, [judgement], now)
    yield from check_results(PILOTS.asset, [judgement])


def _pilot_metadata(pilot: "Pilot", photos_root: Path, limits: PilotLimits) -> AssetMetadata:
    return {
        "verdict": pilot.record.verdict.value,
        "reasons": MetadataValue.md(pilot_in_markdown(pilot, limits)),
        "preview": MetadataValue.md(table_preview(pilot.attributes, _PREVIEWED, photos_root)),
        "figures": MetadataValue.json(pilot.record.figures),
        "prompt_version": pilot.record.prompt_version,
        "model_id": pilot.record.model_id,
    }


@asset(
    partitions_def=BATCHES,
    group_name=_GROUP,
    kinds={"polars", "deltalake"},
    owners=_OWNERS,
    metadata=table_metadata(CONSISTENCY_CHECKS),
)
def consistency_checks(
    extracted_attributes: pl.DataFrame, shop: ResourceParam[ShopProfile]
) -> MaterializeResult[pl.DataFrame]:
    """One row per product and broken rule: watches that are not metal, t-shirts that are not knit, and so on."""
    rows = broken_rules(extracted_attributes, consistency_rules(shop))
    return MaterializeResult(
        value=rows,
        metadata={
            "preview": MetadataValue.md(
                table_preview(rows, ["product_id", "article_type", "rule", "expected", "found"])
            ),
            "broken_by_rule": MetadataValue.json(dict(rows["rule"].value_counts().iter_rows())),
        },
    )


def catalog_quality_of(profile: ShopProfile) -> AssetsDefinition:
    """The asset `catalog_quality` with the gates of this profile: Dagster must know their names before a run."""

    @asset(
        name=CATALOG_QUALITY,
        deps=[EXTRACTED_ATTRIBUTES.asset],
        group_name=_GROUP,
        kinds={"polars", "deltalake"},
        owners=_OWNERS,
        metadata=table_metadata(GATE_HISTORY),
        check_specs=check_specs(CATALOG_QUALITY, extraction_gates(profile), None, is_blocking=False),
    )
    def catalog_quality(
        context: AssetExecutionContext,
        shop: ResourceParam[ShopProfile],
        tables: TablesResource,
        catalog: CatalogResource,
        reports: ReportsResource,
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        """All batches together: the outcome of each at its gates, and the same gates over the whole catalog.

        It runs on its own when no batch is being computed, so that a stopped batch delays nothing.
        """
        store, now, run_id = tables.store(), datetime.now(UTC), context.run.run_id
        batches = store.batches(EXTRACTED_ATTRIBUTES)
        runs = last_materializations(context.instance, EXTRACTED_ATTRIBUTES.asset, batches)
        cost = summed_cost([run.metadata for run in runs])
        file, labels = reports.file(WHOLE_CATALOG, run_id), reports.labels_file
        report = write_report(store, None, catalog.photos_root, file, now, run_id, labels, cost, shop)
        yield MaterializeResult(metadata={"quality_report": MetadataValue.path(file), **_catalog_metadata(report)})
        judgements = [gate.judgement for gate in report.gates]
        record_judgements(store, CATALOG_QUALITY, judgements, now)
        yield from check_results(CATALOG_QUALITY, judgements, name_products=partial(shop_ids, store))

    return catalog_quality


def _catalog_metadata(report: "QualityReport") -> AssetMetadata:
    outcomes = batch_outcomes(report.verdicts)
    disagreements = sorted(report.disagreements, key=lambda disagreement: -disagreement.count)
    return {
        "batches": MetadataValue.md(table_preview(outcomes, outcomes.columns, most_rows=_BATCHES_SHOWN)),
        "batches_by_outcome": MetadataValue.json(outcome_counts(outcomes)),
        "products": report.products,
        "extraction_success_rate": report.success_rate or 0.0,
        "broken_by_rule": MetadataValue.json({broken.rule: broken.count for broken in disagreements}),
        "failures_by_code": MetadataValue.json({failure.code: failure.count for failure in report.failures}),
    }
