"""The search table: each promotion or refusal of an index version, and its reason."""

from datetime import datetime

import polars as pl

from fashion_assets.search.index.versions import BuiltIndex
from fashion_assets.storage.reader import TableReader
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import UTC_TIME, Column, Table

_REFUSED = "refused: "
"""Prefix of the reason of a refusal in the table; `promotions` parses it into `is_refused`."""

INDEX_PROMOTIONS = Table(
    "index_promotions",
    key=("promoted_at", "index_version"),
    columns=(
        Column("index_version", pl.Int64, "Version of the LanceDB table that was promoted or refused."),
        Column("content_fingerprint", pl.String, "Hash of the embeddings rows on sale that it was built from."),
        Column("rows", pl.Int64, "Products in it."),
        Column("embedding_model", pl.String, "Model and weights of its vectors."),
        Column("embedding_dimension", pl.Int64, "Length of its vectors."),
        Column("promoted_at", UTC_TIME, "When it went live, or was refused.", is_hashed=False),
        Column(
            "reason", pl.String, f"Why: checks passed, a rollback, by whom; `{_REFUSED}` and the failed check when not."
        ),
    ),
    partition_by=(),
)
"""Append-only: a rollback promotes an older version again with a row of its own, so the last row that is not a refusal
is the live version. Refusals are kept so that the same content is not built and refused again."""


def record_promotion(store: TableStore, built: BuiltIndex, reason: str, now: datetime) -> None:
    """Record that `built` went live at `now` (aware); call it right after `promote`."""
    row = {
        "index_version": built.version,
        "content_fingerprint": built.facts.content_fingerprint,
        "rows": built.rows,
        "embedding_model": built.facts.embedding_model,
        "embedding_dimension": built.facts.embedding_dimension,
        "promoted_at": now,
        "reason": reason,
    }
    store.append(INDEX_PROMOTIONS, pl.DataFrame([row]))


def record_refusal(store: TableStore, built: BuiltIndex, why: str, now: datetime) -> None:
    """Record that `built` failed its checks at `now` (aware) and did not go live."""
    record_promotion(store, built, f"{_REFUSED}{why}", now)


def promotions(store: TableReader) -> pl.DataFrame:
    """All records, oldest first (Delta keeps no order), with a column `is_refused`."""
    is_refused = pl.col("reason").str.starts_with(_REFUSED).alias("is_refused")
    return store.read(INDEX_PROMOTIONS).sort("promoted_at", "index_version").with_columns(is_refused)


def live_promotion(store: TableReader) -> dict | None:
    """The record of the version that was promoted last, by column name; None before the first promotion."""
    return _last(promotions(store).filter(~pl.col("is_refused")))


def last_attempt(store: TableReader) -> dict | None:
    """The record of the version that was promoted or refused last, by column name; None before the first."""
    return _last(promotions(store))


def settled_fingerprints(store: TableReader) -> set[str]:
    """Fingerprints of contents that need no build: the live version's, and those whose last version was refused."""
    records = promotions(store).unique("content_fingerprint", keep="last", maintain_order=True)
    refused = set(records.filter("is_refused")["content_fingerprint"])
    live = live_promotion(store)
    return refused | ({live["content_fingerprint"]} if live else set())


def _last(records: pl.DataFrame) -> dict | None:
    return next(iter(records.tail(1).to_dicts()), None)
