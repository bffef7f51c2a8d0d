"""The extraction slice's tables: one row of attributes per product, and the journal of every raw answer."""

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.extraction.backends.zero_shot.labels import ZERO_SHOT_COLUMNS
from fashion_assets.shop.taxonomy import FIELDS, Field
from fashion_assets.storage.table import UTC_TIME, Column, Table, table_of_asset


def _attribute_column(field: Field) -> Column:
    dtype = pl.List(pl.String) if field.is_list else pl.String
    return Column(field.column, dtype, "What the model saw in the photo.", allowed=field.vocabulary.values())


ATTRIBUTE_COLUMNS = tuple(_attribute_column(field) for field in FIELDS.values())

PROBABILITY_COLUMNS = tuple(
    Column(f"{field.column}_probability", pl.Float64, f"The model's probability of its own answer for {field.column}.")
    for field in FIELDS.values()
)

ALLOWED_MASS_COLUMNS = tuple(
    Column(
        f"{field.column}_allowed_mass",
        pl.Float64,
        f"Probability that the model put on the allowed values of {field.column} before it was held to them.",
    )
    for field in FIELDS.values()
)

RETRY_COLUMNS = (
    Column("retry_of_model_id", pl.String, "The model whose failure this answer of another one stands in for."),
    Column("retry_of_prompt_version", pl.String, "The prompts whose failure this answer to others stands in for."),
)
"""Null except where a product that failed was asked again with other settings than its batch's."""

EXTRACTED_ATTRIBUTES = table_of_asset(
    "extracted_attributes",
    name="product_extracted_attributes",
    columns=(
        *SOURCE_COLUMNS,
        *PHOTO_FACTS,
        *ATTRIBUTE_COLUMNS,
        Column("extraction_success", pl.Boolean, "True when every question asked was answered within the vocabulary."),
        Column("extraction_errors", pl.List(pl.String), "Typed failures, each as `code:where`."),
        Column("extraction_timestamp", UTC_TIME, "When the last of the answers was given.", is_hashed=False),
        Column("model_id", pl.String, "The model that answered, with the hash of its weights."),
        Column("prompt_version", pl.String, "The prompt set that asked, with the hash of its text."),
        *RETRY_COLUMNS,
        *PROBABILITY_COLUMNS,
        *ALLOWED_MASS_COLUMNS,
        *ZERO_SHOT_COLUMNS,
    ),
)
"""One row per product of the batch, failed ones included."""

RESPONSE_JOURNAL = Table(
    "response_journal",
    key=("content_key",),
    columns=(
        Column("content_key", pl.String, "Hash of all that determines the answer; the same question is asked once."),
        Column("photo_sha256", pl.String, "Hash of the photo file."),
        Column("photo_preparation", pl.String, "How the photo was made ready for the model."),
        Column("question_id", pl.String, "The prompt that asked."),
        Column("question_version", pl.String, "Its version."),
        Column("text_hash", pl.String, "Hash of the prompt text as rendered."),
        Column("schema_hash", pl.String, "Hash of the JSON schema of the answer."),
        Column("model_id", pl.String, "The model that answered, with the hash of its weights."),
        Column("decoding", pl.String, "Decoding settings."),
        Column("answer_text", pl.String, "The raw answer."),
        Column("probabilities", pl.String, "Probability of each field's value, as JSON."),
        Column("allowed_mass", pl.String, "Probability of each field's allowed values before the mask, as JSON."),
        Column("prompt_tokens", pl.Int64, "Tokens in."),
        Column("answer_tokens", pl.Int64, "Tokens out."),
        Column("seconds", pl.Float64, "Model time, shared evenly among the photos of a micro-batch."),
        Column("answered_at", UTC_TIME, "When."),
    ),
    partition_by=("question_id", "question_version", "model_id"),
    looked_up_by="content_key",
)
"""Append-only; read with deduplication, because Delta enforces no uniqueness."""

OUT_OF_MEMORY_EVENTS = Table(
    "out_of_memory_events",
    key=("at", "micro_batch"),
    columns=(
        Column("model_id", pl.String, "The model that ran out of memory."),
        Column("device", pl.String, "The name of the device it ran on."),
        Column("micro_batch", pl.Int64, "Photos that it was asked about at once."),
        Column("at", UTC_TIME, "When."),
    ),
    partition_by=(),
)
"""Append-only; the next run starts with half of what did not fit."""
