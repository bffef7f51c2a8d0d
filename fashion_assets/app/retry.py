"""Retrying failed products: with which settings, in which batches, and what came of it.

Each batch is logged when it is done (logger `fashion_assets.app.retry`, level INFO). Which rows a batch holds then is
decided in `extraction/retries.py`; Dagster runs belong to `pipeline.py`.
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
from fashion_assets.settings import Settings, load_settings
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.table import BATCH

log = logging.getLogger(__name__)

_SUCCESS = pl.col("extraction_success")
_ASKING = ("vlm", "prompts", "device", "dtype", "micro_batch")


@dataclass(frozen=True)
class RetriedBatch:
    """What a retry did in a batch: failed products by code before and after, and how many succeed now (`recovered`).

    `outcome` is None where no product could succeed, so that nothing was run.
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
    """What a retry did, batch by batch; none where no product had failed."""

    batches: tuple[RetriedBatch, ...]

    @property
    def outcomes(self) -> tuple[BatchOutcome, ...]:
        """How the batches that were run ended."""
        return tuple(batch.outcome for batch in self.batches if batch.outcome is not None)

    @property
    def recovered(self) -> int:
        """Products that succeed now."""
        return sum(batch.recovered for batch in self.batches)

    @property
    def failed(self) -> int:
        """Products that had failed before."""
        return sum(batch.forecast.failed for batch in self.batches)

    @property
    def without_photo(self) -> int:
        """Failed products that were not retried, for want of a usable photo."""
        return sum(batch.forecast.without_photo for batch in self.batches)

    @property
    def fail_again(self) -> int:
        """Failed products that fail in the same way again, by answers in the journal."""
        return sum(batch.forecast.fail_again for batch in self.batches)

    @property
    def before(self) -> Mapping[str, int]:
        """Failed products by code, before."""
        return _total(batch.before for batch in self.batches)

    @property
    def after(self) -> Mapping[str, int]:
        """Failed products by code, after."""
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
    """Ask again about the failed products of these batches (by default all), and index what succeeds now.

    `with_settings` are as in `resources_to_retry_with`, and replace model and prompts. Raises SettingsError for a
    setting that a retry cannot change and for a batch that does not exist, RunFailed for another failure than a gate's.
    """
    asked_with = resources_to_retry_with(settings, with_settings, resources)
    with Pipeline(settings, asked_with) as pipeline:
        result = RetryResult(tuple(retry_failed(pipeline, batches)))
        if result.recovered:
            pipeline.refresh_index()
    return result


def retry_settings() -> dict[str, FieldInfo]:
    """The settings that decide how photos are asked about; a retry may not move tables or change the search."""
    general = {f"FASHION_{name.upper()}": Settings.model_fields[name] for name in _ASKING}
    return {**general, **setting_fields()}


def settings_to_retry_with(values: Sequence[str]) -> Settings:
    """The present settings with `values` instead: each `FASHION_NAME=VALUE`, or a file of such lines.

    A value that is empty is the setting's default. Raises OptionError for a setting that a retry cannot change.
    """
    overrides: dict[str, object] = {}
    allowed = retry_settings()
    for name, value in (pair for text in values for pair in _pairs(text, list(allowed))):
        if name not in allowed:
            raise OptionError(
                value=f"--with sets '{name}'",
                rule="it must be a setting of how photos are asked about",
                remedy=f"give one of {', '.join(allowed)}, or a file of such lines",
            )
        overrides[name.removeprefix("FASHION_").lower()] = value or allowed[name].get_default(call_default_factory=True)
    return load_settings(**overrides)


def resources_to_retry_with(settings: Settings, values: Sequence[str], resources: Resources | None = None) -> Resources:
    """The `resources`, by default those of `settings`, with model and prompts of the settings in `values`."""
    present = resources or build_resources(settings)
    if not values:
        return present
    other = build_resources(settings_to_retry_with(values))
    _require_all_keys(other.prompts, present.prompts, present.shop.taxonomy)
    return replace(present, vlm=other.vlm, prompts=other.prompts, compute=other.compute)


def _require_all_keys(prompts: PromptsResource, present: PromptsResource, taxonomy: Taxonomy) -> None:
    """Raise OptionError when `prompts` ask for less than the present ones: a retry would lose the difference."""
    asked = {key for question in prompts.questions(taxonomy) for key in question.keys}
    lost = [key for question in present.questions(taxonomy) for key in question.keys if key not in asked]
    if lost:
        raise OptionError(
            value=f"--with FASHION_PROMPTS is '{prompts.folder}', which does not ask for {', '.join(lost)}",
            rule="it must ask for all that the present prompts do, or the products would lose them",
            remedy="copy the whole folder and edit the copy",
        )


def retry_failed(pipeline: Pipeline, batches: Sequence[str] | None = None) -> Iterator[RetriedBatch]:
    """Ask again about the failed products of these batches (by default all), batch by batch, in their order.

    A batch where no product can succeed is not run. Raises SettingsError for a batch that does not exist.
    """
    known = pipeline.register_batches()
    for batch in batches or []:
        if batch not in known:
            raise UnknownBatch(
                value=f"There is no batch {batch}",
                rule="a retry needs a batch that has products",
                remedy=f"name one of {', '.join(known) or 'those that `fashion run` makes (none yet)'}",
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
    end = "left as it is" if outcome is None else f"{len(recovered)} mended"
    log.info("%s: %s failed products, %s", batch, forecast.failed, end)
    codes_before, codes_after = (failures_by_code(rows, taxonomy) for rows in (stored, after))
    return RetriedBatch(batch, forecast, codes_before, codes_after, len(recovered), outcome)


def _pairs(text: str, allowed: Sequence[str]) -> list[tuple[str, str]]:
    name, equals, value = text.partition("=")
    if not equals or (name.strip() not in allowed and Path(text).is_file()):
        return _pairs_of_file(Path(text), allowed)
    return [(name.strip(), value.strip())]


def _pairs_of_file(file: Path, allowed: Sequence[str]) -> list[tuple[str, str]]:
    from dotenv import dotenv_values

    if not file.is_file():
        raise OptionError(
            value=f"--with is '{file}'",
            rule="it must be NAME=VALUE or a file",
            remedy=(
                f"give one of {', '.join(allowed)} with its value, as `--with FASHION_VLM=demo`, or a "
                "file of such lines"
            ),
        )
    return [(name, value or "") for name, value in dotenv_values(file).items()]


def _total(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum((Counter(of_batch) for of_batch in counts), Counter())
