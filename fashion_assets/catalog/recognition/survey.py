"""Reading a source without writing anything: what would get in, what would be lost, and some products as examples."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from fashion_assets.catalog.dry_run import dry_run
from fashion_assets.catalog.fetching.private_hosts import private_host
from fashion_assets.catalog.losses import Loss, losses_of_rows, losses_of_values
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.photo_intake import ADDRESS, PhotoPlaces
from fashion_assets.catalog.recognition.proposals import MOST_EXAMPLES, Example
from fashion_assets.catalog.source import Source
from fashion_assets.shop.kinds.kind import Place
from fashion_assets.shop.kinds.vocabulary import vocabulary

EXAMPLES = 5
GIVEN = "given"
LEVELS_BETWEEN = " > "
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
    without_kind: dict[str, tuple[Example, ...]] = field(default_factory=dict)
    """The first products of category words that mean no kind, at most MOST_EXAMPLES each."""
    private_hosts: dict[str, int] = field(default_factory=dict)
    """Products with photos on hosts of a private network, by host and port."""


def survey(source: Source, places: PhotoPlaces) -> Survey:
    """Read the whole source as an ingest does; raises SourceError if it cannot be read."""
    files = PhotoFiles(places.source_root)
    photos, categories, values, examples = Counter(), Counter(), [], []
    names, filled, private_hosts = [], Counter(), Counter()
    without_kind: dict[str, tuple[Example, ...]] = {}
    with dry_run(source) as run:
        for products in run.parts():
            states = pl.Series("photo", [_photo_state(files, path) for path in products["photos"].list.first()])
            photos.update(dict(states.value_counts().iter_rows()))
            categories.update(_categories(products))
            private_hosts.update(_private_hosts(products))
            for words, example in _without_kind(products, files):
                without_kind[words] = (*without_kind.get(words, ()), example)[:MOST_EXAMPLES]
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
        without_kind=without_kind,
        private_hosts=dict(private_hosts.most_common()),
    )


def kinds_beside(surveyed: Survey, words: Iterable[str]) -> dict[str, tuple[Place, ...]]:
    """The kinds that names give to other products of the same category, for category words that mean none."""
    kinds: dict[str, list[Place]] = {own: [] for own in words}
    for own, kind in surveyed.categories:
        if kind and own in kinds:
            kinds[own].append(_place(kind.split(LEVELS_BETWEEN)))
    return {own: tuple(places) for own, places in kinds.items()}


def _place(levels: Sequence[str]) -> Place:
    """The narrowest known kind; the last level may be the shop's own word."""
    places = vocabulary().places
    place = Place(*levels)
    return place if place in places else place._replace(article_type=None)


def _photo_state(files: PhotoFiles, path: str | None) -> str:
    if path is None:
        return "not named"
    if re.match(ADDRESS, path):
        return "an address"
    return "there" if _photo_file(files, path) else "missing"


def _photo_file(files: PhotoFiles, path: str) -> Path | None:
    if (files.root / path).is_file():
        return files.root / path
    spelled = files.find(path)
    return None if spelled is None else files.root / spelled


def _private_hosts(products: pl.DataFrame) -> dict[str, int]:
    """The number of products by host of a private network; hosts are told by the part before the path."""
    photos = products.select("product_id", "photos").explode("photos", empty_as_null=False, keep_nulls=False)
    start = pl.col("photos").str.extract(r"(?i)^(https?://[^/?#\\]*)")
    starts = photos.select("product_id", start.alias("start")).drop_nulls().unique()
    hosts = {text: private_host(text) for text in starts["start"].unique()}
    named = pl.Series("host", [hosts[text] for text in starts["start"]], dtype=pl.String)
    counted = starts.with_columns(named).drop_nulls().select("product_id", "host").unique().group_by("host").len()
    return dict(counted.sort("host").iter_rows())


def _filled(products: pl.DataFrame) -> dict[str, int]:
    """The number of products with a value in each column, and with each stated attribute."""
    counts = {name: len(products) - products[name].null_count() for name in products.columns if name != GIVEN}
    stated = Counter(
        name for text in products[GIVEN].drop_nulls() for name, word in json.loads(text).items() if word is not None
    )
    return counts | {f"{GIVEN}.{name}": count for name, count in stated.items()}


def _categories(products: pl.DataFrame) -> dict[tuple[str, str], int]:
    counted = products.group_by(_OWN_WORDS.alias("own"), _KIND.alias("kind")).len()
    return {(own, kind): count for own, kind, count in counted.iter_rows()}


def _without_kind(products: pl.DataFrame, files: PhotoFiles) -> Iterator[tuple[str, Example]]:
    """The first products of each category word that means no kind."""
    unmapped = products.filter((_KIND == "") & (_OWN_WORDS != "")).group_by(
        _OWN_WORDS.alias("own"), maintain_order=True
    )
    rows = unmapped.head(MOST_EXAMPLES).select("own", "product_display_name", pl.col("photos").list.first())
    for own, name, path in rows.iter_rows():
        yield own, Example(name, None if path is None or re.match(ADDRESS, path) else _photo_file(files, path))


_LEVELS = [pl.col(name) for name in ("master_category", "sub_category", "article_type")]
_OWN_WORDS = pl.coalesce("category", pl.concat_str(_LEVELS, separator=LEVELS_BETWEEN, ignore_nulls=True)).fill_null("")
_IS_UNMAPPED = pl.col("unreadable").list.eval(pl.element().str.starts_with("category words")).list.any()
_KIND = (
    pl.when(~_IS_UNMAPPED.fill_null(False))
    .then(pl.concat_str(_LEVELS, separator=LEVELS_BETWEEN, ignore_nulls=True))
    .fill_null("")
)
"""The shop's category words of a product, and the kind that they mean."""
