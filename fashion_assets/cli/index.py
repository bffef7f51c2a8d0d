"""`fashion index`: the versions of the search index, and the way back to an older one."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.cli.console import output
from fashion_assets.search.index.rollback import roll_back
from fashion_assets.search.tables import live_promotion, promotions
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore

app = typer.Typer(
    no_args_is_help=True,
    help="Look at the versions of the search index, and go back to an older one.\n\n"
    'Examples: `fashion index list`, `fashion index rollback --by NAME --reason "prices look wrong"`',
)


@app.command("list")
def list_versions() -> None:
    """Show every version that was promoted or refused, the last one first, and which is live."""
    store = TableStore(load_settings().tables_uri)
    live = live_promotion(store)
    table = Table("version", "when", "products", "model", "why")
    records = promotions(store).reverse().to_dicts()
    is_found = False
    for record in records:
        is_live = not is_found and live is not None and record == live
        is_found = is_found or is_live
        table.add_row(
            f"{record['index_version']}{' (live)' if is_live else ''}",
            f"{record['promoted_at']:%Y-%m-%d %H:%M}",
            f"{record['rows']:,}",
            escape(record["embedding_model"]),
            escape(record["reason"]),
        )
    output.print(table if records else "No index was built yet; `fashion run` builds one.")


@app.command()
def rollback(
    version: Annotated[
        int | None, typer.Argument(help="The version to serve again; by default the one that was live before.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who decides this: a name that colleagues know.")] = ...,
    reason: Annotated[str, typer.Option(help="Why the live version should not be served.")] = ...,
) -> None:
    """Serve an older version again, at once, and put on record who decided that and why.

    The version that is left is not promoted again by itself until the products change.

    Example: `fashion index rollback --by NAME --reason "prices look wrong"`
    """
    settings = load_settings()
    left, found = roll_back(TableStore(settings.tables_uri), settings.index_uri, version, by, reason, datetime.now(UTC))
    output.print(f"Version {found.version} with {found.rows:,} products is live again, instead of version {left}.")
