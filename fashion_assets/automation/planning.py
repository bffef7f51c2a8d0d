"""What has to run, and why: each batch's state as the tables show it, beside what source, prompts and models are now.

Nothing is recorded for this: rows carry what they were made from, so that a crash or an edit by hand cannot make the
plan wrong. The sensor, `fashion run --changed` and `fashion status` all ask here.
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
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.read_once import ReadOnce
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Table

_SEEN_BY = {"prompts": version_of_batch("prompt_version"), "vlm": version_of_batch("model_id")}
_CORRECTED = pl.concat_str("product_id", pl.lit(": "), "corrections")
_PHOTO_COLUMNS = tuple(column.name for column in PHOTO_FACTS)


@dataclass(frozen=True)
class Versions:
    """What the present settings would write on every row."""

    prompts: str
    vlm: str
    clip: str
    hybrid_image_weight: str


def versions_of(
    prompts: PromptsResource, vlm: VlmResource, clip: ClipResource, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> Versions:
    """The versions that rows written with these resources carry; loads no model."""
    return Versions(
        prompts_version(prompts.questions(taxonomy)),
        vlm.identity().model_id,
        clip.model_identity(),
        str(clip.hybrid_image_weight),
    )


@dataclass(frozen=True)
class BatchPlan:
    """A batch and what has changed since its rows were made.

    `verdict` is the last one on its present attributes, `target` a hash of all that its rows should be made from.
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
    wanted = _fingerprints(store, INGESTED_PRODUCTS)
    extracted = _fingerprints(store, EXTRACTED_ATTRIBUTES, _SEEN_BY)
    embedded = _fingerprints(
        store,
        EMBEDDINGS,
        _SEEN_BY
        | {
            "clip": pl.col("embedding_model"),
            "hybrid_image_weight": pl.col("hybrid_image_weight"),
            "corrections": _CORRECTED,
        },
    )
    corrections, contents, verdicts = _corrections(store), _contents(store), ReadOnce(store)
    return [
        _plan(
            lambda batch: find_verdict(verdicts, batch, contents[batch]),
            batch,
            wanted.get(batch),
            extracted.get(batch),
            embedded.get(batch),
            {**asdict(versions), "corrections": corrections.get(batch, "")},
        )
        for batch in sorted({*wanted, *extracted, *embedded})
    ]


def _plan(
    find: Callable[[str], Verdict | None],
    batch: str,
    wanted: dict | None,
    extracted: dict | None,
    embedded: dict | None,
    now: dict,
) -> BatchPlan:
    expected = {**now, **(wanted or {})}
    target = hash_text(json.dumps(expected, sort_keys=True))
    verdict = None
    if extracted is not None and not _differences(expected, extracted):
        verdict = find(batch)
        if verdict is not None and not verdict.may_go_on:
            return BatchPlan(batch, (), verdict, target)
    if wanted is None:
        reasons = ("all products withdrawn",)
    elif embedded is None:
        reasons = ("never completed",) if extracted else ("new batch",)
    else:
        reasons = _differences(expected, embedded)
        if verdict is None and not reasons:
            reasons = ("rules changed",)
    return BatchPlan(batch, tuple(reasons), verdict, target)


def _differences(expected: dict[str, str], found: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{name} changed" for name, value in found.items() if expected.get(name) != value)


def _contents(store: TableStore) -> dict[str, str]:
    """By batch: the fingerprint of its attributes, to which a verdict binds."""
    return {
        batch: attributes_fingerprint(rows)
        for part in store.read_in_parts(EXTRACTED_ATTRIBUTES)
        for (batch,), rows in part.partition_by(BATCH, as_dict=True).items()
    }


def _corrections(store: TableStore) -> dict[str, str]:
    """By batch: what is corrected of its products, in the words of `_fingerprints`; only batches with corrections."""
    known = corrections_in_words(current_corrections(store))
    if known.is_empty():
        return {}
    products = store.read(INGESTED_PRODUCTS, columns=[BATCH, "product_id"])
    grouped = products.join(known, on="product_id").group_by(BATCH).agg(_joined_values(_CORRECTED))
    return dict(grouped.iter_rows())


def _joined_values(carried: pl.Expr) -> pl.Expr:
    return carried.cast(pl.String).unique().sort().str.join("|")


def _fingerprints(
    store: TableStore, table: Table, provenance: dict[str, pl.Expr] | None = None
) -> dict[str, dict[str, str]]:
    """By batch: a hash of its rows, a hash of its photos, and the provenance that its rows carry."""
    provenance = provenance or {}
    carrying = [name for expression in provenance.values() for name in expression.meta.root_names()]
    columns = list(dict.fromkeys([BATCH, *SOURCE_COLUMN_NAMES, *_PHOTO_COLUMNS, *carrying]))
    found = {}
    for part in store.read_in_parts(table, columns):
        grouped = part.group_by(BATCH).agg(
            rows=_joined(SOURCE_COLUMN_NAMES),
            photos=_joined(("product_id", *_PHOTO_COLUMNS)),
            **{name: _joined_values(carried) for name, carried in provenance.items()},
        )
        for row in grouped.iter_rows(named=True):
            hashes = {name: hash_text(row[name]) for name in ("rows", "photos")}
            found[row.pop(BATCH)] = row | hashes
    return found


def _joined(columns: Sequence[str]) -> pl.Expr:
    return pl.struct(columns).sort_by("product_id").struct.json_encode().str.join("\n")
