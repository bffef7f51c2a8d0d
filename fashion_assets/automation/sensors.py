"""The sensors: they detect changed batches, lost runs and a stale index, and send alerts.

They only compare; they compute nothing.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dagster import (
    DagsterRunStatus,
    DefaultSensorStatus,
    ResourceParam,
    RunRequest,
    RunsFilter,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

from fashion_assets.alerts.resources import AlertsResource
from fashion_assets.alerts.sending import AlertsBusy, send_alerts
from fashion_assets.automation import jobs
from fashion_assets.automation.planning import plan_batches, versions_of
from fashion_assets.catalog.resources import CatalogResource
from fashion_assets.catalog.source_state import source_state
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import SourceError
from fashion_assets.extraction.pilot_guard import PilotGuard
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.orchestration.batches import registered_batches
from fashion_assets.orchestration.io_manager import TablesResource
from fashion_assets.orchestration.run_tags import (
    BACKFILL_TAG,
    OWN_TAGS,
    PARTITION_TAG,
    REASON_TAG,
    RETRY_NUMBER_TAG,
)
from fashion_assets.orchestration.runs import UNFINISHED
from fashion_assets.quality.tables import BATCH_VERDICTS, VERDICT_OVERRIDES
from fashion_assets.search.index.health import index_loss
from fashion_assets.search.index.refresh import stale_reason
from fashion_assets.search.resources import IndexResource
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.storage.recomputing import lost_batches


@sensor(job_name=jobs.INGEST, minimum_interval_seconds=60)
def source_changes(context: SensorEvaluationContext, catalog: CatalogResource) -> Iterator[RunRequest | SkipReason]:
    """Requests an ingest when the product table or a photo was written, added or removed.

    Compares times and sizes of files and reads none of them. A source that is still being copied is left alone until it
    is unchanged between two evaluations.
    """
    try:
        state = source_state(catalog.source_path, catalog.source_photos_root)
    except SourceError as error:
        yield SkipReason(str(error))
        return
    last = json.loads(context.cursor) if context.cursor else {}
    context.update_cursor(json.dumps({"seen": state, "asked": last.get("asked")}))
    if state == last.get("asked"):
        yield SkipReason("Neither the product table nor a photo has changed since the last ingest was requested.")
    elif state != last.get("seen"):
        yield SkipReason("The source has changed; it is ingested once it stays unchanged until the next evaluation.")
    else:
        context.update_cursor(json.dumps({"seen": state, "asked": state}))
        yield RunRequest(run_key=state)


@sensor(job_name=jobs.BATCH, minimum_interval_seconds=60)
def changed_batches(
    context: SensorEvaluationContext,
    tables: TablesResource,
    prompts: PromptsResource,
    vlm: VlmResource,
    clip: ClipResource,
    shop: ResourceParam[ShopProfile],
) -> Iterator[RunRequest | SkipReason]:
    """Requests a run of each batch whose rows, photos, prompts, models or rules have changed since its last run.

    A batch whose run failed for a reason other than its gates is retried an hour later. Batches that need a pilot
    verdict of PROCEED wait for it.
    """
    running = _unfinished_batches(context)
    store, versions = tables.store(), versions_of(prompts, vlm, clip, shop)
    guard = PilotGuard.of(store, versions.prompts, versions.vlm)
    changed = [plan for plan in plan_batches(store, versions) if plan.must_run and plan.batch not in running]
    waiting = [plan for plan in changed if guard.refuses(plan.batch, is_backfill=True)]
    changed = [plan for plan in changed if plan not in waiting]
    if waiting and not changed:
        yield SkipReason(f"{len(waiting)} changed batches wait for a pilot. {guard.refusal()}")
    elif not changed:
        yield SkipReason(f"No batch has changed; {len(running)} are running or queued.")
    for plan in changed:
        yield RunRequest(
            run_key=f"{plan.batch}:{plan.target}:{_this_hour()}",
            partition_key=plan.batch,
            tags={REASON_TAG: "; ".join(plan.reasons)},
        )


@sensor(job_name=jobs.BATCH, minimum_interval_seconds=30, default_status=DefaultSensorStatus.RUNNING)
def lost_runs(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
    """Restarts runs of a backfill whose process died, up to three times each.

    Dagster restarts such runs itself, except for those of a job's backfill, which it considers complete once all its
    runs are queued.
    """
    instance, requested = context.instance, 0
    lost = RunsFilter(
        job_name=jobs.BATCH,
        statuses=[DagsterRunStatus.FAILURE],
        tags={"dagster/will_retry": "true"},
        updated_after=datetime.now(UTC) - timedelta(days=1),
    )
    for run in instance.get_runs(lost):
        backfill = instance.get_backfill(run.tags.get(BACKFILL_TAG, ""))
        number = int(run.tags.get(RETRY_NUMBER_TAG, 0)) + 1
        if backfill is None or not backfill.status.value.startswith("COMPLETED"):
            continue  # Dagster restarts these itself, or a person has cancelled the backfill
        if number <= instance.run_retries_max_retries:
            requested += 1
            yield RunRequest(
                run_key=run.run_id,
                partition_key=run.tags[PARTITION_TAG],
                run_config=run.run_config,
                tags={
                    **{name: value for name, value in run.tags.items() if name.startswith(OWN_TAGS)},
                    BACKFILL_TAG: run.tags[BACKFILL_TAG],
                    RETRY_NUMBER_TAG: str(number),
                    REASON_TAG: f"the process of run {run.run_id} died",
                },
            )
    if not requested:
        yield SkipReason("No backfill has lost a run.")


@sensor(job_name=jobs.INDEX, minimum_interval_seconds=30, default_status=DefaultSensorStatus.RUNNING)
def index_follows_embeddings(
    context: SensorEvaluationContext,
    tables: TablesResource,
    clip: ClipResource,
    index: IndexResource,
    shop: ResourceParam[ShopProfile],
) -> Iterator[RunRequest | SkipReason]:
    """Requests a new index version when withdrawals, prices or vectors have changed, or the live one is damaged.

    Vectors wait until no batch is being computed, so that a backfill builds one version instead of one for each batch;
    withdrawals and prices never wait.
    """
    store = tables.store()
    state = {"catalog": store.version(INGESTED_PRODUCTS), "vectors": store.version(EMBEDDINGS)}
    last = json.loads(context.cursor) if context.cursor else {}
    running = _unfinished_batches(context)
    if lost := [table.name for table in (INGESTED_PRODUCTS, EMBEDDINGS) if lost_batches(store.uri, table)]:
        yield SkipReason(f"Rows of {' and '.join(lost)} were lost; `fashion run` computes them again.")
        return
    loss = index_loss(store, index.uri)
    if state == last and loss is None:
        yield SkipReason("Nothing has changed since the index was last up to date.")
    elif running and state["catalog"] == last.get("catalog") and loss is None:
        yield SkipReason(f"Waiting for {len(running)} batches that are running or queued.")
    elif reason := stale_reason(store, index.uri, clip.model_identity(), shop.taxonomy):
        key = f"{state['catalog']}-{state['vectors']}:{_this_hour()}"
        yield RunRequest(run_key=key if loss is None else f"lost:{key}", tags={REASON_TAG: reason})
    else:
        yield SkipReason(
            "The current rows are indexed, or were refused at the last attempt: see the checks of the indexes."
        )
        context.update_cursor(json.dumps(state))


@sensor(job_name=jobs.CATALOG, minimum_interval_seconds=60, default_status=DefaultSensorStatus.RUNNING)
def catalog_follows_batches(
    context: SensorEvaluationContext, tables: TablesResource
) -> Iterator[RunRequest | SkipReason]:
    """Requests a judgement of the whole catalog when attributes or verdicts have changed and no batch is running."""
    store = tables.store()
    tables_judged = (EXTRACTED_ATTRIBUTES, BATCH_VERDICTS, VERDICT_OVERRIDES)
    state = "-".join(str(store.version(table)) for table in tables_judged)
    running = _unfinished_batches(context)
    if store.version(EXTRACTED_ATTRIBUTES) < 0 or state == context.cursor:
        yield SkipReason("Nothing has changed since the catalog was last judged.")
    elif running:
        yield SkipReason(f"Waiting for {len(running)} batches that are running or queued.")
    else:
        yield RunRequest(run_key=state)
        context.update_cursor(state)


@sensor(minimum_interval_seconds=30, default_status=DefaultSensorStatus.RUNNING)
def alerts(context: SensorEvaluationContext, tables: TablesResource, alerting: AlertsResource) -> SkipReason:
    """Sends a message when a check or a run fails, and another when it recovers, to the channels in FASHION_ALERTS.

    It starts no run. A channel that is down gets its messages later; `fashion alerts` shows open and pending ones.
    """
    try:
        done = send_alerts(context.instance, tables.store(), alerting)
    except AlertsBusy as busy:
        return SkipReason(str(busy))
    for delivery in done.deliveries:
        if delivery.error is not None:
            context.log.warning(f"{delivery.channel} did not accept '{delivery.title}': {delivery.error}.")
    return SkipReason(done.in_words())


def _unfinished_batches(context: SensorEvaluationContext) -> set[str]:
    """Batches with an unfinished run, of any job or backfill."""
    runs = context.instance.get_runs(RunsFilter(statuses=UNFINISHED))
    return {run.tags.get(PARTITION_TAG, "") for run in runs} & registered_batches(context.instance)


def _this_hour() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H")
