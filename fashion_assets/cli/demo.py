"""`fashion demo`: the whole pipeline on the demo catalog, and pictures of its products."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.cli.run import print_outcomes
from fashion_assets.cli.search import hits_table
from fashion_assets.cli.status import gates_table
from fashion_assets.settings import load_settings

app = typer.Typer(invoke_without_command=True, help="Render the demo catalog, run everything, search it.")


@app.callback()
def demo(
    context: typer.Context,
    products: Annotated[int | None, typer.Option(help="Products to render. Default: FASHION_DEMO_PRODUCTS.")] = None,
) -> None:
    """Render the demo catalog, run it from photos to search through Dagster, and show the results.

    Running it again computes only what has changed. Examples: `fashion demo`, `fashion demo --products 5000`
    """
    if context.invoked_subcommand:
        return
    from fashion_assets.app.demo import run_demo

    settings = load_settings(**({} if products is None else {"demo_products": products}))
    with Shop.open(settings) as shop, progress_shown():
        result = run_demo(shop)
    print_outcomes(result.run.outcomes)
    output.print(gates_table(result.status.gates))
    if not result.searches:
        output.print("No batch has passed its gates, so there is nothing to search yet.")
        raise typer.Exit(ExitCode.STOPPED)
    for hits in result.searches:
        output.print(hits_table(hits, hits.query.text or ""))
    output.print('Next: `make ui` shows lineage, previews and checks; `fashion search "blue denim jacket"` searches;')
    output.print(f"`fashion show PRODUCT_ID` shows all about a product. Everything is in {settings.home}.")
    if result.run.stopped:
        raise typer.Exit(ExitCode.STOPPED)


@app.command("stand-ins")
def stand_ins(
    folder: Annotated[Path, typer.Argument(help="Folder of the photos to write, for FASHION_PHOTOS.")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder of the photos that exist; they are copied instead of drawn.")
    ] = None,
) -> None:
    """Draw a stand-in for each missing photo of the product table, to try a catalog at its full size.

    The table is FASHION_SOURCE, read as by `fashion run`. Each stand-in is a demo product of a similar article type and
    colour. It shows nothing of the real product, so it says nothing about quality. Existing photos are kept.

    Example: `FASHION_PROFILE=local FASHION_SOURCE=styles.csv FASHION_PRESET=reference fashion demo stand-ins photos`
    """
    from fashion_assets.app.demo_pictures import draw_stand_ins

    with progress_shown():
        written = draw_stand_ins(load_settings(), folder, photos)
    output.print(
        f"{written.rendered:,} photos were drawn, {written.copied:,} copied, {written.kept:,} existed already; "
        f"set FASHION_PHOTOS={folder} to use them.",
        highlight=False,
    )


@app.command()
def sheet(
    file: Annotated[Path, typer.Argument(help="Picture to write, .png or .jpg.")] = Path("contact-sheet.jpg"),
    columns: Annotated[int, typer.Option(min=1, help="Products in a row.")] = 7,
    rows: Annotated[int, typer.Option(min=1, help="Rows.")] = 3,
    seed: Annotated[int | None, typer.Option(help="Seed of the products. Default: FASHION_DEMO_SEED.")] = None,
    balanced: Annotated[bool, typer.Option(help="Make all values about equally frequent, as in training.")] = False,
    as_models_see: Annotated[
        bool, typer.Option(help="Draw photos at the 120 x 120 pixels that the models see.")
    ] = False,
) -> None:
    """Draw a labelled contact sheet of demo products, to see what the models are given.

    Examples: `fashion demo sheet`, `fashion demo sheet seen.png --balanced --as-models-see`
    """
    from fashion_assets.app.demo_pictures import draw_sheet

    draw_sheet(load_settings(), file, columns, rows, seed, balanced, as_models_see)
    output.print(f"{columns * rows} products are in {file}.", highlight=False)
