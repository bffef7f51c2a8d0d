"""Facts about each photo that need no model: usable or not, size, hashes.

Decoding is in `models/photos.py`, finding the file in `photo_files.py`, telling photos from blank pictures in
`blank_photos.py`, the search for near duplicates in `near_duplicates.py`. A photo is read once: later calls reuse the
facts about files with the same path, size and modification time.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import polars as pl

from fashion_assets.catalog.blank_photos import blank_reason
from fashion_assets.catalog.near_duplicates import fingerprint
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.models.photos import PhotoProblem, decode_photo
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH

FACTS = (
    "image_path",
    "status",
    "problem",
    "sha256",
    "perceptual_hash",
    "mode",
    "width",
    "height",
    "file_bytes",
    "modified_ns",
    "rules",
)

RULES = 2
"""Number it up when the same file would give other facts: those made by other rules are then collected again. 1 (null
in the table) had no colour profiles, took blank pictures for photos and left out nearly whole ones."""

PHOTOS_PER_TASK = 64
"""Photos per task of the thread pool: a task for each would take longer than checking for a missing file."""


def photo_facts(
    products: pl.DataFrame,
    files: PhotoFiles,
    earlier: pl.DataFrame,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> pl.DataFrame:
    """The PHOTOS rows of `products` (product_id, batch, image_path relative to the root of `files`), in their order.

    Each row's `image_path` is that of the file found, which may be spelt in another way than the product's.
    `earlier` has earlier PHOTOS rows; files that are unchanged since are not opened. `progress` is called with
    (photos done, all photos). A missing, unreadable or blank photo is a row like any other, with its problem.
    `duplicate_group` is null, as it depends on the whole catalog.
    """
    if not files.root.is_dir():  # checked once: without the folder, no photo needs to be looked for
        if progress is not None:
            progress(len(products), len(products))
        return _without_folder(products, files.root)
    photos = products.select("product_id", "image_path").join(
        earlier.select("product_id", *(pl.col(name).alias(f"earlier_{name}") for name in FACTS)),
        on="product_id",
        how="left",
        maintain_order="left",
    )

    def read_part(start: int) -> pl.DataFrame:  # frames, because a million dicts of facts take gigabytes
        part = photos.slice(start, PHOTOS_PER_TASK)
        facts = [_facts(files, row["image_path"], row) for row in part.iter_rows(named=True)]
        return pl.DataFrame(facts, schema={name: PHOTOS.schema[name] for name in FACTS})

    parts = [pl.DataFrame(schema={name: PHOTOS.schema[name] for name in FACTS})]
    done = 0
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        for part in pool.map(read_part, range(0, len(photos), PHOTOS_PER_TASK)):
            parts.append(part)
            done += len(part)
            if progress is not None:
                progress(done, len(photos))
    return conform(products.select("product_id", BATCH).hstack(pl.concat(parts)), PHOTOS)


def _without_folder(products: pl.DataFrame, root: Path) -> pl.DataFrame:
    """The PHOTOS rows of `products` whose photos folder does not exist."""
    facts = pl.DataFrame(schema={name: PHOTOS.schema[name] for name in FACTS if name != "image_path"})
    facts = facts.clear(len(products)).with_columns(
        status=pl.lit("missing"), problem=pl.lit(f"no photos folder '{root.name}'")
    )
    return conform(products.select("product_id", BATCH, "image_path").hstack(facts), PHOTOS)


def _facts(files: PhotoFiles, image_path: str | None, earlier: dict) -> dict:
    if image_path is None:
        return _without_photo(None, "missing", "the source names no photo")
    try:
        path, file = _stat(files, image_path)
        stamp = {"image_path": path, "file_bytes": file.st_size, "modified_ns": file.st_mtime_ns, "rules": RULES}
        if all(earlier[f"earlier_{name}"] == value for name, value in stamp.items()):
            return {name: earlier[f"earlier_{name}"] for name in FACTS}
        content = (files.root / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return _without_photo(image_path, "missing", f"no file '{image_path}'")
    except (OSError, ValueError) as error:  # without a stamp: the file may become readable without changing
        return _without_photo(image_path, "unreadable", getattr(error, "strerror", None) or str(error))
    return dict.fromkeys(FACTS) | _judged(content) | stamp


def _stat(files: PhotoFiles, image_path: str) -> tuple[str, os.stat_result]:
    """The path of the photo's file, and its state; raises FileNotFoundError if there is none."""
    with suppress(FileNotFoundError, NotADirectoryError):
        file = (files.root / image_path).stat()
        if stat.S_ISREG(file.st_mode):
            return image_path, file
    path = files.find(image_path)
    if path is None:
        raise FileNotFoundError
    return path, (files.root / path).stat()


def _judged(content: bytes) -> dict:
    """The facts that the content of a file gives."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        photo = decode_photo(content)
    except PhotoProblem as problem:
        return {"status": "unreadable", "problem": problem.reason, "sha256": sha256}
    facts = {"sha256": sha256, "mode": photo.mode, "width": photo.width, "height": photo.height}
    reason = blank_reason(photo.image)
    if reason is not None:
        return facts | {"status": "blank", "problem": reason}
    return facts | {"status": "ok", "problem": None, "perceptual_hash": fingerprint(photo.image)}


def _without_photo(image_path: str | None, status: str, problem: str) -> dict:
    return dict.fromkeys(FACTS) | {"image_path": image_path, "status": status, "problem": problem}
