"""`fashion demo evaluate`: the demo models' figures on what no training saw."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fashion_assets.cli.console import output, progress_shown
from fashion_assets.demo.evaluate import PRODUCTS
from fashion_assets.demo.evaluate import evaluate as evaluate_models
from fashion_assets.demo.models import SHIPPED_WEIGHTS
from fashion_assets.demo.score_tables import clip_table, vlm_tables


def evaluate(
    products: Annotated[
        int, typer.Option(min=1, help="Freshly rendered products of the balanced mix; all else is over up to 500.")
    ] = PRODUCTS,
    off_domain: Annotated[
        Path | None, typer.Option(help="Folder of real photos, to see how sure of itself the model is about them.")
    ] = None,
    weights: Annotated[
        Path,
        typer.Option(help="Folder of both models, as `make demo-models` writes it.", show_default="the shipped ones"),
    ] = SHIPPED_WEIGHTS,
) -> None:
    """Score the demo models on what no training saw: the tables of their model cards.

    By default it takes about four minutes on two cores.
    Examples: `fashion demo evaluate --products 200`, `fashion demo evaluate --off-domain ~/photos`,
    `fashion demo evaluate --weights demo-weights`
    """
    with progress_shown():
        scores = evaluate_models(products, off_domain=off_domain, weights=weights)
    for table in (*vlm_tables(scores), clip_table(scores.clip)):
        output.print(f"\n[bold]{table.title}[/bold]\n{table.note}", highlight=False)
        drawn = Table(*table.columns)
        for row in table.rows:
            drawn.add_row(*row)
        output.print(drawn)
