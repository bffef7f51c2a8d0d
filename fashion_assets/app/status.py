"""The figures of `fashion status`, from the tables: products, photos, gates, indexes and models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import polars as pl

from fashion_assets.automation.planning import versions_of
from fashion_assets.automation.resources import Resources
from fashion_assets.catalog.judged import LEFT_OUT
from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTOS, QUARANTINED_ROWS
from fashion_assets.definitions import build_definitions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.gates.history import WHOLE_CATALOG, latest_judgements
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH


@dataclass(frozen=True)
class PhotoCounts:
    """The numbers of photos that cannot be used, and of groups of products with nearly the same photo."""

    missing: int
    unreadable: int
    blank: int
    duplicate_groups: int


@dataclass(frozen=True)
class GateStatus:
    """The latest judgement of a gate on a batch, or on the whole catalog (`batch` is None).

    `severity` is that of the failure; if the gate passed, that of a failure.
    """

    name: str
    asset: str
    batch: str | None
    passed: bool
    severity: str
    value: float | None
    threshold: float | None


@dataclass(frozen=True)
class LiveIndex:
    """A search index as it is served."""

    name: str
    rows: int
    version: int


@dataclass(frozen=True)
class ModelsInUse:
    """The models that the settings name, with the hashes of their weights."""

    vlm: str
    clip: str


@dataclass(frozen=True)
class Status:
    """The state of a shop; `extraction_success_rate` is a share, None before anything was extracted.

    `quarantined` are rows of the source that break a rule, `left_out` those that the shop's file leaves out.
    """

    profile: str
    products: int
    batches: int
    quarantined: int
    left_out: int
    photos: PhotoCounts
    extracted: int
    extraction_success_rate: float | None
    gates: tuple[GateStatus, ...]
    indexes: tuple[LiveIndex, ...]
    models: ModelsInUse


def read_status(settings: Settings, store: TableStore, resources: Resources) -> Status:
    """The present state of the tables, and the models of the settings."""
    rows = store.read(QUARANTINED_ROWS, columns=["kind"])
    photos = store.read(PHOTOS, columns=["status", "duplicate_group"])
    success = store.read(EXTRACTED_ATTRIBUTES, columns=["extraction_success"])["extraction_success"]
    live = live_promotion(store)
    versions = versions_of(resources.prompts, resources.vlm, resources.clip, resources.shop)
    return Status(
        profile=settings.profile,
        products=store.count(INGESTED_PRODUCTS),
        batches=len(store.batches(INGESTED_PRODUCTS)),
        quarantined=rows.filter(~pl.col("kind").is_in(LEFT_OUT).fill_null(False)).height,
        left_out=rows.filter(pl.col("kind").is_in(LEFT_OUT)).height,
        photos=PhotoCounts(
            missing=photos.filter(status="missing").height,
            unreadable=photos.filter(status="unreadable").height,
            blank=photos.filter(status="blank").height,
            duplicate_groups=photos["duplicate_group"].drop_nulls().n_unique(),
        ),
        extracted=len(success),
        extraction_success_rate=cast(float | None, success.mean()),
        gates=_gates(settings, store, resources),
        indexes=tuple(LiveIndex(name, live["rows"], live["index_version"]) for name in INDEXES) if live else (),
        models=ModelsInUse(versions.vlm, versions.clip),
    )


def _gates(settings: Settings, store: TableStore, resources: Resources) -> tuple[GateStatus, ...]:
    """The latest judgement of every check that still exists."""
    graph = build_definitions(settings, resources).resolve_asset_graph()
    blocking = {
        (key.asset_key.to_user_string(), key.name): graph.get_check_spec(key).blocking for key in graph.asset_check_keys
    }
    rows = latest_judgements(store).iter_rows(named=True)
    return tuple(
        _gate(row, blocking[row["asset"], row["name"]]) for row in rows if (row["asset"], row["name"]) in blocking
    )


def _gate(row: Mapping[str, Any], is_blocking: bool) -> GateStatus:
    severities = {"passed": "error" if is_blocking else "warn", "warned": "warn", "failed": "error"}
    return GateStatus(
        name=row["name"],
        asset=row["asset"],
        batch=None if row[BATCH] == WHOLE_CATALOG else row[BATCH],
        passed=row["outcome"] == "passed",
        severity=severities[row["outcome"]],
        value=row["value"],
        threshold=row["threshold"],
    )
