"""Bringing the source's photos below the photos folder: addresses are fetched, paths are taken as they are.

Facts about the photos are in `photo_facts.py`, requests to the web in `fetching/`.
"""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.fetching.fetch import fetch_photos
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.report import FetchReport
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.orchestration.progress import reporting

ADDRESS = r"^https?://"
NOT_FETCHED = "a web address, which is fetched only with `fetch = true` in [photos] of the shop's file"

LOCAL_FOLDER = "local"
"""Where copies of photos that are files lie in a photos folder of fetched ones."""


@dataclass(frozen=True)
class PhotoPlaces:
    """`root` is the folder that `image_path` is relative to, for everything downstream; `source_root` the one that the
    source's paths are relative to. With `limits`, addresses are fetched into `root`."""

    root: Path
    source_root: Path
    limits: FetchLimits | None = None

    @property
    def cache(self) -> PhotoCache | None:
        return PhotoCache(self.root) if self.limits is not None else None


@dataclass(frozen=True)
class PhotoIntake:
    """The photos of a source after fetching; `report` is None if nothing may be fetched."""

    places: PhotoPlaces
    report: FetchReport | None

    @classmethod
    def of(cls, places: PhotoPlaces, photos: Iterable[pl.Series]) -> "PhotoIntake":
        """Fetch every address among the `photos` (lists of paths and addresses by product)."""
        cache = places.cache
        if cache is None or places.limits is None:
            return cls(places, None)
        with reporting("fetching photos") as progress:
            return cls(places, fetch_photos(_addresses(photos), cache, places.limits, progress))

    def with_paths(self, products: pl.DataFrame) -> pl.DataFrame:
        """`products` with image_path (the first photo that is there), photo_address and more_photos, from `photos`."""
        first = pl.col("photos").list.first()
        products = products.with_columns(photo_address=pl.when(first.str.contains(ADDRESS)).then(first))
        if (cache := self.places.cache) is not None:
            products = self._cached(products, cache)
        main = pl.col("photos").list.first()
        more = pl.col("photos").list.slice(1)
        return products.with_columns(image_path=main, more_photos=pl.when(more.list.len() > 0).then(more))

    def with_problems(self, facts: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
        """`facts` (PHOTOS), where a photo is missing because its address gave none, with that reason."""
        addresses = products["photo_address"]
        cache = self.places.cache
        if cache is None:
            reason = pl.when(addresses.is_not_null()).then(pl.lit(NOT_FETCHED))
            reasons = facts.select(reason.alias("reason")).to_series()
        else:
            states = dict(cache.look_up(addresses.drop_nulls().unique()).select("address", "problem").iter_rows())
            reasons = pl.Series("reason", [states.get(address) for address in addresses], dtype=pl.String)
        is_lost = (pl.col("status") == "missing") & reasons.is_not_null()
        return facts.with_columns(problem=pl.when(is_lost).then(reasons).otherwise("problem"))

    def _cached(self, products: pl.DataFrame, cache: PhotoCache) -> pl.DataFrame:
        """`photos` as paths below the root, without addresses that gave none."""
        distinct, files = products["photos"].explode().drop_nulls().unique(), PhotoFiles(self.places.source_root)
        fetched = cache.look_up(distinct.filter(distinct.str.contains(ADDRESS))).drop_nulls("sha256")
        paths: dict[str, str] = {
            address: str(cache.file(sha256).relative_to(self.places.root))
            for address, sha256 in fetched.select("address", "sha256").iter_rows()
        }
        for path in distinct.filter(~distinct.str.contains(ADDRESS)):
            paths[path] = self._copied(path, files)
        return products.with_columns(photos=_replaced(products["photos"], paths))

    def _copied(self, path: str, files: PhotoFiles) -> str:
        """The path, below the root, of a copy of the source's own file, if there is one under that or a like name."""
        file, copy = files.root / path, self.places.root / LOCAL_FOLDER / path
        if not file.is_file():
            file = files.root / (files.find(path) or path)
        if not file.is_file():
            copy.unlink(missing_ok=True)  # of a file that is gone: its product has no photo any more
        elif not copy.is_file() or copy.stat().st_mtime_ns != file.stat().st_mtime_ns:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
        return f"{LOCAL_FOLDER}/{path}"


def _addresses(photos: Iterable[pl.Series]) -> Iterable[str]:
    for column in photos:
        distinct = column.explode().drop_nulls().unique(maintain_order=True)
        yield from distinct.filter(distinct.str.contains(ADDRESS))


def _replaced(photos: pl.Series, paths: Mapping[str, str]) -> pl.Series:
    """The lists with each item replaced by its path; items without one are left out."""
    lists = photos.to_list()
    kept = [[paths[item] for item in items or () if item in paths] for items in lists]
    return pl.Series("photos", kept, dtype=pl.List(pl.String))
