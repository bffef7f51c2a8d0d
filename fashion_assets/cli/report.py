"""`fashion report`: the quality report of a batch or of the whole catalog, written anew."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.cli.console import output
from fashion_assets.errors import NotComputed, UnknownBatch
from fashion_assets.extraction.cost import summed_cost
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.orchestration.instance import Materialization, last_materializations, open_instance
from fashion_assets.quality.report.write import write_report
from fashion_assets.quality.resources import ReportsResource
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore


def report(
    batch: Annotated[
        str | None, typer.Argument(help="The batch, as `batch_00003`; without one, the whole catalog.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--output", help="The file to write. Default: its place below FASHION_HOME.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV file of hand labels; for the demo catalog its own truth by default.")
    ] = None,
) -> None:
    """Write the quality report as one HTML file: verdict, gates, regressions, distributions, samples, failures, cost.

    Each run writes the report of its batch by itself; this writes it anew, with what was decided since, and prints
    where it is.

    Examples: `fashion report`, `fashion report batch_00003 --labels labels.csv --output report.html`
    """
    settings = load_settings()
    store = TableStore(settings.tables_uri)
    extracted = [name for name in store.batches(EXTRACTED_ATTRIBUTES) if batch in (None, name)]
    if not extracted:
        _refuse(store, batch)
    runs = _last_runs(settings, extracted)
    run_id = runs[0].run_id if batch and runs else None
    file = to or _place(settings, batch, run_id)
    cost = summed_cost([run.metadata for run in runs])
    own = labels or settings.own_labels
    write_report(store, batch, settings.photos_root, file, datetime.now(UTC), run_id, own, cost)
    output.print(str(file), highlight=False, markup=False, soft_wrap=True)


def _place(settings: Settings, batch: str | None, run_id: str | None) -> Path:
    if batch is None:
        return settings.reports_folder / "catalog.html"
    return ReportsResource(folder=str(settings.reports_folder)).file(batch, run_id or "latest")


def _last_runs(settings: Settings, batches: Sequence[str]) -> list[Materialization]:
    """The runs that looked at these batches last, as far as the instance knows them."""
    instance = open_instance(settings.dagster_home)
    try:
        return last_materializations(instance, "extracted_attributes", batches)
    finally:
        instance.dispose()


def _refuse(store: TableStore, batch: str | None) -> None:
    known = store.batches(BATCH_ASSIGNMENTS)
    if batch is None or not known:
        raise NotComputed(
            value="Nothing has been looked at yet",
            rule="a report shows answers about a batch's photos",
            remedy="run `fashion run` first",
        )
    if batch not in known:
        raise UnknownBatch(
            value=f"There is no batch {batch}",
            rule=f"a report needs one from {known[0]} to {known[-1]}",
            remedy="name one of these",
        )
    raise UnknownBatch(
        value=f"Batch {batch} has no rows to report on",
        rule="a report shows answers about its photos",
        remedy=f"run `fashion run --batch {batch}` first",
    )
