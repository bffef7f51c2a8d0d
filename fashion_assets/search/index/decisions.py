"""Decisions of people about index versions: to go back to an older one, and to serve one that its checks refused.

A rollback keeps the version that was live from being promoted again by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from fashion_assets.errors import IndexMissing, IndexRefused
from fashion_assets.search.index.sole_writer import sole_writer
from fashion_assets.search.index.versions import BuiltIndex, built_index, open_live, promote
from fashion_assets.search.tables import live_promotion, promotions, record_promotion, record_refusal
from fashion_assets.storage.store import TableStore


def roll_back(
    store: TableStore, uri: str, version: int | None, author: str, reason: str, now: datetime
) -> tuple[int, BuiltIndex]:
    """Make `version` live again, by default the one that was live before; returns the version left and the new one.

    Both are recorded with person and reason. The version that was live counts as refused: as long as the products do
    not change, no sensor brings it back. Raises SearchError if there is no earlier version, no person or reason is
    named, or another process is writing the index, and IndexMissing if nothing is live.
    """
    _require_who_and_why("a rollback", author, reason)
    with sole_writer(uri, wait_seconds=0):
        return _roll_back(store, uri, version, f"rolled back by {author.strip()}: {reason.strip()}", now)


@dataclass(frozen=True)
class PromotedByHand:
    """The version that was live before (None: nothing was), the one that is live now, and why it had been refused."""

    left: int | None
    live: BuiltIndex
    refusal: str


def promote_refused(
    store: TableStore, uri: str, version: int | None, author: str, reason: str, now: datetime
) -> PromotedByHand:
    """Make `version`, which was refused, live although it was; by default the one that was built last.

    Person and reason are recorded. Its content counts as settled from then on: it is not built and refused again, and
    the next version is compared with it. Raises SearchError if that version was not refused or does not exist any more,
    no person or reason is named, or another process is writing the index.
    """
    _require_who_and_why("a promotion", author, reason)
    with sole_writer(uri, wait_seconds=0):
        refused = _refused(store, version)
        left = promote(uri, refused["index_version"])
        live = built_index(open_live(uri, refused["index_version"]))
        record_promotion(store, live, f"promoted by {author.strip()}: {reason.strip()}", now)
        return PromotedByHand(left, live, refused["reason"])


def _refused(store: TableStore, version: int | None) -> dict:
    """The last record of `version`, by default of the version that was decided about last; it is a refusal."""
    records = promotions(store)
    of_version = records if version is None else records.filter(index_version=version)
    last = of_version.tail(1).to_dicts()
    if last and last[0]["is_refused"]:
        return last[0]
    raise IndexRefused(
        value=f"Index version {version} was not refused" if version is not None else "The last version was not refused",
        rule="only a version that was refused, or rolled back, is promoted by hand",
        remedy="name one that `fashion index list` shows as refused",
    )


def _require_who_and_why(decision: str, author: str, reason: str) -> None:
    for what, text in (("person", author), ("reason", reason)):
        if not text.strip():
            raise IndexRefused(
                value=f"The {what} of {decision} is empty",
                rule=f"{decision} must name a person and a reason",
                remedy="name both (--by NAME --reason TEXT)",
            )


def _roll_back(store: TableStore, uri: str, version: int | None, why: str, now: datetime) -> tuple[int, BuiltIndex]:
    live = live_promotion(store)
    if live is None:
        raise IndexMissing(
            value="Nothing is live, so there is nothing to roll back",
            rule="a rollback leaves a live version",
            remedy="build an index with `fashion run`",
        )
    left = live["index_version"]
    target = _version_before(store, left) if version is None else version
    if target == left:
        raise IndexRefused(
            value=f"Index version {left} is live already",
            rule="a rollback goes to another one",
            remedy="choose one that `fashion index list` shows",
        )
    promote(uri, target)  # refuses an unfinished version before anything is recorded
    record_refusal(store, built_index(open_live(uri, left)), why, now)
    restored = built_index(open_live(uri, target))
    record_promotion(store, restored, why, now + timedelta(microseconds=1))  # in this order
    return left, restored


def _version_before(store: TableStore, version: int) -> int:
    """The last version that was live before this one and was not refused since."""
    records = promotions(store)
    last_of_each = records.unique("index_version", keep="last", maintain_order=True)
    refused = last_of_each.filter("is_refused")["index_version"]
    earlier = records.filter(
        ~pl.col("is_refused"),
        pl.col("index_version") != version,
        ~pl.col("index_version").is_in(refused.implode()),
    )["index_version"]
    if earlier.is_empty():
        raise IndexRefused(
            value=f"No version was live before version {version}, so there is nothing to roll back to",
            rule="a rollback goes to one that was live",
            remedy="build an index with `fashion run`",
        )
    return earlier[-1]
