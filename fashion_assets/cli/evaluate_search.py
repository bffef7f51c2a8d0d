"""`fashion evaluate-search`: how good the live searches are, baseline beside enriched."""

import json
from typing import Annotated

import polars as pl
import typer
from rich.table import Table

from fashion_assets.automation.resources import build_resources
from fashion_assets.cli.console import output
from fashion_assets.errors import IndexMissing
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.offline.evaluate import measure, query_set
from fashion_assets.search.offline.queries import QUERIES
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import Settings, load_settings
from fashion_assets.storage.store import TableStore


def evaluate_search(
    queries: Annotated[int, typer.Option(min=1, help="Most queries to make of the catalog's words.")] = QUERIES,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the live searches: nDCG@10, precision, recall, MRR and score spread, with 95 % intervals.

    The queries are made of the catalog's own words and of labels, never of what the model extracted; a second suite has
    each description find its own photo, as the public fashion-retrieval benchmark does. Nothing is recorded.

    Examples: `fashion evaluate-search`, `fashion evaluate-search --queries 500 --json`
    """
    figures = measure_live(load_settings(), queries)
    if as_json:
        output.print_json(json.dumps(figures.to_dicts()))
        return
    for (suite,), of_suite in figures.group_by("suite", maintain_order=True):
        output.print(_table(suite, of_suite))


def measure_live(settings: Settings, queries: int = QUERIES) -> pl.DataFrame:
    """The figures (FIGURES schema) of the live version; raises IndexMissing when there is none."""
    store = TableStore(settings.tables_uri)
    live = live_promotion(store)
    if live is None:
        raise IndexMissing(
            value="Nothing is indexed yet",
            rule="a search needs an index",
            remedy="run `fashion run` first, or `make demo`",
        )
    asked = query_set(store, settings.own_labels, queries)
    encoder = build_resources(settings).clip.load()
    return measure(open_live(settings.index_uri, live["index_version"]), encoder, asked)


def _table(suite: str, figures: pl.DataFrame) -> Table:
    table = Table("index", "ranking", "metric", "value", "95 % interval", "queries", title=suite, title_justify="left")
    for row in figures.iter_rows(named=True):
        is_known = row["value"] is not None
        interval = f"{row['low']:.3f} to {row['high']:.3f}" if is_known else "-"
        value = f"{row['value']:.3f}" if is_known else "-"
        table.add_row(row["index"], row["ranking"], row["metric"], value, interval, f"{row['queries']:,}")
    return table
