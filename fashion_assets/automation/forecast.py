"""The questions that the planned batches would infer, and an estimate of their cost from the answers so far.

Which batches run, and why, is decided in `planning.py`; nothing is loaded, inferred or written here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.automation.planning import BatchPlan
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.extract import known_answers
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import ModelIdentity
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

LATEST_ANSWERS = 2_000
"""Answers of each question that the estimate uses: recent ones, from the machine that the model is on now."""

_MEASURED = ("seconds", "prompt_tokens", "answer_tokens")


@dataclass(frozen=True)
class BatchForecast:
    """A batch that would run: the reasons, its products, the photos to infer, and the number of answers by question.

    A photo that several batches share is counted in the first one, because it is inferred once.
    """

    batch: str
    reasons: tuple[str, ...]
    products: int
    photos: int
    questions: Mapping[str, int]


@dataclass(frozen=True)
class Estimate:
    """Seconds in the model, tokens and cost, from `measured` answers; `cost` is None without a price."""

    measured: int
    seconds: float
    prompt_tokens: int
    answer_tokens: int
    cost: float | None


@dataclass(frozen=True)
class Forecast:
    """`stopped` batches would not run: their gates stopped them, and nothing has changed since.

    `estimate` is None if there is something to infer with a model that has not answered anything yet.
    """

    model_id: str
    batches: tuple[BatchForecast, ...]
    stopped: tuple[BatchPlan, ...]
    estimate: Estimate | None

    @property
    def photos(self) -> int:
        return sum(batch.photos for batch in self.batches)

    @property
    def questions(self) -> dict[str, int]:
        """The number of answers to infer by question, over all batches."""
        names = dict.fromkeys(name for batch in self.batches for name in batch.questions)
        return {name: sum(batch.questions.get(name, 0) for batch in self.batches) for name in names}


def forecast(
    store: TableStore,
    plans: Sequence[BatchPlan],
    questions: Sequence[Question],
    identity: ModelIdentity,
    *,
    all_batches: bool = False,
    at_once: int | None = None,
    price_per_hour: float | None = None,
) -> Forecast:
    """What would run of `plans`: the batches that must, or all of them.

    The model answers `at_once` requests concurrently, each with its photo. With None, it reads a photo once for all
    questions that are inferred together, and the times of its answers already account for shared forward passes.
    """
    running = [plan for plan in plans if all_batches or plan.must_run]
    products = store.read(INGESTED_PRODUCTS).filter(pl.col(BATCH).is_in([plan.batch for plan in running]))
    missing = _missing_answers(store, products, questions, identity)
    return Forecast(
        identity.model_id,
        tuple(_of_batch(plan, products, missing, questions) for plan in running),
        tuple(plan for plan in plans if plan.is_blocked and plan not in running),
        _estimate(missing, _history(store, identity), at_once, price_per_hour),
    )


def _missing_answers(
    store: TableStore, products: pl.DataFrame, questions: Sequence[Question], identity: ModelIdentity
) -> pl.DataFrame:
    """A row for each question and photo without an answer in the journal, with the first batch that needs it."""
    readable = products.filter(pl.col("photo_status") == "ok").sort(BATCH)
    _, missing = known_answers(readable, questions, identity, Journal(store))
    columns = (BATCH, "photo_sha256", "question_id")
    rows = [
        readable.filter(question.applies() & pl.col("photo_sha256").is_in(list(missing[question.id])))
        .unique("photo_sha256", keep="first", maintain_order=True)
        .select(BATCH, "photo_sha256", question_id=pl.lit(question.id))
        for question in questions
    ]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), *rows])


def _of_batch(
    plan: BatchPlan, products: pl.DataFrame, missing: pl.DataFrame, questions: Sequence[Question]
) -> BatchForecast:
    of_batch = missing.filter(pl.col(BATCH) == plan.batch)
    return BatchForecast(
        plan.batch,
        plan.reasons or ("asked for",),
        products.filter(pl.col(BATCH) == plan.batch).height,
        of_batch["photo_sha256"].n_unique(),
        {question.id: of_batch.filter(pl.col("question_id") == question.id).height for question in questions},
    )


def _history(store: TableStore, identity: ModelIdentity) -> pl.DataFrame:
    """The latest answers of the model, by question."""
    answers = store.read(
        RESPONSE_JOURNAL,
        columns=["question_id", "answered_at", *_MEASURED],
        partition={"model_id": identity.model_id},
        among={"photo_preparation": [identity.photo_preparation]},
    )
    return answers.sort("answered_at", descending=True).group_by("question_id").head(LATEST_ANSWERS)


def _estimate(
    missing: pl.DataFrame, history: pl.DataFrame, at_once: int | None, price_per_hour: float | None
) -> Estimate | None:
    """The estimate from the mean of each question's answers, or of all answers if the question is new.

    The first question's time includes reading the photo: if it is not inferred, the others take that time.
    """
    if len(missing) and history.is_empty():
        return None
    by_question = history.group_by("question_id").agg(pl.col(_MEASURED).mean())
    each = missing.join(by_question, on="question_id", how="left").with_columns(
        pl.col(name).fill_null(history[name].mean() or 0.0) for name in _MEASURED
    )
    seconds, prompt_tokens, answer_tokens = each.select(pl.sum(*_MEASURED)).row(0)
    if at_once is None:
        first_question = by_question.select(pl.max("seconds").fill_null(0.0)).item()
        by_photo = each.group_by("photo_sha256").agg(pl.max("seconds"))
        seconds += by_photo.select((first_question - pl.col("seconds")).clip(lower_bound=0).sum()).item()
    else:
        seconds /= at_once
    return Estimate(
        len(history),
        seconds,
        round(prompt_tokens),
        round(answer_tokens),
        None if price_per_hour is None else seconds / 3600 * price_per_hour,
    )
