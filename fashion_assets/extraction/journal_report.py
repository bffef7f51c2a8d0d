"""Reports on the response journal: totals by model and question, and all answers about one product's photo.

The extraction itself only needs `journal.py`.
"""

from collections.abc import Sequence

import polars as pl

from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore

_SHOWN = (
    "answered_at",
    "question_id",
    "question_version",
    "model_id",
    "answer_text",
    "probabilities",
    "allowed_mass",
    "prompt_tokens",
    "answer_tokens",
    "seconds",
    "photo_preparation",
    "decoding",
    "text_hash",
    "content_key",
)


def journal_statistics(store: TableStore) -> pl.DataFrame:
    """One row per model, question and version; `repeated` counts answers that have the key of an earlier one."""
    columns = ["prompt_tokens", "answer_tokens", "seconds", "answered_at"]
    answers = store.read(RESPONSE_JOURNAL, columns=[*RESPONSE_JOURNAL.partition_by, "content_key", *columns])
    groups = ["model_id", "question_id", "question_version"]
    return (
        answers.group_by(groups)
        .agg(
            answers=pl.len().cast(pl.Int64),
            repeated=pl.len().cast(pl.Int64) - pl.col("content_key").n_unique(),
            tokens_in=pl.col("prompt_tokens").sum(),
            tokens_out=pl.col("answer_tokens").sum(),
            mean_seconds=pl.col("seconds").mean(),
            first=pl.col("answered_at").min(),
            last=pl.col("answered_at").max(),
        )
        .sort(groups)
    )


def answers_about(
    store: TableStore, photos: Sequence[str], row: dict | None, questions: Sequence[Question]
) -> pl.DataFrame:
    """Every answer about these photos (sha256 each), newest first; `is_used` marks those behind the product's row.

    `row` is the product's row of `product_extracted_attributes`, if it has one. A row names its model and prompts but
    not its answers: if a prompt was edited without a new version, the answers to its latest text count as used, unless
    the row was made with the present `questions`, whose texts are known.
    """
    answers = store.read(RESPONSE_JOURNAL, among={"photo_sha256": list(dict.fromkeys(photos))})
    used = _used(answers, row, questions)
    return (
        answers.with_columns(is_used=pl.struct("content_key", "answered_at").is_in(used.implode()))
        .sort("answered_at", "question_id", descending=[True, False])
        .select("is_used", *_SHOWN)
    )


def _used(answers: pl.DataFrame, row: dict | None, questions: Sequence[Question]) -> pl.Series:
    """Key and time of the answers that the row was made from."""
    if row is None or row["extraction_timestamp"] is None:
        return answers.clear().select(pl.struct("content_key", "answered_at")).to_series()
    prompts = row["prompt_version"].partition("#")[0].split("+")
    possible = answers.filter(
        pl.col("photo_sha256") == row["photo_sha256"],
        pl.col("model_id") == row["model_id"],
        pl.format("{}.v{}", "question_id", "question_version").is_in(prompts),
        pl.col("answered_at") <= row["extraction_timestamp"],
    )
    if row["prompt_version"] == prompts_version(questions):
        possible = possible.filter(pl.col("text_hash").is_in([question.text_hash for question in questions]))
    first_given = possible.sort("answered_at").unique("content_key", keep="first", maintain_order=True)
    latest = first_given.unique("question_id", keep="last", maintain_order=True)
    return latest.select(pl.struct("content_key", "answered_at")).to_series()
