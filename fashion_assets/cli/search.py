"""`fashion search`: products by words, by a photo, or both."""

import dataclasses
import json
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from fashion_assets.automation.resources import build_resources
from fashion_assets.cli.console import errors, output
from fashion_assets.demo.clip_words import unknown_words
from fashion_assets.errors import IndexMissing, SearchError, SettingsError
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.index.withdrawals import withdrawn_embedded_ids, withdrawn_ids
from fashion_assets.search.query.backend import search_target
from fashion_assets.search.query.expansion import expand
from fashion_assets.search.query.filters import parse_filters
from fashion_assets.search.query.hits import Hit
from fashion_assets.search.query.search import BASELINE_INDEX, DEFAULT_INDEX
from fashion_assets.search.query.search import search as search_index
from fashion_assets.search.tables import live_promotion
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
    compare: Annotated[
        bool, typer.Option(help="What the catalog's own words find, beside the enriched search.")
    ] = False,
    databricks: Annotated[
        bool, typer.Option("--databricks", help="Search in Databricks Vector Search, by the vectors alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find products by what they look like, and say why each was found.

    Examples: `fashion search "striped shirt"`, `fashion search "red dress" --filter "price<=60" -k 5`,
    `fashion search --image photo.jpg`, `fashion search "plaid shirt for ladies" --compare`
    """
    settings = load_settings()
    indexes = (BASELINE_INDEX, DEFAULT_INDEX) if compare else (None,)
    find_products = find_in_databricks if databricks else find
    found = {index: find_products(settings, text, image, filters or [], limit, index) for index in indexes}
    if as_json:
        listed = {index: [dataclasses.asdict(hit) for hit in hits] for index, hits in found.items()}
        output.print_json(json.dumps(listed if compare else listed[None]))
        return
    warn_of_unknown_words(settings, text)
    title = text or str(image)
    output.print(comparison_table(found, title) if compare else hits_table(found[None], title))


def find(
    settings: Settings,
    text: str | None,
    image: Path | None,
    filters: list[str],
    limit: int,
    index: str | None = None,
) -> list[Hit]:
    """Search the live version of `index`, by default the one that fits the query, with the settings' CLIP model."""
    conditions = parse_filters(filters)
    photo = _open(image) if image else None
    store = TableStore(settings.tables_uri)
    live = live_promotion(store)
    if live is None:
        raise IndexMissing(
            value="Nothing is indexed yet",
            rule="a search needs an index",
            remedy="run `fashion run` first, or `make demo`",
        )
    encoder = build_resources(settings).clip.load()
    table = open_live(settings.index_uri, live["index_version"])
    withdrawn = withdrawn_ids(store, table)
    return search_index(
        table,
        encoder,
        text=text,
        photo=photo,
        index=index,
        filters=conditions,
        excluded_ids=withdrawn,
        limit=limit,
    )


def find_in_databricks(
    settings: Settings,
    text: str | None,
    image: Path | None,
    filters: list[str],
    limit: int,
    index: str | None = None,
) -> list[Hit]:
    """As `find`, in the delta-sync indexes, and ordered by the vectors alone."""
    conditions = parse_filters(filters)
    photo = _open(image) if image else None
    resources = build_resources(settings)
    if resources.vector_search is None:
        raise SettingsError(
            value=f"FASHION_PROFILE is '{settings.profile}', which has no indexes in Databricks Vector Search",
            rule="--databricks searches there",
            remedy="set FASHION_PROFILE=databricks",
        )
    encoder = resources.clip.load()
    return search_target(
        resources.vector_search.target(encoder),
        encoder,
        text=text,
        photo=photo,
        index=index,
        filters=conditions,
        excluded_ids=withdrawn_embedded_ids(TableStore(settings.tables_uri)),
        limit=limit,
    )


def warn_of_unknown_words(settings: Settings, text: str | None) -> None:
    """The demo CLIP was trained on few words: say which of the query's it has never seen, and no synonym explains."""
    if not text or settings.clip != DEMO:
        return
    explained = " ".join(expand(text).added).lower().split()
    unknown = [word for word in unknown_words(text) if word not in explained]
    if unknown:
        words = escape(", ".join(f"'{word}'" for word in unknown))
        errors.print(
            f"[yellow]The demo CLIP model does not know {words}[/]; it ignores such words at best. "
            "FASHION_CLIP chooses a full model."
        )


def hits_table(hits: list[Hit], query: str) -> Table:
    """Hits for the terminal, with the opening of their descriptions: the most telling words."""
    table = Table(
        "score", "product", "price", "name", "why", "description", title=escape(f'"{query}"'), title_justify="left"
    )
    for hit in hits:
        price = "" if hit.price is None else f"{hit.price:.2f}"
        opening = hit.description.partition(". ")[0]
        name = escape(hit.product_display_name or "")
        table.add_row(
            f"{hit.why.ranking_score:.3f}", str(hit.product_id), price, name, escape(hit.why.words()), escape(opening)
        )
    return table


def comparison_table(found: Mapping[str, list[Hit]], query: str) -> Table:
    """The hits of several indexes side by side, rank by rank."""
    table = Table("", *found, title=escape(f'"{query}"'), title_justify="left")
    for place, hits in enumerate(zip_longest(*found.values()), 1):
        table.add_row(str(place), *(_in_brief(hit) if hit else "" for hit in hits))
    return table


def _in_brief(hit: Hit) -> str:
    name = escape(hit.product_display_name or "")
    color = escape(hit.base_color or "")
    return f"{hit.product_id} {name} ({color})\n[dim]{hit.why.ranking_score:.3f} {escape(hit.why.words())}[/]"


def _open(image: Path):
    try:
        return open_photo(image)
    except PhotoProblem as problem:
        raise SearchError(
            value=f"--image is '{image}', which cannot be used ({problem.reason})",
            rule="it must be a photo",
            remedy="give a readable photo",
        ) from problem
