"""Reading a source without writing anything: what would get in, what would be lost, and some products as examples."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from fashion_assets.catalog.dry_run import dry_run
from fashion_assets.catalog.losses import Loss, losses_of_rows, losses_of_values
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.photo_intake import ADDRESS, PhotoPlaces
from fashion_assets.catalog.source import Source

EXAMPLES = 5
GIVEN = "given"
NAMES = 2_000
"""Enough to tell the language of a catalog's names."""


@dataclass(frozen=True)
class Survey:
    """What an ingest of a source would give.

    `examples` are the first products, with `photo` saying what is known of their photo. `categories` counts products by
    the shop's category words and the kind that they mean ("" where they mean none). `photos` counts products whose
    photo is "there", "missing", "an address" or "not named". `names` are those of the first products, for telling the
    catalog's language.
    """

    rows: int
    products: int
    variants: int
    continuations: int
    quarantined: tuple[Loss, ...]
    excluded: tuple[Loss, ...]
    values: tuple[Loss, ...]
    photos: dict[str, int]
    categories: dict[tuple[str, str], int]
    decimal: str | None
    is_decimal_ambiguous: bool
    recovered: int
    notes: tuple[str, ...]
    examples: pl.DataFrame
    names: tuple[str, ...] = ()
    filled: dict[str, int] = field(default_factory=dict)
    """Products with a value, by column of ours or attribute that the shop states."""


def survey(source: Source, places: PhotoPlaces) -> Survey:
    """Read the whole source as an ingest does; raises SourceError if it cannot be read."""
    files = PhotoFiles(places.source_root)
    photos, categories, values, examples = Counter(), Counter(), [], []
    names, filled = [], Counter()
    with dry_run(source) as run:
        for products in run.parts():
            states = pl.Series("photo", [_photo_state(files, path) for path in products["photos"].list.first()])
            photos.update(dict(states.value_counts().iter_rows()))
            categories.update(_categories(products))
            filled.update(_filled(products))
            names += products["product_display_name"].drop_nulls().head(NAMES - len(names)).to_list()
            values.append(products.select("shop_id", "unreadable").drop_nulls("unreadable"))
            examples.append(products.with_columns(states).head(EXAMPLES))
    quarantined, excluded = losses_of_rows(run.placed.quarantined)
    evidence = run.read.price
    return Survey(
        rows=run.read.rows_in,
        products=run.products,
        variants=run.placed.offers,
        continuations=run.read.continuations,
        quarantined=quarantined,
        excluded=excluded,
        values=losses_of_values(values),
        photos=dict(photos),
        categories=dict(categories.most_common()),
        decimal=evidence.decided() if evidence.is_shown else None,
        is_decimal_ambiguous=evidence.is_ambiguous,
        recovered=run.read.repairs.recovered_names + run.read.repairs.repaired,
        notes=source.notes,
        examples=pl.concat(examples, how="vertical_relaxed").head(EXAMPLES) if examples else pl.DataFrame(),
        names=tuple(names),
        filled=dict(filled),
    )


def _photo_state(files: PhotoFiles, path: str | None) -> str:
    if path is None:
        return "not named"
    if re.match(ADDRESS, path):
        return "an address"
    is_there = (files.root / path).is_file() or files.find(path) is not None
    return "there" if is_there else "missing"


def _filled(products: pl.DataFrame) -> dict[str, int]:
    """The number of products with a value in each column, and with each stated attribute."""
    counts = {name: len(products) - products[name].null_count() for name in products.columns if name != GIVEN}
    stated = Counter(
        name for text in products[GIVEN].drop_nulls() for name, word in json.loads(text).items() if word is not None
    )
    return counts | {f"{GIVEN}.{name}": count for name, count in stated.items()}


def _categories(products: pl.DataFrame) -> dict[tuple[str, str], int]:
    levels = [pl.col(name) for name in ("master_category", "sub_category", "article_type")]
    own = pl.coalesce("category", pl.concat_str(levels, separator=" > ", ignore_nulls=True)).fill_null("")
    is_unmapped = pl.col("unreadable").list.eval(pl.element().str.starts_with("category words")).list.any()
    kind = pl.when(~is_unmapped.fill_null(False)).then(pl.concat_str(levels, separator=" > ", ignore_nulls=True))
    counted = products.group_by(own.alias("own"), kind.fill_null("").alias("kind")).len()
    return {(own, kind): count for own, kind, count in counted.iter_rows()}
