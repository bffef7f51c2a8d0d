"""The quality tables: broken rules by product, verdicts and overrides, corrections, audit labels, distributions."""

import polars as pl

from fashion_assets.storage.table import UTC_TIME, Column, Table, table_of_asset

CONSISTENCY_CHECKS = table_of_asset(
    "consistency_checks",
    key=("product_id", "rule"),
    columns=(
        Column("product_id", pl.Int64, "The product that breaks the rule."),
        Column("article_type", pl.String, "What the catalog calls it."),
        Column("rule", pl.String, "The rule."),
        Column("expected", pl.String, "What the rule expects."),
        Column("found", pl.String, "What the model saw."),
        Column("severity", pl.String, "Whether the rule can stop a batch.", allowed=("error", "warn")),
    ),
)

BATCH_VERDICTS = Table(
    "batch_verdicts",
    key=("content_fingerprint", "rules_version"),
    columns=(
        Column("content_fingerprint", pl.String, "Hash of the batch's rows that were judged."),
        Column("rules_version", pl.String, "Hash of the rules that judged."),
        Column("passed", pl.Boolean, "Whether the batch may continue downstream."),
        Column("reasons", pl.List(pl.String), "The gates that failed, with their figures."),
        Column("decided_at", UTC_TIME, "When.", is_hashed=False),
    ),
)
"""Append-only. A verdict binds to rows, not to a run: when the rows change, it lapses."""

VERDICT_OVERRIDES = Table(
    "verdict_overrides",
    key=("content_fingerprint",),
    columns=(
        Column("content_fingerprint", pl.String, "Hash of the batch's rows that may continue."),
        Column("author", pl.String, "Who decided that."),
        Column("reason", pl.String, "Why."),
        Column("decided_at", UTC_TIME, "When.", is_hashed=False),
    ),
)
"""Append-only: overrides of people for stopped batches. They bind to rows as verdicts do."""

CORRECTIONS = Table(
    "corrections",
    key=("product_id", "field", "at"),
    columns=(
        Column("product_id", pl.Int64, "The product that is corrected."),
        Column("field", pl.String, "The attribute, as `product_extracted_attributes` names it."),
        Column("value", pl.String, "What it is; items of a list separated by |; null withdraws the correction."),
        Column("author", pl.String, "The person who said so."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only; the latest row for a product's attribute counts."""

AUDIT_LABELS = Table(
    "audit_labels",
    key=("product_id", "photo_sha256", "field"),
    columns=(
        Column("product_id", pl.Int64, "The product that was drawn."),
        Column("photo_sha256", pl.String, "Hash of the photo that was looked at; null when there was none."),
        Column("field", pl.String, "The attribute, as `product_extracted_attributes` names it."),
        Column("value", pl.String, "What it is; items of a list separated by |; null: cannot be seen."),
        Column("author", pl.String, "The person who said so."),
        Column("at", UTC_TIME, "When.", is_hashed=False),
    ),
    partition_by=(),
)
"""Append-only; the first answer counts, because it was given before the model's was shown."""

ACCEPTED_DISTRIBUTIONS = Table(
    "accepted_distributions",
    key=("attribute", "value", "accepted_at"),
    columns=(
        Column("attribute", pl.String, "The attribute, as `product_extracted_attributes` names it."),
        Column("value", pl.String, "One of its values; `none` is the empty list."),
        Column("share", pl.Float64, "Of the applicable products, those that have it."),
        Column("applicable", pl.Int64, "Products with an answer to the attribute's question."),
        Column("accepted_at", UTC_TIME, "When.", is_hashed=False),
    ),
)
"""Append-only: the distribution of a batch's answers when it was accepted; each acceptance writes all rows."""
