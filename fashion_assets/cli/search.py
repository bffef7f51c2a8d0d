"""`fashion search`: products by words, by a photo, or both."""

from collections.abc import Iterable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.app.search import DATABRICKS, LANCEDB, Hit
from fashion_assets.app.shop import Shop
from fashion_assets.cli.console import errors, output, print_json


def search(
    text: Annotated[str | None, typer.Argument(help="What to search for, in words.")] = None,
    image: Annotated[Path | None, typer.Option(help="A photo to search by.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter", help="As `gender=Women`, `price<=50`, `article_type=Shirts|Tshirts`; may be repeated."
        ),
    ] = None,
    limit: Annotated[int, typer.Option("-k", help="Number of products.")] = 10,
    compare: Annotated[
        bool, typer.Option(help="Show what the catalog's own words find next to the enriched search.")
    ] = False,
    databricks: Annotated[
        bool, typer.Option("--databricks", help="Search in Databricks Vector Search, by vectors alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find products by what they look like, with the reasons why each was found.

    Examples: `fashion search "striped shirt"`, `fashion search "red dress" --filter "price<=60" -k 5`,
    `fashion search --image photo.jpg`, `fashion search "plaid shirt for ladies" --compare`
    """
    backend, title = DATABRICKS if databricks else LANCEDB, text or str(image)
    with Shop.open() as shop:
        if compare:
            compared = shop.compare(text, photo=image, filters=filters or (), limit=limit, backend=backend)
            if as_json:
                print_json(compared)
                return
            warn_of_unknown_words(next(iter(compared.by_index.values())).unknown_words)
            output.print(comparison_table(compared.as_dict(), title))
            return
        result = shop.search(text, photo=image, filters=filters or (), limit=limit, backend=backend)
    if as_json:
        print_json(result.hits)
        return
    warn_of_unknown_words(result.unknown_words)
    output.print(hits_table(result, title) if result.hits else "No product matches.")


def warn_of_unknown_words(unknown: Iterable[str]) -> None:
    """Name the words of the query that the demo CLIP, which was trained on few words, does not know."""
    words = escape(", ".join(f"'{word}'" for word in unknown))
    if words:
        errors.print(
            f"[yellow]The demo CLIP model does not know {words}[/]; it ignores such words at best. "
            "Set FASHION_CLIP to a full model."
        )


def hits_table(hits: Iterable[Hit], query: str) -> Table:
    """Hits as a table, with the first sentence of their descriptions."""
    table = Table("score", title=escape(f'"{query}"'), title_justify="left")
    table.add_column("product", overflow="fold", no_wrap=True)  # an id that is cut names no product
    for name in ("price", "name", "why", "description"):
        table.add_column(name)
    for hit in hits:
        opening = hit.description.partition(". ")[0]
        name = escape(hit.product_display_name or "")
        score = f"{hit.why.ranking_score:.3f}"
        table.add_row(
            score, escape(hit.shop_id), escape(hit.price_in_words()), name, escape(hit.why.words()), escape(opening)
        )
    return table


def comparison_table(by_index: Mapping[str, Iterable[Hit]], query: str) -> Table:
    """The hits of several indexes side by side, rank by rank."""
    table = Table("", *by_index, title=escape(f'"{query}"'), title_justify="left")
    for place, hits in enumerate(zip_longest(*by_index.values()), 1):
        table.add_row(str(place), *(_in_brief(hit) if hit else "" for hit in hits))
    return table


def _in_brief(hit: Hit) -> str:
    name = escape(hit.product_display_name or "")
    color = escape(hit.base_color or "")
    return f"{escape(hit.shop_id)} {name} ({color})\n[dim]{hit.why.ranking_score:.3f} {escape(hit.why.words())}[/]"
