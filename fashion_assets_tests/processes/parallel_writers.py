"""What one of several processes writes at the same time as the others; see `test_parallel_writers.py`."""

from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

import polars as pl

from fashion_assets.extraction.journal import Journal, journal_rows
from fashion_assets.extraction.model import Answer, ModelIdentity
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Column, Table

STOCK = Table(
    "stock",
    key=("product_id",),
    columns=(Column("product_id", pl.Int64), Column("round", pl.Int64), Column("writer", pl.Int64)),
)
"""Merged: each writer has a batch of its own, and writers 2n and 2n + 1 have one in common."""

VERDICTS = Table(
    "verdicts",
    key=("batch", "round"),
    columns=(Column("batch", pl.String), Column("round", pl.Int64), Column("reason", pl.String)),
)
"""Appended."""

ROWS = 20
"""In each batch, and in each flush of the journal."""

IDENTITY = ModelIdentity(model_id="model@1", photo_preparation="none", decoding="greedy")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PATIENCE_SECONDS = 60


def own_batch(writer: int) -> str:
    return f"batch_{writer:05d}"


def common_batch(writer: int) -> str:
    return f"batch_{1_000 + writer // 2:05d}"


def stock(batch: str, round_number: int, writer: int) -> pl.DataFrame:
    """A batch as a writer wants it in a round: its first product is gone after each, and one is new.

    No product is one that another writer wants, so that a mixture of two would hold both.
    """
    first = int(batch.removeprefix("batch_")) * 1_000 + 100 * writer + round_number
    products = range(first, first + ROWS)
    return pl.DataFrame({"product_id": products}).with_columns(round=round_number, writer=writer)


def photos(writer: int, round_number: int) -> list[str]:
    """The photos that are answered in a round; half of them are the neighbour's, as duplicates between batches are."""
    own = [f"photo {writer} {round_number} {number}" for number in range(ROWS // 2)]
    return own + [f"photo of both {writer // 2} {round_number} {number}" for number in range(ROWS // 2)]


def question() -> Question:
    return load_questions(default_prompts_folder())[0]


def write_all(uri: str, writer: int, rounds: int, start: Barrier) -> None:
    """All commits of one writer, begun when all writers are there; nobody has created a table before."""
    store, asked = TableStore(uri), question()
    start.wait(_PATIENCE_SECONDS)
    for number in range(rounds):
        store.merge(STOCK, stock(own_batch(writer), number, writer), own_batch(writer))
        store.merge(STOCK, stock(common_batch(writer), number, writer), common_batch(writer))
        verdict = {"batch": [own_batch(writer)], "round": [number], "reason": ["passed"]}
        store.append(VERDICTS, pl.DataFrame(verdict))
        answered = photos(writer, number)
        answers = [Answer(text=f"{writer} {photo}") for photo in answered]
        at = _START + timedelta(seconds=number)
        Journal(store).append(journal_rows(asked, IDENTITY, answered, answers, at))
        if number == rounds // 2 and not is_object_store(uri):
            store.compact(RESPONSE_JOURNAL)
