"""`fashion demo`: the whole pipeline on the embedded default, its models' figures, and its catalog's pictures."""

from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.run import print_outcomes
from fashion_assets.cli.search import hits_table
from fashion_assets.cli.status import gates_table
from fashion_assets.settings import load_settings

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
    from fashion_assets.app.demo import run_demo

    settings = load_settings(**({} if products is None else {"demo_products": products}))
    with Shop.open(settings) as shop, progress_shown():
        done = run_demo(shop)
    print_outcomes(done.run.outcomes)
    output.print(gates_table(done.status.gates))
    if not done.searches:
        output.print("No batch has passed its gates, so there is nothing to search yet.")
        raise typer.Exit(1)
    for result in done.searches:
        output.print(hits_table(result, result.query.text or ""))
    output.print('Next: `make ui` shows lineage, previews and checks; `fashion search "blue denim jacket"` searches;')
    output.print(f"`fashion show PRODUCT_ID` tells all about a product. Everything is in {settings.home}.")
    if done.run.stopped:
        raise typer.Exit(1)


@app.command("stand-ins")
def stand_ins(
    folder: Annotated[Path, typer.Argument(help="Folder of the photos to write, for FASHION_PHOTOS.")],
    photos: Annotated[
        Path | None, typer.Option(help="Folder of photos that do exist; they are copied instead of drawn.")
    ] = None,
) -> None:
    """Draw a stand-in for each photo that the product table names and nobody has, to try a catalog's size.

    The table is FASHION_SOURCE, read as `fashion run` would. Each stand-in is a demo product of a like article type and
    colour: it shows nothing of the real one, so judge no quality by it. Photos that are in the folder are kept.

    Example: `FASHION_PROFILE=local FASHION_SOURCE=styles.csv FASHION_PRESET=reference fashion demo stand-ins photos`
    """
    from fashion_assets.app.demo_pictures import draw_stand_ins

    with progress_shown():
        written = draw_stand_ins(load_settings(), folder, photos)
    output.print(
        f"{written.rendered:,} photos were drawn, {written.copied:,} copied, {written.kept:,} were there already; "
        f"set FASHION_PHOTOS={folder} to use them.",
        highlight=False,
    )


@app.command()
def sheet(
    file: Annotated[Path, typer.Argument(help="Picture to write, .png or .jpg.")] = Path("contact-sheet.jpg"),
    columns: Annotated[int, typer.Option(min=1, help="Products in a row.")] = 7,
    rows: Annotated[int, typer.Option(min=1, help="Rows.")] = 3,
    seed: Annotated[int | None, typer.Option(help="World of products; by default FASHION_DEMO_SEED.")] = None,
    balanced: Annotated[bool, typer.Option(help="All values about equally often, as in training.")] = False,
    as_models_see: Annotated[bool, typer.Option(help="At the 120 x 120 pixels that the demo models look at.")] = False,
) -> None:
    """Draw a labelled contact sheet of demo products, to see with your own eyes what the models are asked about.

    Examples: `fashion demo sheet`, `fashion demo sheet seen.png --balanced --as-models-see`
    """
    from fashion_assets.app.demo_pictures import draw_sheet

    draw_sheet(load_settings(), file, columns, rows, seed, balanced, as_models_see)
    output.print(f"{columns * rows} products are in {file}.", highlight=False)
