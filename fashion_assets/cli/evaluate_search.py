"""`fashion evaluate-search`: how good the live searches are, baseline compared with enriched."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from fashion_assets.app.index_versions import QUERIES, why_not_measured
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, print_json

if TYPE_CHECKING:
    import polars as pl


def evaluate_search(
    queries: Annotated[int, typer.Option(min=1, help="Make at most this many queries.")] = QUERIES,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the live searches: nDCG@10, precision, recall, MRR and score spread, with 95 % intervals.

    The queries are made from the catalog's own words and from labels, never from what the model extracted. A second
    suite searches each description's own photo, like the public fashion-retrieval benchmark. Nothing is recorded.

    Examples: `fashion evaluate-search`, `fashion evaluate-search --queries 500 --json`
    """
    shop = Shop.open()
    figures = shop.evaluate_search(queries)
    if as_json:
        print_json(figures)
        return
    for (suite,), of_suite in figures.group_by("suite", maintain_order=True):
        if not of_suite["queries"].max():
            output.print(f"{suite}: not measured: {why_not_measured(shop.store)}.", highlight=False)
            continue
        output.print(_table(str(suite), of_suite))


def _table(suite: str, figures: "pl.DataFrame") -> Table:
    table = Table("index", "ranking", "metric", "value", "95 % interval", "queries", title=suite, title_justify="left")
    for row in figures.iter_rows(named=True):
        is_known = row["value"] is not None
        interval = f"{row['low']:.3f} to {row['high']:.3f}" if is_known else "-"
        value = f"{row['value']:.3f}" if is_known else "-"
        table.add_row(row["index"], row["ranking"], row["metric"], value, interval, f"{row['queries']:,}")
    return table
