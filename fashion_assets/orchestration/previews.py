"""Small previews for the UI: tables in Markdown, with thumbnails where rows have photos."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.orchestration.markdown import inert

PREVIEW_ROWS = 6
THUMBNAIL_PIXELS = (72, 96)
_LONGEST_CELL = 160


def table_preview(
    rows: pl.DataFrame, columns: Sequence[str], photos_root: Path | None = None, most_rows: int = PREVIEW_ROWS
) -> str:
    """The first rows as a Markdown table; with `photos_root`, thumbnails of `image_path` come first."""
    shown = rows.head(most_rows)
    names = [inert(name) for name in columns]
    header = ["photo", *names] if photos_root is not None else names
    lines = [_line(header), _line(["---"] * len(header))]
    for row in shown.iter_rows(named=True):
        cells = [_cell(row[name]) for name in columns]
        lines.append(_line([_thumbnail(photos_root, row["image_path"]), *cells] if photos_root is not None else cells))
    return "\n".join(lines)


def photo_data_uri(path: Path, pixels: tuple[int, int]) -> str:
    """The photo as a `data:` URI of a JPEG of at most `pixels` (width, height); raises PhotoProblem."""
    photo = open_photo(path)
    photo.thumbnail(pixels)
    content = io.BytesIO()
    photo.save(content, "JPEG", quality=75)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode()}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list | pl.Series) else str(value)
    return inert(text[:_LONGEST_CELL])


def _thumbnail(root: Path, image_path: str | None) -> str:
    if image_path is None:
        return "no photo"
    try:
        return f"![]({photo_data_uri(root / image_path, THUMBNAIL_PIXELS)})"
    except PhotoProblem as problem:
        return problem.code
