"""Facts about each photo that need no model: usable or not, size, hashes.

Decoding is in `models/photos.py`, the search for near duplicates in `near_duplicates.py`. A photo is read once: later
calls reuse the facts about files with the same path, size and modification time.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
from PIL import Image

from fashion_assets.catalog.near_duplicates import fingerprint
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH

FACTS = (
    "status",
    "problem",
    "sha256",
    "perceptual_hash",
    "mode",
    "width",
    "height",
    "file_bytes",
    "modified_ns",
)

PHOTOS_PER_TASK = 64
"""Photos per task of the thread pool: a task for each would take longer than checking for a missing file."""


def photo_facts(
    products: pl.DataFrame,
    root: Path,
    earlier: pl.DataFrame,
    progress: Callable[[int, int], None] | None = None,
    workers: int | None = None,
) -> pl.DataFrame:
    """The PHOTOS rows of `products` (product_id, batch, image_path relative to `root`), in their order.

    `earlier` has earlier PHOTOS rows; files that are unchanged since are not opened. `progress` is called with
    (photos done, all photos). A missing or unreadable photo is a row like any other, with its problem.
    `duplicate_group` is null, as it depends on the whole catalog.
    """
    photos = products.select("product_id", "image_path").join(
        earlier.select("product_id", *FACTS, earlier_path="image_path"),
        on="product_id",
        how="left",
        maintain_order="left",
    )
    has_root = root.is_dir()  # checked once: without the folder, no photo needs to be looked for

    def read_part(start: int) -> pl.DataFrame:  # frames, because a million dicts of facts take gigabytes
        part = photos.slice(start, PHOTOS_PER_TASK)
        if has_root:
            facts = [_facts(root, row["image_path"], row) for row in part.iter_rows(named=True)]
        else:
            facts = [_without_photo("missing", f"no photos folder '{root.name}'")] * len(part)
        return pl.DataFrame(facts, schema={name: PHOTOS.schema[name] for name in FACTS})

    parts = [pl.DataFrame(schema={name: PHOTOS.schema[name] for name in FACTS})]
    done = 0
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        for part in pool.map(read_part, range(0, len(photos), PHOTOS_PER_TASK)):
            parts.append(part)
            done += len(part)
            if progress is not None:
                progress(done, len(photos))
    return conform(products.select("product_id", BATCH, "image_path").hstack(pl.concat(parts)), PHOTOS)


def _facts(root: Path, image_path: str | None, earlier: dict) -> dict:
    if image_path is None:
        return _without_photo("missing", "the source names no photo")
    path = root / image_path
    try:
        file = path.stat()
        if not stat.S_ISREG(file.st_mode):
            raise FileNotFoundError
        stamp = {"file_bytes": file.st_size, "modified_ns": file.st_mtime_ns}
        if earlier["earlier_path"] == image_path and earlier.items() >= stamp.items():
            return {name: earlier[name] for name in FACTS}
        with path.open("rb") as content:
            sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return _without_photo("missing", f"no file '{image_path}'")
    except (OSError, ValueError) as error:  # without a stamp: the file may become readable without changing
        return _without_photo("unreadable", getattr(error, "strerror", None) or str(error))
    try:
        photo = open_photo(path)
        with Image.open(path) as stored:
            image = {"mode": stored.mode, "width": stored.width, "height": stored.height}
    except (PhotoProblem, OSError) as problem:
        return _without_photo("unreadable", getattr(problem, "reason", str(problem))) | stamp | {"sha256": sha256}
    hashes = {"sha256": sha256, "perceptual_hash": fingerprint(photo)}
    return {"status": "ok", "problem": None} | hashes | image | stamp


def _without_photo(status: str, problem: str) -> dict:
    return dict.fromkeys(FACTS) | {"status": status, "problem": problem}
