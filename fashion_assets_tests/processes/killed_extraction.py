"""Killed by SIGKILL at a moment of one's choice: the extraction of a batch; see `test_kill.py`.

The process that all others are forked from loads this module and nothing else, so its imports are all they need.
"""

import os
import signal
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import json_repair  # noqa: F401  - loaded once here, not in each process
import polars as pl
import pyarrow.dataset  # noqa: F401
from PIL import Image

from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.storage.store import TableStore

MICRO_BATCH = 16
SECONDS_PER_CALL = 0.001


class Kill(NamedTuple):
    """When a process is to die: `during` the `nth` answer or append of its life, or `after` the `nth` append.

    An answer and the time after an append are hit exactly, by the process itself. An append is reported to the parent,
    whose signal arrives somewhere within it or soon after.
    """

    moment: str
    nth: int


DURING_ANSWER, DURING_APPEND, AFTER_APPEND = "during answer", "during append", "after append"


class _Fate:
    """Counts moments, and acts when the one of `kill` has come."""

    def __init__(self, kill: Kill | None, parent: Connection):
        self._kill = kill
        self._parent = parent
        self._counts: dict[str, int] = {}

    def meet(self, moment: str) -> None:
        self._counts[moment] = self._counts.get(moment, 0) + 1
        if self._kill == Kill(moment, self._counts[moment]):
            if moment == DURING_APPEND:
                self._parent.send(moment)
            else:
                os.kill(os.getpid(), signal.SIGKILL)


class _SlowModel(FakeVisionLanguageModel):
    """Takes a moment for each call, and writes down what it is asked, in a way that outlives it."""

    micro_batch = MICRO_BATCH

    def __init__(self, fate: _Fate, asked: Path):
        super().__init__()
        self._fate = fate
        self._asked = os.open(asked, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def answer(self, photos: Sequence[Image.Image], question: Question) -> list[Answer]:
        lines = "".join(f"{photo.getpixel((0, 0))} {question.id}\n" for photo in photos)
        os.write(self._asked, lines.encode())
        self._fate.meet(DURING_ANSWER)
        time.sleep(SECONDS_PER_CALL)
        return super().answer(photos, question)


class _FatedJournal(Journal):
    def __init__(self, store: TableStore, fate: _Fate):
        super().__init__(store)
        self._fate = fate

    def append(self, rows: pl.DataFrame) -> None:
        self._fate.meet(DURING_APPEND)
        super().append(rows)
        self._fate.meet(AFTER_APPEND)


def extract(folder: Path, photos: Path, kill: Kill | None, parent: Connection) -> None:
    """Extract `folder`/products.parquet into tables below `folder`; write the rows to `folder`/rows.parquet."""
    fate = _Fate(kill, parent)
    batch = extract_batch(
        pl.read_parquet(folder / "products.parquet"),
        photos,
        load_questions(default_prompts_folder()),
        _SlowModel(fate, folder / "asked"),
        _FatedJournal(TableStore(str(folder / "tables")), fate),
    )
    batch.rows.write_parquet(folder / "rows.parquet")
