"""How a notebook displays results: the hits of a search as a table with small photos."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from fashion_assets.models.photos import PhotoProblem
from fashion_assets.orchestration.previews import THUMBNAIL_PIXELS, photo_data_uri

if TYPE_CHECKING:
    from pathlib import Path

    from fashion_assets.app.search import SearchResult
    from fashion_assets.search.query.hits import Hit


def hits_as_html(result: SearchResult) -> str:
    """An HTML table with a row for each hit: photo, id, name, price, and why it was found."""
    rows = "".join(_row(hit, result.photos_root) for hit in result.hits)
    header = "<tr><th>photo</th><th>product</th><th>name</th><th>price</th><th>why</th></tr>"
    return f"<table>{header}{rows}</table>"


def _row(hit: Hit, photos_root: Path) -> str:
    name = hit.product_display_name or ""
    cells = (hit.shop_id or str(hit.product_id), name, hit.price_in_words(), hit.why.words())
    return f"<tr><td>{_photo(hit, photos_root)}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _photo(hit: Hit, photos_root: Path) -> str:
    if hit.image_path is None:
        return "no photo"
    try:
        return f'<img src="{photo_data_uri(photos_root / hit.image_path, THUMBNAIL_PIXELS)}">'
    except PhotoProblem as problem:
        return escape(problem.code)
