"""What the planned batches would ask of the model, and what that takes by what its answers took so far.

Which batches run, and why, is decided in `planning.py`; nothing is loaded, asked or written here.
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
"""Of each question: what the model took lately, on the machine that it is on now."""

_MEASURED = ("seconds", "prompt_tokens", "answer_tokens")


@dataclass(frozen=True)
class BatchForecast:
    """A batch that would run: why, its products, the photos to ask about, and how often each question is asked.

    A photo that several batches have is counted in the first one, because it is asked about once.
    """

    batch: str
    reasons: tuple[str, ...]
    products: int
    photos: int
    questions: Mapping[str, int]


@dataclass(frozen=True)
class Estimate:
    """Time in the model, tokens and money, from `measured` answers; `cost` is None without a price."""

    measured: int
    seconds: float
    prompt_tokens: int
    answer_tokens: int
    cost: float | None


@dataclass(frozen=True)
class Forecast:
    """`stopped` batches would not run: their gates stopped them, and nothing has changed since.

    `estimate` is None where there is something to ask of a model that has not answered anything yet.
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
        """How often each question is asked in all batches."""
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

    The model answers `at_once` requests at the same time, each with its photo; one that does not (None)
    looks at a photo once for all questions that are asked together, and its photos share a forward pass's time already.
    """
    running = [plan for plan in plans if all_batches or plan.must_run]
    products = store.read(INGESTED_PRODUCTS).filter(pl.col(BATCH).is_in([plan.batch for plan in running]))
    asked = _still_to_ask(store, products, questions, identity)
    return Forecast(
        identity.model_id,
        tuple(_of_batch(plan, products, asked, questions) for plan in running),
        tuple(plan for plan in plans if plan.is_blocked and plan not in running),
        _estimate(asked, _history(store, identity), at_once, price_per_hour),
    )


def _still_to_ask(
    store: TableStore, products: pl.DataFrame, questions: Sequence[Question], identity: ModelIdentity
) -> pl.DataFrame:
    """A row for each question to a photo that the journal cannot answer, with the first batch that needs it."""
    readable = products.filter(pl.col("photo_status") == "ok").sort(BATCH)
    _, missing = known_answers(readable, questions, identity, Journal(store))
    columns = (BATCH, "photo_sha256", "question_id")
    asked = [
        readable.filter(question.applies() & pl.col("photo_sha256").is_in(list(missing[question.id])))
        .unique("photo_sha256", keep="first", maintain_order=True)
        .select(BATCH, "photo_sha256", question_id=pl.lit(question.id))
        for question in questions
    ]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), *asked])


def _of_batch(
    plan: BatchPlan, products: pl.DataFrame, asked: pl.DataFrame, questions: Sequence[Question]
) -> BatchForecast:
    own = asked.filter(pl.col(BATCH) == plan.batch)
    return BatchForecast(
        plan.batch,
        plan.reasons or ("asked for",),
        products.filter(pl.col(BATCH) == plan.batch).height,
        own["photo_sha256"].n_unique(),
        {question.id: own.filter(pl.col("question_id") == question.id).height for question in questions},
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
    asked: pl.DataFrame, history: pl.DataFrame, at_once: int | None, price_per_hour: float | None
) -> Estimate | None:
    """Each question takes what it took on average, or where it is new, what all questions took.

    The question that is asked first has the time for looking at the photo: where only others are asked, it is theirs.
    """
    if len(asked) and history.is_empty():
        return None
    by_question = history.group_by("question_id").agg(pl.col(_MEASURED).mean())
    each = asked.join(by_question, on="question_id", how="left").with_columns(
        pl.col(name).fill_null(history[name].mean() or 0.0) for name in _MEASURED
    )
    seconds, prompt_tokens, answer_tokens = each.select(pl.sum(*_MEASURED)).row(0)
    if at_once is None:
        first_look = by_question.select(pl.max("seconds").fill_null(0.0)).item()
        by_photo = each.group_by("photo_sha256").agg(pl.max("seconds"))
        seconds += by_photo.select((first_look - pl.col("seconds")).clip(lower_bound=0).sum()).item()
    else:
        seconds /= at_once
    return Estimate(
        len(history),
        seconds,
        round(prompt_tokens),
        round(answer_tokens),
        None if price_per_hour is None else seconds / 3600 * price_per_hour,
    )
