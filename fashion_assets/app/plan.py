"""What a run would do: which batches and why, how many questions would be inferred, and what that would take.

Nothing is run or inferred, and no model is loaded. The figures come from `automation/forecast.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fashion_assets.app.quarantine import Quarantine
from fashion_assets.automation.forecast import BatchForecast, Estimate, Forecast, forecast
from fashion_assets.automation.planning import BatchPlan, plan_batches, versions_of
from fashion_assets.automation.resources import Resources
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.pilot_guard import PilotGuard
from fashion_assets.orchestration.progress import spoken_time
from fashion_assets.search.index.refresh import stale_reason
from fashion_assets.settings import Settings
from fashion_assets.storage.reader import in_groups
from fashion_assets.storage.store import TableStore

_NOT_INCLUDED = (
    "The time is that of inference alone. Loading the model, reading photos where that is slower, embeddings, "
    "Dagster's steps and the index are not included."
)


@dataclass(frozen=True)
class RunPlan:
    """What `run` would do now.

    `pilot_refusal` is why it would refuse the planned batches, or None; `is_ingested` is whether the source was ever
    read; `has_price` whether FASHION_PRICE_PER_HOUR is set.
    """

    forecast: Forecast
    pilot_refusal: str | None
    is_ingested: bool
    has_price: bool
    without_photo: int = 0
    """Products of these batches whose photo cannot be used, so that nothing is inferred for them."""
    failed_loss_checks: tuple[str, ...] = ()
    """The checks on what the last ingest lost that did not pass, with their reasons."""
    index_reason: str | None = None
    """Why the search index would be built again, as it is now; None if it would not."""

    @property
    def batches(self) -> tuple[BatchForecast, ...]:
        """The batches that would run, and why."""
        return self.forecast.batches

    @property
    def stopped_by_gates(self) -> Mapping[str, tuple[str, ...]]:
        """The reasons of each batch that would not run because its gates stopped it."""
        return {plan.batch: plan.verdict.reasons for plan in self.forecast.stopped if plan.verdict is not None}

    def sentences(self) -> list[str]:
        """The totals, or why nothing would run."""
        if self.batches:
            return [*sums_in_words(self.forecast, self.has_price, self.without_photo), *self._index_in_words()]
        if self.index_reason is not None:
            return [*self._index_in_words(), "No batch has changed as of the last ingest."]
        return [nothing_would_run(self.is_ingested)]

    def _index_in_words(self) -> list[str]:
        return [] if self.index_reason is None else [f"The search index would be built again. {self.index_reason}"]

    def as_dict(self) -> dict[str, object]:
        """What `fashion plan --json` prints."""
        return {
            "model": self.forecast.model_id,
            "batches": self.batches,
            "stopped_by_gates": self.stopped_by_gates,
            "photos": self.forecast.photos,
            "questions": self.forecast.questions,
            "estimate": self.forecast.estimate,
            "index": self.index_reason,
        }


def plan_run(settings: Settings, store: TableStore, resources: Resources, all_batches: bool = False) -> RunPlan:
    """The plan for these settings, computed from the tables alone."""
    expected = forecast(
        store,
        present_plans(store, resources),
        resources.prompts.questions(resources.shop.taxonomy),
        resources.vlm.identity(),
        all_batches=all_batches,
        at_once=resources.vlm.requests_at_once,
        price_per_hour=settings.price_per_hour,
    )
    return RunPlan(
        forecast=expected,
        pilot_refusal=_pilot_refusal(store, resources, expected),
        is_ingested=store.version(INGESTED_PRODUCTS) >= 0,
        has_price=settings.price_per_hour is not None,
        without_photo=_without_photo(store, [batch.batch for batch in expected.batches]),
        failed_loss_checks=Quarantine(store).failed_checks,
        index_reason=stale_reason(store, settings.index_uri, resources.clip.model_identity(), resources.shop.taxonomy),
    )


def _without_photo(store: TableStore, batches: Sequence[str]) -> int:
    parts = (store.read(INGESTED_PRODUCTS, group, ["photo_status"]) for group in in_groups(batches))
    return sum(int((part["photo_status"] != "ok").sum()) for part in parts)


def present_plans(store: TableStore, resources: Resources) -> list[BatchPlan]:
    """Every batch, and what has changed since its rows were computed."""
    return plan_batches(store, versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop))


def nothing_would_run(is_ingested: bool) -> str:
    """Why no batch would run."""
    if not is_ingested:
        return "Nothing has been ingested yet, so there is nothing to plan; `fashion plan --ingest` reads the source."
    return "Nothing would run: no batch has changed as of the last ingest; `fashion plan --ingest` reads the source."


def sums_in_words(expected: Forecast, has_price: bool, without_photo: int = 0) -> list[str]:
    """The totals, in sentences."""
    total = sum(expected.questions.values())
    each = ", ".join(f"{name} {count:,}" for name, count in expected.questions.items())
    lines = [
        f"Batches: {len(expected.batches):,}. Photos: {expected.photos:,}. "
        f"Questions to {expected.model_id}: {total:,} ({each})."
    ]
    products = sum(batch.products for batch in expected.batches)
    if not total and without_photo >= products:
        return [*lines, f"None of the {products:,} products has a usable photo: `fashion quarantine` says why."]
    if not total and without_photo:
        return [
            *lines,
            f"Nothing would be inferred: {without_photo:,} of the {products:,} products have no usable photo (`fashion "
            "quarantine` says why), and all answers about the others are in the journal.",
        ]
    if not total:
        return [*lines, "All answers are in the journal; nothing would be inferred."]
    if expected.estimate is None:
        return [
            *lines,
            "What that would take cannot be estimated, because this model has not answered anything yet: `fashion "
            "pilot` describes 100 products and forecasts the full catalog.",
        ]
    return [*lines, *_estimate_in_words(expected.estimate, has_price), _NOT_INCLUDED]


def _estimate_in_words(estimate: Estimate, has_price: bool) -> list[str]:
    return [
        f"About {spoken_time(estimate.seconds)} in the model, {estimate.prompt_tokens:,} tokens in and "
        f"{estimate.answer_tokens:,} out, by its latest {estimate.measured:,} answers.",
        f"About {estimate.cost:,.2f} at that time's price."
        if has_price
        else "Set FASHION_PRICE_PER_HOUR, the price of an hour of the machine, to see the cost as well.",
    ]


def _pilot_refusal(store: TableStore, resources: Resources, expected: Forecast) -> str | None:
    """Why `fashion run` would refuse the planned batches, or None."""
    if not expected.batches:
        return None
    versions = versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop)
    guard = PilotGuard.of(store, versions.prompts, versions.vlm)
    is_backfill = len(expected.batches) > 1
    is_refused = any(guard.refuses(batch.batch, is_backfill) for batch in expected.batches)
    return str(guard.refusal()) if is_refused else None
