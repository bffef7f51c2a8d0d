"""`fashion demo`: the whole pipeline on the embedded default, and the figures of the demo models."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.run import print_outcomes, render_catalog, run_pipeline
from fashion_assets.cli.search import find, hits_table
from fashion_assets.cli.status import collect_status, gates_table
from fashion_assets.demo.evaluate import PRODUCTS
from fashion_assets.demo.evaluate import evaluate as evaluate_models
from fashion_assets.demo.score_tables import clip_table, vlm_tables
from fashion_assets.errors import SettingsError
from fashion_assets.runner import Pipeline
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import load_settings

QUERIES = ("striped shirt", "leather bag", "red dress")
_HITS = 4

app = typer.Typer(invoke_without_command=True, help="Render the demo catalog, run everything, search it.")


@app.callback()
def demo(
    context: typer.Context,
    products: Annotated[int | None, typer.Option(help="Products to render; by default FASHION_DEMO_PRODUCTS.")] = None,
) -> None:
    """Render the demo catalog, run it from photos to search through Dagster, and show what came out.

    Running it again only does what has changed. Examples: `fashion demo`, `fashion demo --products 5000`
    """
    if context.invoked_subcommand:
        return
    settings = load_settings(**({} if products is None else {"demo_products": products}))
    if not settings.is_demo_catalog:
        raise SettingsError(
            f"FASHION_PROFILE is '{settings.profile}', but the demo needs `demo`; run your catalog with `fashion run`."
        )
    with Pipeline(settings) as pipeline, progress_shown():
        render_catalog(settings)
        outcomes = run_pipeline(pipeline)
    print_outcomes(outcomes)
    output.print(gates_table(collect_status(settings)["gates"]))
    if live_promotion(pipeline.store) is None:
        output.print("No batch has passed its gates, so there is nothing to search yet.")
        raise typer.Exit(1)
    for query in QUERIES:
        output.print(hits_table(find(settings, query, None, [], _HITS), query))
    output.print('Next: `make ui` shows lineage, previews and checks; `fashion search "blue denim jacket"` searches;')
    output.print(f"`fashion show PRODUCT_ID` tells all about a product. Everything is in {settings.home}.")
    if any(outcome.is_blocked for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def evaluate(
    products: Annotated[
        int, typer.Option(min=1, help="Freshly rendered products of the balanced mix; all else is over up to 500.")
    ] = PRODUCTS,
    off_domain: Annotated[
        Path | None, typer.Option(help="Folder of real photos, to see how sure of itself the model is about them.")
    ] = None,
) -> None:
    """Score the shipped demo models on what no training saw: the tables of their model cards.

    By default it takes about four minutes on two cores.
    Examples: `fashion demo evaluate --products 200`, `fashion demo evaluate --off-domain ~/photos`
    """
    with progress_shown():
        scores = evaluate_models(products, off_domain=off_domain)
    for table in (*vlm_tables(scores), clip_table(scores.clip)):
        output.print(f"\n[bold]{table.title}[/bold]\n{table.note}", highlight=False)
        drawn = Table(*table.columns)
        for row in table.rows:
            drawn.add_row(*row)
        output.print(drawn)
