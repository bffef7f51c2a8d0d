"""`fashion demo`: the whole pipeline on the embedded default, and its catalog's pictures."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from fashion_assets.app.pipeline import Pipeline
from fashion_assets.automation.resources import build_resources
from fashion_assets.catalog.source import read_source
from fashion_assets.catalog.validation import validate
from fashion_assets.cli.console import output, progress_shown
from fashion_assets.cli.run import print_outcomes, render_catalog, run_pipeline
from fashion_assets.cli.search import find, hits_table
from fashion_assets.cli.status import collect_status, gates_table
from fashion_assets.demo.contact_sheet import write_contact_sheet
from fashion_assets.demo.models import SIDE
from fashion_assets.demo.stand_ins import Listed, write_stand_ins
from fashion_assets.errors import OptionError, SettingsError
from fashion_assets.orchestration.progress import reporting
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import load_settings

QUERIES = ("striped shirt", "leather bag", "red dress")
_HITS = 4
_PICTURES = (".png", ".jpg", ".jpeg")

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
            value=f"FASHION_PROFILE is '{settings.profile}'",
            rule="the demo needs `demo`",
            remedy="run your catalog with `fashion run`",
        )
    with Pipeline(settings) as pipeline, progress_shown():
        render_catalog(settings)
        outcomes = run_pipeline(pipeline, pilot_first=True)
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
    settings = load_settings()
    catalog = build_resources(settings).catalog
    accepted = validate(read_source(settings.require_source(), catalog.mapping()), catalog.mapping()).accepted
    listed = [Listed(**row) for row in accepted.select(field.name for field in fields(Listed)).iter_rows(named=True)]
    with progress_shown(), reporting("drawing stand-ins") as progress:
        written = write_stand_ins(folder, listed, photos, settings.demo_seed, progress)
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
    if file.suffix.lower() not in _PICTURES:
        raise OptionError(
            value=f"The picture is '{file}'",
            rule=f"its name must end in {' or '.join(_PICTURES)}",
            remedy=f"name it {file.stem}.png",
        )
    world = load_settings().demo_seed if seed is None else seed
    mix = "balanced" if balanced else "catalog"
    write_contact_sheet(file, columns, rows, world, mix, SIDE if as_models_see else None)
    output.print(f"{columns * rows} products are in {file}.", highlight=False)
