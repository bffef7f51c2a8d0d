"""The verdict on a batch: written once by the gates, looked up by everything downstream.

A blocking asset check guards only its own run; the verdict guards the batch in every run. It binds to a fingerprint of
the judged rows and to the version of the rules. A person may override it for these rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from fashion_assets.errors import BatchRefused, BatchUnjudged
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.gates.gate import Judgement
from fashion_assets.quality.rules.declarations import rules_version
from fashion_assets.quality.tables import BATCH_VERDICTS
from fashion_assets.quality.verdicts.overrides import Override, find_override, record_override
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.storage.hashing import content_fingerprint
from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.store import TableStore


@dataclass(frozen=True)
class Verdict:
    """Whether a batch passed its gates, with the reasons if it did not, and the override of a person, if any."""

    batch: str
    content_fingerprint: str
    passed: bool
    reasons: tuple[str, ...]
    override: Override | None = None

    @property
    def may_go_on(self) -> bool:
        return self.passed or self.override is not None


def judge_batch(
    batch: str, attributes: pl.DataFrame, judgements: Sequence[Judgement], profile: ShopProfile = SHIPPED
) -> Verdict:
    """A batch passes when no gate failed; warnings do not stop it."""
    reasons = tuple(f"{j.name}: {j.reason}" for j in judgements if j.outcome == "failed")
    return Verdict(batch, attributes_fingerprint(attributes, profile), not reasons, reasons)


def record_verdict(store: TableStore, verdict: Verdict, now: datetime, profile: ShopProfile = SHIPPED) -> None:
    """Append the verdict, unless it is recorded already."""
    recorded = find_verdict(store, verdict.batch, verdict.content_fingerprint, profile)
    if recorded is None or replace(recorded, override=None) != verdict:
        row = {
            "batch": verdict.batch,
            "content_fingerprint": verdict.content_fingerprint,
            "rules_version": rules_version(profile),
            "passed": verdict.passed,
            "reasons": list(verdict.reasons),
            "decided_at": now,
        }
        store.append(BATCH_VERDICTS, pl.DataFrame([row], schema_overrides={"reasons": pl.List(pl.String)}))


def find_verdict(store: RowReader, batch: str, fingerprint: str, profile: ShopProfile = SHIPPED) -> Verdict | None:
    """The last verdict on exactly these rows under the current rules."""
    rows = (
        store.read(BATCH_VERDICTS, batch)
        .filter(content_fingerprint=fingerprint, rules_version=rules_version(profile))
        .sort("decided_at")
    )
    if rows.is_empty():
        return None
    row = rows.row(-1, named=True)
    override = None if row["passed"] else find_override(store, batch, fingerprint)
    return Verdict(batch, fingerprint, row["passed"], tuple(row["reasons"]), override)


def require_passed(store: RowReader, batch: str, attributes: pl.DataFrame, profile: ShopProfile = SHIPPED) -> None:
    """Raise BatchRefused unless these rows passed or a person overrode the verdict; BatchUnjudged without a verdict."""
    verdict = find_verdict(store, batch, attributes_fingerprint(attributes, profile), profile)
    if verdict is None:
        raise BatchUnjudged(
            value=f"Batch {batch} has no quality verdict for its current rows",
            rule="downstream assets need one",
            remedy=f"run `fashion run --batch {batch} --until extracted_attributes`, which judges them",
        )
    if not verdict.may_go_on:
        raise BatchRefused(
            value=f"Batch {batch} is stopped by its quality gates: {' '.join(verdict.reasons).rstrip('.')}",
            rule="its rows must pass them, or a person must override the verdict for exactly these rows",
            remedy=(
                "see `fashion status`, change prompts, model or photos and run `fashion run --batch "
                f"{batch}`, or run `fashion override {batch} --by NAME --reason TEXT`"
            ),
        )


def override_verdict(
    store: TableStore, batch: str, author: str, reason: str, now: datetime, profile: ShopProfile = SHIPPED
) -> Verdict:
    """Let the batch's current rows continue although gates failed, and record who decided that, and why.

    Raises BatchRefused when there is no failed verdict on these rows, or no person or reason.
    """
    attributes = store.read(attributes_table(profile.taxonomy), batch)
    verdict = find_verdict(store, batch, attributes_fingerprint(attributes, profile), profile)
    if verdict is None:
        raise BatchUnjudged(
            value=(f"Batch {batch} has no quality verdict for its current rows, so there is nothing to override"),
            rule="only a failed verdict can be overridden",
            remedy=f"judge them with `fashion run --batch {batch}`",
        )
    if verdict.passed:
        raise BatchRefused(
            value=f"Batch {batch} passed its quality gates, so there is nothing to override",
            rule="only a failed verdict can be overridden",
            remedy=f"continue with `fashion run --batch {batch}`",
        )
    override = Override(author, reason, now)
    record_override(store, batch, verdict.content_fingerprint, override)
    return replace(verdict, override=override)


def attributes_fingerprint(attributes: pl.DataFrame, profile: ShopProfile = SHIPPED) -> str:
    """What a verdict binds to: the content of the judged rows without timestamps."""
    table = attributes_table(profile.taxonomy)
    return content_fingerprint(attributes, table.hashed_columns, later=table.later_columns)
