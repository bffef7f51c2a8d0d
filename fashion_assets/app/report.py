"""Rewriting the quality report of a batch or of the whole catalog, with the decisions made since."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.errors import FashionError, NotComputed, UnknownBatch
from fashion_assets.extraction.cost import summed_cost
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.dagster_home import using_instance
from fashion_assets.orchestration.materializations import Materialization, last_materializations
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.settings import Settings
from fashion_assets.shop.file import shop_profile
from fashion_assets.storage.places import file_system_errors
from fashion_assets.storage.store import TableStore


def report_quality(
    settings: Settings,
    store: TableStore,
    batch: str | None = None,
    file: Path | str | None = None,
    labels: Path | str | None = None,
) -> Path:
    """Write the report on a batch, or on all, to `file` or to its place below FASHION_HOME; returns its path.

    `labels` is a CSV file of hand labels. Raises NotComputed when no batch was extracted yet, UnknownBatch when this
    one was not, and SourceError for labels that cannot be read.
    """
    extracted = [name for name in store.batches(EXTRACTED_ATTRIBUTES) if batch in (None, name)]
    if not extracted:
        raise _nothing_to_report(store, batch)
    runs = _last_runs(settings, extracted)
    run_id = runs[0].run_id if batch and runs else None
    target = Path(file) if file else _default_file(settings, batch, run_id)
    cost = summed_cost([run.metadata for run in runs])
    labels = Path(labels) if labels else settings.own_labels
    with file_system_errors(str(target)):
        write_report(
            store,
            batch,
            settings.photos_root,
            target,
            datetime.now(UTC),
            run_id,
            labels,
            cost,
            shop_profile(settings),
        )
    return target


def _default_file(settings: Settings, batch: str | None, run_id: str | None) -> Path:
    if batch is None:
        return settings.reports_folder / "catalog.html"
    return ReportsResource(folder=str(settings.reports_folder), labels=None).file(batch, run_id or "latest")


def _last_runs(settings: Settings, batches: Sequence[str]) -> list[Materialization]:
    """The latest runs that extracted these batches, those that the Dagster instance still knows."""
    with using_instance(settings.dagster_home) as instance:
        return last_materializations(instance, EXTRACTED_ATTRIBUTES.asset, batches)


def _nothing_to_report(store: TableStore, batch: str | None) -> FashionError:
    batches = store.batches(BATCH_ASSIGNMENTS)
    if batch is None or not batches:
        return NotComputed(
            value="Nothing has been extracted yet",
            rule="a report shows answers about a batch's photos",
            remedy="run `fashion run` first",
        )
    if batch not in batches:
        return UnknownBatch(
            value=f"There is no batch {batch}",
            rule=f"a report needs one from {batches[0]} to {batches[-1]}",
            remedy="name one of them",
        )
    return UnknownBatch(
        value=f"Batch {batch} has no rows to report on",
        rule="a report shows answers about its photos",
        remedy=f"run `fashion run --batch {batch}` first",
    )
