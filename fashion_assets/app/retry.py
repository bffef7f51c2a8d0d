"""Retrying failed products: with which settings, in which batches, and what came of it.

Which rows a batch holds afterwards is decided in `extraction/retries.py`; Dagster runs belong to `pipeline.py`.
"""

from collections.abc import Iterator, Sequence
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

_SUCCESS = pl.col("extraction_success")
_ASKING = ("vlm", "prompts", "device", "dtype", "micro_batch")


@dataclass(frozen=True)
class RetriedBatch:
    """What a retry did in a batch: failed products by code before and after.

    `outcome` is None where nothing could be mended, so that nothing was run.
    """

    batch: str
    outlook: RetryForecast
    before: dict[str, int]
    after: dict[str, int]
    mended: int
    outcome: BatchOutcome | None


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


def resources_to_retry_with(settings: Settings, values: Sequence[str]) -> Resources:
    """The resources of `settings`, of which model and prompts are those of the settings in `values`."""
    present = build_resources(settings)
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

    A batch where nothing can be mended is not run. Raises UnknownBatch for a batch that does not exist.
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
    outlook = retry_forecast(
        store.read(PRODUCTS, batch),
        stored,
        resources.prompts.questions(taxonomy),
        resources.vlm.identity(),
        Journal(store),
        taxonomy,
    )
    outcome = pipeline.retry_failed(batch) if outlook.may_be_fixed else None
    after = store.read(attributes_table(taxonomy), batch)
    mended = stored.filter(~_SUCCESS).join(after.filter(_SUCCESS), on="product_id", how="semi")
    codes = (failures_by_code(rows, taxonomy) for rows in (stored, after))
    return RetriedBatch(batch, outlook, *codes, len(mended), outcome)


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
