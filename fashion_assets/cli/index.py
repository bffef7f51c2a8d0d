"""`fashion index`: the versions of the search index, rolling back to an older one, promoting one that was refused."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import output

app = typer.Typer(
    no_args_is_help=True,
    help="List the versions of the search index, roll back to an older one, promote one that was refused.\n\n"
    'Examples: `fashion index list`, `fashion index rollback --by NAME --reason "prices look wrong"`',
)


@app.command("list")
def list_versions() -> None:
    """Show every version that was promoted or refused, the latest first, and which one is live."""
    versions = Shop.open().index.versions()
    table = Table("version", "when", "products", "model", "why")
    for version in versions:
        table.add_row(
            f"{version.version}{' (live)' if version.is_live else ''}",
            f"{version.decided_at:%Y-%m-%d %H:%M}",
            f"{version.products:,}",
            escape(version.embedding_model),
            escape(version.reason),
        )
    output.print(table if versions else "No index has been built yet; `fashion run` builds one.")


@app.command()
def rollback(
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="Why the live version should not be served.")],
    version: Annotated[
        int | None, typer.Argument(help="The version to serve again. Default: the one that was live before.")
    ] = None,
) -> None:
    """Roll back to an older version at once, and put on record who decided that and why.

    The version that was live is not promoted again automatically until the products change.

    Example: `fashion index rollback --by NAME --reason "prices look wrong"`
    """
    result = Shop.open().index.roll_back(by, reason, version)
    live = result.live
    output.print(f"Version {live.version} with {live.rows:,} products is live again, instead of version {result.left}.")


@app.command()
def promote(
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")],
    reason: Annotated[str, typer.Option(help="Why the version should be served although a check refused it.")],
    version: Annotated[int | None, typer.Argument(help="The version to serve. Default: the last one.")] = None,
) -> None:
    """Serve a version that its checks refused, and put on record who decided that and why.

    The next version is compared with it, and its content is not refused again.

    Example: `fashion index promote --by NAME --reason "three new photos, seen and approved"`
    """
    result = Shop.open().index.promote(by, reason, version)
    live = result.live
    before = f", instead of version {result.left}" if result.left is not None else ""
    output.print(f"Version {live.version} with {live.rows:,} products is live now{before}.")
    output.print(escape(f"It had been {result.refusal}"), highlight=False)
