"""The sensors: which batches have changed, and when the index is behind. They compare; they compute nothing."""

from collections.abc import Iterator

from dagster import (
    DefaultSensorStatus,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

from fashion_assets.batches import BATCHES
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.resources import ClipResource
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.instance import UNFINISHED
from fashion_assets.planning import Versions, plan_batches
from fashion_assets.search.refresh import is_stale
from fashion_assets.storage.io_manager import TablesResource


@sensor(job_name="batch_pipeline", minimum_interval_seconds=60)
def changed_batches(
    context: SensorEvaluationContext,
    tables: TablesResource,
    prompts: PromptsResource,
    vlm: VlmResource,
    clip: ClipResource,
) -> Iterator[RunRequest | SkipReason]:
    """Asks for a run of each batch whose rows, photos, prompts, models or rules have changed since its last run."""
    running = _unfinished_partitions(context)
    versions = Versions(prompts_version(prompts.questions()), vlm.model_identity(), clip.model_identity())
    changed = [plan for plan in plan_batches(tables.store(), versions) if plan.must_run and plan.batch not in running]
    if not changed:
        yield SkipReason(f"No batch has changed; {len(running)} are running or queued.")
    for plan in changed:
        yield RunRequest(partition_key=plan.batch, tags={"fashion/why": "; ".join(plan.reasons)})


@sensor(job_name="search_index", minimum_interval_seconds=30, default_status=DefaultSensorStatus.RUNNING)
def index_follows_embeddings(
    context: SensorEvaluationContext, tables: TablesResource
) -> Iterator[RunRequest | SkipReason]:
    """Asks for an index version when vectors, prices or withdrawals have changed and no batch is being computed."""
    store = tables.store()
    state = f"{store.version(EMBEDDINGS)}-{store.version(INGESTED_PRODUCTS)}"
    if state == context.cursor:
        yield SkipReason("Nothing has changed since the last index run.")
        return
    running = _unfinished_partitions(context)
    if running:
        yield SkipReason(f"Waiting for {len(running)} batches that are running or queued.")
        return
    if is_stale(store):
        yield RunRequest(run_key=state)
    else:
        yield SkipReason("The live index holds the present rows.")
    context.update_cursor(state)


def _unfinished_partitions(context: SensorEvaluationContext) -> set[str]:
    """Batches that some run, whichever job or backfill it belongs to, is about to compute."""
    runs = context.instance.get_runs(RunsFilter(statuses=UNFINISHED))
    registered = set(context.instance.get_dynamic_partitions(BATCHES.name))
    return {run.tags.get("dagster/partition") for run in runs} & registered
