"""The tables of the extraction: one row of attributes per product, and the journal of all raw answers."""

from functools import lru_cache

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMNS
from fashion_assets.extraction.backends.zero_shot.labels import second_opinion_columns
from fashion_assets.shop.given import GIVEN
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy
from fashion_assets.storage.table import UTC_TIME, AssetTable, Column, Table, table_of_asset


def attribute_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    """A column for each attribute, which holds only its values."""
    return tuple(
        Column(
            attribute.column,
            pl.List(pl.String) if attribute.is_list else pl.String,
            "What the model sees in the photo.",
            allowed=attribute.vocabulary.values(),
        )
        for attribute in taxonomy
    )


def _probability_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    return tuple(
        Column(f"{a.column}_probability", pl.Float64, f"The model's probability of its answer for {a.column}.")
        for a in taxonomy
    )


def _allowed_mass_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{a.column}_allowed_mass",
            pl.Float64,
            f"The model's probability of all allowed values of {a.column}, before decoding was restricted to them.",
        )
        for a in taxonomy
    )


def stated_column(attribute: Attribute) -> str:
    """The column with what the shop's table states about a single-valued attribute."""
    return f"stated_{attribute.column}"


def _stated_columns(taxonomy: Taxonomy) -> tuple[Column, ...]:
    return (
        Column(GIVEN, pl.String, "Attributes that the shop states, as a JSON object.", added_later=True),
        *(
            Column(
                stated_column(attribute),
                pl.String,
                f"The {attribute.column} that the shop states, if it means a value; a witness of the model's answer.",
                allowed=attribute.vocabulary.values(),
                added_later=True,
            )
            for attribute in taxonomy.single_valued
        ),
    )


RETRY_COLUMNS = (
    Column("retry_of_model_id", pl.String, "The model whose failure this answer by another one replaces."),
    Column("retry_of_prompt_version", pl.String, "The prompts whose failure this answer to others replaces."),
)
"""Null except where a failed product was retried with other settings than its batch's."""


@lru_cache
def attributes_table(taxonomy: Taxonomy) -> AssetTable:
    """`product_extracted_attributes` with the columns of a shop's attributes."""
    return table_of_asset(
        "extracted_attributes",
        name="product_extracted_attributes",
        columns=(
            *SOURCE_COLUMNS,
            *PHOTO_FACTS,
            *attribute_columns(taxonomy),
            Column(
                "extraction_success",
                pl.Boolean,
                "True if every question that applies was answered within the vocabulary.",
            ),
            Column("extraction_errors", pl.List(pl.String), "Failures, each as `code:where`."),
            Column("extraction_timestamp", UTC_TIME, "When the last of the answers was given.", is_hashed=False),
            Column("model_id", pl.String, "The model that answered, with the hash of its weights."),
            Column("prompt_version", pl.String, "The prompt set, with the hash of its text."),
            *RETRY_COLUMNS,
            *_probability_columns(taxonomy),
            *_allowed_mass_columns(taxonomy),
            *second_opinion_columns(taxonomy),
            *_stated_columns(taxonomy),
        ),
    )


EXTRACTED_ATTRIBUTES = attributes_table(SHIPPED.taxonomy)
"""One row per product of the batch, failed ones included."""

RESPONSE_JOURNAL = Table(
    "response_journal",
    key=("content_key",),
    columns=(
        Column(
            "content_key",
            pl.String,
            "Hash of everything that determines the answer, so that no question is asked twice.",
        ),
        Column("photo_sha256", pl.String, "Hash of the photo file."),
        Column("photo_preparation", pl.String, "How the photo was prepared for the model."),
        Column("question_id", pl.String, "The prompt's id."),
        Column("question_version", pl.String, "Its version."),
        Column("text_hash", pl.String, "Hash of the rendered prompt."),
        Column("schema_hash", pl.String, "Hash of the JSON schema of the answer."),
        Column("model_id", pl.String, "The model that answered, with the hash of its weights."),
        Column("decoding", pl.String, "Decoding settings."),
        Column("answer_text", pl.String, "The raw answer."),
        Column("probabilities", pl.String, "Probability of each field's value, as JSON."),
        Column(
            "allowed_mass",
            pl.String,
            "Probability of each field's allowed values before decoding was restricted to them, as JSON.",
        ),
        Column("prompt_tokens", pl.Int64, "Input tokens."),
        Column("answer_tokens", pl.Int64, "Output tokens."),
        Column("seconds", pl.Float64, "Model time, shared evenly among the photos of a micro-batch."),
        Column("answered_at", UTC_TIME, "When the answer was given."),
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
        Column("micro_batch", pl.Int64, "Photos in the micro-batch that did not fit."),
        Column("at", UTC_TIME, "When it happened."),
    ),
    partition_by=(),
)
"""Append-only; the next run starts with half of what did not fit."""
