"""What an ingest lost or could not read, from the tables that it wrote: for the command line, reports and checks."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.judged import EXCLUDED, HEADING, LEFT_OUT
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.storage.store import TableStore

EXAMPLES = 3

_NAMED = ["product_id", "shop_id", "image_path", "photo_address", "unreadable"]
_PROBLEMS = ["product_id", "status", "problem"]

_KINDS = {
    "malformed_row": "broken rows",
    HEADING: "headings between products",
    "product_id": "rows without an id",
    "duplicate_id": "repeated ids",
    "price": "negative prices",
    "photo_path": "photo paths that cannot be used",
    None: "rows",
}

_ONE = {
    "rows": "row",
    "ids": "id",
    "prices": "price",
    "years": "year",
    "words": "word",
    "headings": "heading",
    "paths": "path",
}
"""The singular of what is counted."""


@dataclass(frozen=True)
class Loss:
    """How many rows or products share a reason, and the first of them in words."""

    what: str
    count: int
    examples: tuple[str, ...]

    def in_words(self) -> str:
        """As "2 repeated ids: line 3: ...; line 9: ..."."""
        nouns = self.what.split(" ")
        if self.count == 1:
            plural = next((noun for noun in nouns if noun in _ONE), "")
            nouns = [_ONE[noun] if noun == plural else noun for noun in nouns]
        return f"{self.count:,} {' '.join(nouns)}: {'; '.join(self.examples)}"


@dataclass(frozen=True)
class Losses:
    """What did not get in: `quarantined` rows and rows `excluded` by the shop; and of the `products` that did, photos
    that cannot be used and values that could not be read."""

    products: int
    quarantined: tuple[Loss, ...]
    excluded: tuple[Loss, ...]
    photos: tuple[Loss, ...]
    values: tuple[Loss, ...]

    @property
    def quarantined_rows(self) -> int:
        return sum(loss.count for loss in self.quarantined)

    @property
    def excluded_rows(self) -> int:
        return sum(loss.count for loss in self.excluded)

    @property
    def without_photo(self) -> int:
        return sum(loss.count for loss in self.photos)

    def __bool__(self) -> bool:
        return bool(self.quarantined or self.excluded or self.photos or self.values)

    def sentences(self) -> list[str]:
        """The losses with counts, reasons and first examples."""
        parts = [
            ("Quarantined", "rows", self.quarantined_rows, self.quarantined),
            ("Left out on purpose", "rows", self.excluded_rows, self.excluded),
            ("Without a usable photo", "products", self.without_photo, self.photos),
            ("Values that could not be read", "", sum(loss.count for loss in self.values), self.values),
        ]
        lines = []
        for title, unit, count, losses in parts:
            if losses:
                counted = unit if count != 1 else unit.removesuffix("s")
                lines.append(f"{title}: {count:,} {counted}".rstrip() + ".")
                lines += [f"  {loss.in_words()}" for loss in losses]
        return lines


def read_losses(store: TableStore) -> Losses:
    """The losses of the last ingest."""
    quarantined, excluded = losses_of_rows(store.read(QUARANTINED_ROWS))
    problems = store.read(PHOTOS, columns=_PROBLEMS).filter(pl.col("status") != "ok")
    photos, first_photos, values, products = Counter(), {}, [], 0
    for part in store.read_in_parts(INGESTED_PRODUCTS, _NAMED):
        products += len(part)
        part = part.sort(pl.col("product_id").abs())  # keys that are given count down from -1
        part = part.with_columns(shop_id=pl.coalesce("shop_id", pl.col("product_id").cast(pl.String)))
        values.append(part.select("shop_id", "unreadable").drop_nulls("unreadable"))
        unusable = part.join(problems, on="product_id", maintain_order="left")
        photo = pl.coalesce("photo_address", "image_path", "shop_id")
        for problem, example in unusable.select("problem", photo).iter_rows():
            _count(photos, first_photos, _in_general(problem), example)
    return Losses(products, quarantined, excluded, _losses(photos, first_photos), losses_of_values(values))


def losses_of_rows(rows: pl.DataFrame) -> tuple[tuple[Loss, ...], tuple[Loss, ...]]:
    """Of rows that are no products (line_number, kind, reason): those quarantined, and those the shop leaves out."""
    rows, is_left_out = rows.sort("line_number"), pl.col("kind").is_in(LEFT_OUT).fill_null(False)
    headings = _by_kind(rows.filter(pl.col("kind") == HEADING))
    return _by_kind(rows.filter(~is_left_out)), (*_by_reason(rows.filter(pl.col("kind") == EXCLUDED)), *headings)


def losses_of_values(parts: Iterable[pl.DataFrame]) -> tuple[Loss, ...]:
    """The values of products (shop_id, unreadable) that could not be read, by what they are."""
    values, first_values = Counter(), {}
    for part in parts:
        for shop_id, problems in part.drop_nulls("unreadable").select("shop_id", "unreadable").iter_rows():
            for problem in problems:
                what, _, detail = problem.partition(": ")
                _count(values, first_values, what, f"{detail} of {shop_id}")
    return _losses(values, first_values)


def _count(counter: Counter, examples: dict[str, list[str]], what: str, example: str) -> None:
    counter[what] += 1
    kept = examples.setdefault(what, [])
    if len(kept) < EXAMPLES:
        kept.append(example)


def _in_general(problem: str | None) -> str:
    """A photo's problem without the name of its file."""
    text = problem or "unusable"
    return "no such file" if text.startswith("no file '") else text.partition(": http")[0]


def _losses(counter: Counter, examples: Mapping[str, Sequence[str]]) -> tuple[Loss, ...]:
    return tuple(Loss(what, count, tuple(examples[what])) for what, count in counter.most_common())


def _by_kind(rows: pl.DataFrame) -> tuple[Loss, ...]:
    return tuple(
        Loss(_KINDS.get(kind, str(kind)), len(part), _examples(part["line_number"], part["reason"]))
        for (kind,), part in _largest_first(rows, "kind")
    )


def _by_reason(rows: pl.DataFrame) -> tuple[Loss, ...]:
    return tuple(
        Loss(
            f"{'row' if len(part) == 1 else 'rows'}, because {reason}",
            len(part),
            tuple(f"line {line}" for line in part["line_number"].head(EXAMPLES)),
        )
        for (reason,), part in _largest_first(rows, "reason")
    )


def _largest_first(rows: pl.DataFrame, column: str) -> Iterable[tuple[tuple, pl.DataFrame]]:
    parts = rows.partition_by(column, as_dict=True, maintain_order=True)
    return sorted(parts.items(), key=lambda item: -len(item[1]))


def _examples(lines: pl.Series, reasons: pl.Series) -> tuple[str, ...]:
    return tuple(
        f"line {line}: {reason}" for line, reason in zip(lines.head(EXAMPLES), reasons.head(EXAMPLES), strict=True)
    )
