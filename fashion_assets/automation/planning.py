"""Which batches must run, and why: compares their rows in the tables with the current source, prompts and models.

Nothing extra is recorded for this: rows carry their provenance, so that a crash or a manual edit cannot make the plan
wrong. The sensor, `fashion run --changed` and `fashion status` all use this plan.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import polars as pl

from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PHOTO_FACTS, SOURCE_COLUMN_NAMES
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.extraction.questions import prompts_version
from fashion_assets.extraction.resources import PromptsResource, VlmResource
from fashion_assets.extraction.retries import version_of_batch
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.models.clip.resources import ClipResource
from fashion_assets.quality.labels.corrections import corrections_in_words, current_corrections
from fashion_assets.quality.verdicts.verdict import Verdict, attributes_fingerprint, find_verdict
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Table

_PROVENANCE = {"prompts": version_of_batch("prompt_version"), "vlm": version_of_batch("model_id")}
_CORRECTED = pl.concat_str("product_id", pl.lit(": "), "corrections")
_GIVEN = pl.concat_str("product_id", pl.lit(": "), "given")
_PHOTO_COLUMNS = tuple(column.name for column in PHOTO_FACTS)


@dataclass(frozen=True)
class Versions:
    """The versions that the current settings would write on every row."""

    prompts: str
    vlm: str
    clip: str
    hybrid_image_weight: str
    language: str = ""


def versions_of(
    prompts: PromptsResource, vlm: VlmResource, clip: ClipResource, shop: ShopProfile = SHIPPED
) -> Versions:
    """The versions on rows that are written with these resources; loads no model."""
    return Versions(
        prompts_version(prompts.questions(shop.taxonomy)),
        vlm.identity().model_id,
        clip.model_identity(),
        str(clip.hybrid_image_weight),
        shop.language_version or "",
    )


@dataclass(frozen=True)
class BatchPlan:
    """A batch and what has changed since its rows were computed.

    `verdict` is the last one on its current attributes, `target` a hash of everything that its rows should be computed
    from.
    """

    batch: str
    reasons: tuple[str, ...]
    verdict: Verdict | None
    target: str

    @property
    def is_blocked(self) -> bool:
        """Whether the gates stopped the batch and nothing has changed since: running it again would stop it again."""
        return not self.reasons and self.verdict is not None and not self.verdict.may_go_on

    @property
    def must_run(self) -> bool:
        return bool(self.reasons)


def plan_batches(store: TableStore, versions: Versions) -> list[BatchPlan]:
    """A plan for every batch that has products or rows, in order."""
    expected = _fingerprints(store, INGESTED_PRODUCTS, {"given": _GIVEN})
    extracted = _fingerprints(store, EXTRACTED_ATTRIBUTES, {**_PROVENANCE, "given": _GIVEN})
    embedded = _fingerprints(
        store,
        EMBEDDINGS,
        _PROVENANCE
        | {
            "clip": pl.col("embedding_model"),
            "hybrid_image_weight": pl.col("hybrid_image_weight"),
            "language": pl.col("language"),
            "given": _GIVEN,
            "corrections": _CORRECTED,
        },
    )
    corrections, contents, verdicts = _corrections(store), _contents(store), ReadOnce(store)
    return [
        _plan(
            lambda batch: find_verdict(verdicts, batch, contents[batch]),
            batch,
            expected.get(batch),
            extracted.get(batch),
            embedded.get(batch),
            {**asdict(versions), "corrections": corrections.get(batch, "")},
        )
        for batch in sorted({*expected, *extracted, *embedded})
    ]


def _plan(
    find: Callable[[str], Verdict | None],
    batch: str,
    source: dict | None,
    extracted: dict | None,
    embedded: dict | None,
    now: dict,
) -> BatchPlan:
    expected = {**now, **(source or {})}
    target = hash_text(json.dumps(expected, sort_keys=True))
    verdict = None
    if extracted is not None and not _differences(expected, extracted):
        verdict = find(batch)
        if verdict is not None and not verdict.may_go_on:
            return BatchPlan(batch, (), verdict, target)
    if source is None:
        reasons = ("all products withdrawn",)
    elif embedded is None:
        reasons = ("never completed",) if extracted else ("new batch",)
    else:
        reasons = _differences(expected, embedded)
        if verdict is None and not reasons:
            reasons = ("rules changed",)
    return BatchPlan(batch, tuple(reasons), verdict, target)


def _differences(expected: dict[str, str], actual: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name} changed" for name, value in actual.items() if expected.get(name) != value)


def _contents(store: TableStore) -> dict[str, str]:
    """By batch: the fingerprint of its attributes, to which a verdict binds."""
    return {
        batch: attributes_fingerprint(rows)
        for part in store.read_in_parts(EXTRACTED_ATTRIBUTES)
        for (batch,), rows in part.partition_by(BATCH, as_dict=True).items()
    }


def _corrections(store: TableStore) -> dict[str, str]:
    """By batch: the corrections of its products, in the format of `_fingerprints`; only batches with corrections."""
    corrected = corrections_in_words(current_corrections(store))
    if corrected.is_empty():
        return {}
    products = store.read(INGESTED_PRODUCTS, columns=[BATCH, "product_id"])
    grouped = products.join(corrected, on="product_id").group_by(BATCH).agg(_joined_values(_CORRECTED))
    return dict(grouped.iter_rows())


def _joined_values(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.String).unique().sort().str.join("|")


def _fingerprints(
    store: TableStore, table: Table, provenance: dict[str, pl.Expr] | None = None
) -> dict[str, dict[str, str]]:
    """By batch: a hash of its rows, a hash of its photos, and the provenance that its rows carry."""
    provenance = provenance or {}
    carrying = [name for expression in provenance.values() for name in expression.meta.root_names()]
    columns = list(dict.fromkeys([BATCH, *SOURCE_COLUMN_NAMES, *_PHOTO_COLUMNS, *carrying]))
    fingerprints = {}
    for part in store.read_in_parts(table, columns):
        grouped = part.group_by(BATCH).agg(
            rows=_joined(SOURCE_COLUMN_NAMES),
            photos=_joined(("product_id", *_PHOTO_COLUMNS)),
            **{name: _joined_values(value) for name, value in provenance.items()},
        )
        for row in grouped.iter_rows(named=True):
            hashes = {name: hash_text(row[name]) for name in ("rows", "photos")}
            fingerprints[row.pop(BATCH)] = row | hashes
    return fingerprints


def _joined(columns: Sequence[str]) -> pl.Expr:
    return pl.struct(columns).sort_by("product_id").struct.json_encode().str.join("\n")
