"""Retrying failed products: with which settings, in which batches, and with what result.

Each batch is logged when it is done (logger `fashion_assets.app.retry`, level INFO). `extraction/retries.py` decides
which rows a batch holds afterwards; Dagster runs belong to `pipeline.py`.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from pydantic.fields import FieldInfo

from fashion_assets.app.pipeline import BatchOutcome, Pipeline
from fashion_assets.automation.resources import Resources, build_resources
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.errors import OptionError, UnknownBatch
from fashion_assets.extraction.backends.registry import setting_fields
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.resources import PromptsResource
from fashion_assets.extraction.retries import RetryForecast, failures_by_code, retry_forecast
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, attributes_table
from fashion_assets.settings import Settings
from fashion_assets.shop.file import load_shop_settings
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.table import BATCH

log = logging.getLogger(__name__)

_SUCCESS = pl.col("extraction_success")
_GENERAL = ("vlm", "prompts", "device", "dtype", "micro_batch")


@dataclass(frozen=True)
class RetriedBatch:
    """The result in one batch: failed products by code before and after, and how many now succeed (`recovered`).

    `outcome` is None if nothing was run because no product could succeed.
    """

    batch: str
    forecast: RetryForecast
    before: dict[str, int]
    after: dict[str, int]
    recovered: int
    outcome: BatchOutcome | None

    def as_dict(self) -> dict[str, object]:
        """What `fashion retry --json` prints."""
        return {
            "batch": self.batch,
            "outlook": self.forecast,
            "before": self.before,
            "after": self.after,
            "mended": self.recovered,
            "outcome": self.outcome,
        }


@dataclass(frozen=True)
class RetryResult:
    """The result of a retry, batch by batch; empty when no product had failed."""

    batches: tuple[RetriedBatch, ...]

    @property
    def outcomes(self) -> tuple[BatchOutcome, ...]:
        """How the batches that ran ended."""
        return tuple(batch.outcome for batch in self.batches if batch.outcome is not None)

    @property
    def recovered(self) -> int:
        """Failed products that now succeed."""
        return sum(batch.recovered for batch in self.batches)

    @property
    def failed(self) -> int:
        """Products that had failed."""
        return sum(batch.forecast.failed for batch in self.batches)

    @property
    def without_photo(self) -> int:
        """Failed products that were not retried because they have no usable photo."""
        return sum(batch.forecast.without_photo for batch in self.batches)

    @property
    def fail_again(self) -> int:
        """Failed products that would fail again, because their answers are in the journal."""
        return sum(batch.forecast.fail_again for batch in self.batches)

    @property
    def before(self) -> Mapping[str, int]:
        """Failed products by code, before the retry."""
        return _total(batch.before for batch in self.batches)

    @property
    def after(self) -> Mapping[str, int]:
        """Failed products by code, after the retry."""
        return _total(batch.after for batch in self.batches)

    def as_dict(self) -> tuple[RetriedBatch, ...]:
        """What `fashion retry --json` prints: a list."""
        return self.batches


def retry(
    settings: Settings,
    resources: Resources | None,
    batches: Sequence[str] | None = None,
    with_settings: Sequence[str] = (),
) -> RetryResult:
    """Infer again for the failed products of these batches (by default all), and index what now succeeds.

    `with_settings` are those of `settings_to_retry_with`, and replace model and prompts. Raises OptionError for a
    setting that a retry cannot change, UnknownBatch, and RunFailed for a failure that is not a gate's.
    """
    retry_resources = resources_to_retry_with(settings, with_settings, resources)
    with Pipeline(settings, retry_resources) as pipeline:
        result = RetryResult(tuple(retry_failed(pipeline, batches)))
        if result.recovered:
            pipeline.refresh_index()
    return result


def retry_settings() -> dict[str, FieldInfo]:
    """The settings that a retry may change: those of inference, not those of tables or search."""
    general = {f"FASHION_{name.upper()}": Settings.model_fields[name] for name in _GENERAL}
    return {**general, **setting_fields()}


def settings_to_retry_with(values: Sequence[str]) -> Settings:
    """The present settings, changed by `values`: each is `FASHION_NAME=VALUE`, or a file of such lines.

    An empty value means the setting's default. Raises OptionError for a setting that a retry cannot change, and
    SettingsError for a value that cannot work.
    """
    overrides: dict[str, object] = {}
    allowed = retry_settings()
    for name, value in (pair for text in values for pair in _pairs(text, list(allowed))):
        if name not in allowed:
            raise OptionError(
                value=f"with_settings (--with) has '{name}'",
                rule="a retry can change only settings of inference",
                remedy=f"give one of {', '.join(allowed)}, or a file of such lines",
            )
        overrides[name.removeprefix("FASHION_").lower()] = value or allowed[name].get_default(call_default_factory=True)
    return load_shop_settings(**overrides)


def resources_to_retry_with(settings: Settings, values: Sequence[str], resources: Resources | None = None) -> Resources:
    """The `resources`, by default those of `settings`, with the model and prompts that `values` name.

    Raises as `settings_to_retry_with`, and OptionError for prompts that have fewer keys than the present ones.
    """
    present = resources or build_resources(settings)
    if not values:
        return present
    other = build_resources(settings_to_retry_with(values))
    _require_all_keys(other.prompts, present.prompts, present.shop.taxonomy)
    return replace(present, vlm=other.vlm, prompts=other.prompts, compute=other.compute)


def _require_all_keys(prompts: PromptsResource, present: PromptsResource, taxonomy: Taxonomy) -> None:
    """Raise OptionError when `prompts` lack keys of the present ones, because a retry would lose those attributes."""
    other_keys = {key for question in prompts.questions(taxonomy) for key in question.keys}
    lost = [key for question in present.questions(taxonomy) for key in question.keys if key not in other_keys]
    if lost:
        raise OptionError(
            value=f"The prompts to retry with are in '{prompts.folder}', which does not ask for {', '.join(lost)}",
            rule="they must ask for every key of the present prompts, or the products would lose them",
            remedy="copy the whole folder and edit the copy",
        )


def retry_failed(pipeline: Pipeline, batches: Sequence[str] | None = None) -> Iterator[RetriedBatch]:
    """Infer again for the failed products of these batches (by default all), in the order of the batches.

    A batch in which no product can succeed is not run. Raises UnknownBatch.
    """
    registered = pipeline.register_batches()
    for batch in batches or []:
        if batch not in registered:
            raise UnknownBatch(
                value=f"There is no batch {batch}",
                rule="a retry needs a batch that has products",
                remedy=f"name one of {', '.join(registered) or 'those that `fashion run` makes (none yet)'}",
            )
    store = pipeline.store
    parts = store.read_in_parts(EXTRACTED_ATTRIBUTES, [BATCH, "extraction_success"])
    for batch in sorted({batch for part in parts for batch in part.filter(~_SUCCESS)[BATCH].unique()}):
        if not batches or batch in batches:
            yield _retry_batch(pipeline, batch)


def _retry_batch(pipeline: Pipeline, batch: str) -> RetriedBatch:
    store, resources = pipeline.store, pipeline.resources
    taxonomy = resources.shop.taxonomy
    stored = store.read(attributes_table(taxonomy), batch)
    forecast = retry_forecast(
        store.read(PRODUCTS, batch),
        stored,
        resources.prompts.questions(taxonomy),
        resources.vlm.identity(),
        Journal(store),
        taxonomy,
    )
    outcome = pipeline.retry_failed(batch) if forecast.may_succeed else None
    after = store.read(attributes_table(taxonomy), batch)
    recovered = stored.filter(~_SUCCESS).join(after.filter(_SUCCESS), on="product_id", how="semi")
    end = "not run" if outcome is None else f"{len(recovered)} fixed"
    log.info("%s: %s failed products, %s", batch, forecast.failed, end)
    before_by_code, after_by_code = failures_by_code(stored, taxonomy), failures_by_code(after, taxonomy)
    return RetriedBatch(batch, forecast, before_by_code, after_by_code, len(recovered), outcome)


def _pairs(text: str, allowed: Sequence[str]) -> list[tuple[str, str]]:
    name, equals, value = text.partition("=")
    if not equals or (name.strip() not in allowed and Path(text).is_file()):
        return _pairs_of_file(Path(text), allowed)
    return [(name.strip(), value.strip())]


def _pairs_of_file(file: Path, allowed: Sequence[str]) -> list[tuple[str, str]]:
    from dotenv import dotenv_values

    if not file.is_file():
        raise OptionError(
            value=f"with_settings (--with) has '{file}'",
            rule="it must be NAME=VALUE or a file",
            remedy=(
                f"give one of {', '.join(allowed)} with its value, as `--with FASHION_VLM=demo`, or a "
                "file of such lines"
            ),
        )
    return [(name, value or "") for name, value in dotenv_values(file).items()]


def _total(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum((Counter(of_batch) for of_batch in counts), Counter())
