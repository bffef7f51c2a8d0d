"""`fashion search`: products by words, by a photo, or both."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.cli.console import errors, output
from fashion_assets.definitions import build_resources
from fashion_assets.demo.clip_words import unknown_words
from fashion_assets.errors import IndexMissing, SearchError
from fashion_assets.photos import PhotoProblem, open_photo
from fashion_assets.search.filters import parse_filters
from fashion_assets.search.index import open_live
from fashion_assets.search.query import Hit
from fashion_assets.search.query import search as search_index
from fashion_assets.search.tables import live_promotion
from fashion_assets.search.withdrawals import withdrawn_ids
from fashion_assets.settings import DEMO, Settings, load_settings
from fashion_assets.storage.store import TableStore


def search(
    text: Annotated[str | None, typer.Argument(help="What to look for, in words.")] = None,
    image: Annotated[Path | None, typer.Option(help="A photo to look for.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", help="As `gender=Women`, `price<=50`, `article_type=Shirts|Tshirts`; repeatable."),
    ] = None,
    limit: Annotated[int, typer.Option("-k", help="How many products.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find products by what they look like.

    Examples: `fashion search "striped shirt"`, `fashion search "red dress" --filter "price<=60" -k 5`,
    `fashion search --image photo.jpg`
    """
    settings = load_settings()
    hits = find(settings, text, image, filters or [], limit)
    if as_json:
        output.print_json(json.dumps([dataclasses.asdict(hit) for hit in hits]))
    else:
        warn_of_unknown_words(settings, text)
        output.print(hits_table(hits, text or str(image)))


def find(settings: Settings, text: str | None, image: Path | None, filters: list[str], limit: int) -> list[Hit]:
    """Search the live index with the CLIP model of the settings."""
    conditions = parse_filters(filters)
    photo = _open(image) if image else None
    store = TableStore(settings.tables_uri)
    live = live_promotion(store)
    if live is None:
        raise IndexMissing("Nothing is indexed yet; run `fashion run` first, or `make demo`.")
    encoder = build_resources(settings)["clip"].load()
    table = open_live(settings.index_uri, live["index_version"])
    withdrawn = withdrawn_ids(store, table)
    return search_index(table, encoder, text=text, photo=photo, filters=conditions, excluded_ids=withdrawn, limit=limit)


def warn_of_unknown_words(settings: Settings, text: str | None) -> None:
    """The demo CLIP was trained on few words: say which of the query's it has never seen."""
    unknown = unknown_words(text) if text and settings.clip == DEMO else []
    if unknown:
        words = escape(", ".join(f"'{word}'" for word in unknown))
        errors.print(
            f"[yellow]The demo CLIP model does not know {words}[/]; it ignores such words at best. "
            "FASHION_CLIP chooses a full model."
        )


def hits_table(hits: list[Hit], query: str) -> Table:
    """Hits for the terminal, with the opening of their descriptions: the most telling words."""
    table = Table("score", "product", "price", "name", "description", title=escape(f'"{query}"'), title_justify="left")
    for hit in hits:
        price = "" if hit.price is None else f"{hit.price:.2f}"
        opening = hit.description.partition(". ")[0]
        name = escape(hit.product_display_name or "")
        table.add_row(f"{hit.score:.3f}", str(hit.product_id), price, name, escape(opening))
    return table


def _open(image: Path):
    try:
        return open_photo(image)
    except PhotoProblem as problem:
        raise SearchError(
            f"--image is '{image}', which cannot be used ({problem.reason}); give a readable photo."
        ) from problem
