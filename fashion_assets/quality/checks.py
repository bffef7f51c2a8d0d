"""The quality gates as asset checks of `extracted_attributes`, and the verdict that they write."""

from collections.abc import Iterable
from datetime import UTC, datetime

from dagster import AssetCheckExecutionContext, AssetCheckResult, multi_asset_check

from fashion_assets.batches import BATCHES
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gate_checks import check_results, check_specs
from fashion_assets.gate_history import record_judgements
from fashion_assets.gates import judge_all
from fashion_assets.quality.consistency import broken_rules
from fashion_assets.quality.rules import EXTRACTION_GATES
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.quality.verdicts import decide, record_verdict
from fashion_assets.storage.io_manager import TablesResource

ASSET = "extracted_attributes"


@multi_asset_check(specs=check_specs(ASSET, EXTRACTION_GATES, BATCHES), name="judge_extracted_attributes")
def judge_extracted_attributes(
    context: AssetCheckExecutionContext, tables: TablesResource
) -> Iterable[AssetCheckResult]:
    """Judge one batch by every gate, and put the verdict on record before anything downstream starts.

    The broken rules are written here as well: `consistency_checks` does not run for a batch that is stopped, and that
    is when one wants to read them.
    """
    batch, store, now = context.partition_key, tables.store(), datetime.now(UTC)
    attributes = store.read(EXTRACTED_ATTRIBUTES, batch)
    judgements = judge_all(EXTRACTION_GATES, attributes)
    store.merge(CONSISTENCY_CHECKS, broken_rules(attributes), batch)
    record_judgements(store, ASSET, judgements, now, batch)
    record_verdict(store, decide(batch, attributes, judgements), now)
    yield from check_results(ASSET, judgements)
