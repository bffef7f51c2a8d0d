"""Extraction of one batch: infer what is not in the journal, then turn the journal's answers into one row per product.

Free of Dagster: the same function runs in process and wherever else a batch is computed. Failures never stop a batch;
each becomes a code in `extraction_errors`.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from fashion_assets.errors import ModelError, OutOfDeviceMemory
from fashion_assets.extraction.attributes import attribute_rows
from fashion_assets.extraction.journal import Journal, content_key, journal_rows
from fashion_assets.extraction.model import Answer, ModelIdentity, VisionLanguageModel
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.orchestration.progress import Progress
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

FLUSH_PRODUCTS = 64
"""Photos between two journal commits: at most their answers are lost if the process is killed."""

PREPARING_THREADS = 4

MICRO_BATCHES_AHEAD = 2
"""Photos prepared while the model is working, in micro-batches."""


@dataclass
class Usage:
    """What the inference cost.

    `products_asked` counts products with at least one answer missing from the journal, `questions_asked` pairs of photo
    and question, `journal_hits` answers that were in the journal; `model_seconds` is the time spent in the model or
    waiting for an endpoint, `embedding_seconds` the time for CLIP's vectors, `seconds` the total; `arithmetic` is in
    FLOP (0: unknown). `micro_batch` is the final size, `out_of_memory_at` lists the sizes that did not fit.
    """

    products_asked: int = 0
    questions_asked: int = 0
    journal_hits: int = 0
    seconds: float = 0.0
    embedding_seconds: float = 0.0
    model_seconds: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    arithmetic: float = 0.0
    micro_batch: int = 0
    out_of_memory_at: list[int] = field(default_factory=list)

    def add(self, answers: Sequence[Answer]) -> None:
        self.questions_asked += len(answers)
        self.prompt_tokens += sum(answer.prompt_tokens for answer in answers)
        self.answer_tokens += sum(answer.answer_tokens for answer in answers)
        self.arithmetic += sum(answer.arithmetic for answer in answers)


@dataclass(frozen=True)
class ExtractedBatch:
    """`rows` in the schema of `product_extracted_attributes`, and what they cost."""

    rows: pl.DataFrame
    usage: Usage


class KnownAnswers(NamedTuple):
    """By question id: the journal's answers about some photos, and the photos without an answer."""

    journalled: dict[str, pl.DataFrame]
    missing: dict[str, set[str]]

    @property
    def are_missing(self) -> bool:
        """Whether a photo is to be asked about."""
        return any(self.missing.values())


def extract_batch(
    products: pl.DataFrame,
    photos_root: Path,
    questions: Sequence[Question],
    model: VisionLanguageModel,
    journal: Journal,
    progress: Progress = lambda done, total: None,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    known: KnownAnswers | None = None,
) -> ExtractedBatch:
    """Attributes of every product of a batch, failed ones included.

    `products` has the columns of the `products` table; `progress` gets the number of photos done and of all photos
    with missing answers; `known` are their `known_answers`, if the caller has them. Answers are in the journal even if
    this raises. Raises ModelError if the model cannot answer at all.
    """
    started = time.perf_counter()
    readable = readable_of(products)
    paths = {sha: photos_root / path for sha, path in readable.select("photo_sha256", "image_path").iter_rows()}
    journalled, missing = known or known_answers(readable, questions, model.identity, journal)
    session = _Session(questions, model, journal, missing)
    session.usage.journal_hits = sum(len(rows) for rows in journalled.values())
    session.ask({photo: path for photo, path in paths.items() if session.lacks(photo)}, progress)

    answers = {q.id: pl.concat([journalled[q.id], *session.answered[q.id]]) for q in questions}
    rows = attribute_rows(
        products,
        answers,
        questions,
        session.failures,
        session.photo_problems,
        model.identity.model_id,
        prompts_version(questions),
        taxonomy,
    )
    asked = {photo for photo in paths if session.lacks(photo) and photo not in session.photo_problems}
    session.usage.products_asked = int(readable["photo_sha256"].is_in(asked).sum())
    session.usage.seconds = time.perf_counter() - started
    session.usage.micro_batch = model.micro_batch
    return ExtractedBatch(rows, session.usage)


def readable_of(products: pl.DataFrame) -> pl.DataFrame:
    """Those of `products` (columns of the `products` table) whose photo can be opened."""
    return products.filter(pl.col("photo_status") == "ok")


def known_answers(
    readable: pl.DataFrame, questions: Sequence[Question], identity: ModelIdentity, journal: Journal
) -> KnownAnswers:
    """What the journal has about the products' photos."""
    journalled, missing = {}, {}
    for question in questions:
        photos = readable.filter(question.applies())["photo_sha256"].unique(maintain_order=True)
        wanted = {content_key(photo, question, identity): photo for photo in photos}
        journalled[question.id] = journal.find(question, identity, wanted)
        missing[question.id] = set(wanted.values()) - set(journalled[question.id]["photo_sha256"])
    return KnownAnswers(journalled, missing)


class _Session:
    """The inference over one batch: its answers and failures so far, and what they cost."""

    def __init__(
        self,
        questions: Sequence[Question],
        model: VisionLanguageModel,
        journal: Journal,
        missing: Mapping[str, set[str]],
    ):
        self.usage = Usage()
        self.answered: dict[str, list[pl.DataFrame]] = {question.id: [] for question in questions}
        self.failures: dict[str, dict[str, str]] = {question.id: {} for question in questions}
        self.photo_problems: dict[str, str] = {}
        self._questions = questions
        self._model = model
        self._journal = journal
        self._missing = missing

    def lacks(self, photo: str) -> bool:
        return any(photo in of_question for of_question in self._missing.values())

    def ask(self, paths: Mapping[str, Path], progress: Progress) -> None:
        """Infer all missing answers, in chunks of FLUSH_PRODUCTS photos; each chunk is journalled in one commit."""
        done = 0
        progress(done, len(paths))
        with (
            ThreadPoolExecutor(PREPARING_THREADS) as threads,
            closing(
                _map_ahead(
                    threads, self._prepare, list(paths.items()), lambda: MICRO_BATCHES_AHEAD * self._model.micro_batch
                )
            ) as prepared,
        ):
            for _ in range(0, len(paths), FLUSH_PRODUCTS):
                chunk = islice(prepared, FLUSH_PRODUCTS)
                rows: list[pl.DataFrame] = []
                try:
                    while micro_batch := list(islice(chunk, self._model.micro_batch)):
                        rows += self._ask_micro_batch(
                            {photo: ready for photo, ready in micro_batch if photo not in self.photo_problems}
                        )
                        done += len(micro_batch)
                        progress(done, len(paths))
                finally:  # also when interrupted: an answer that was paid for is never lost
                    new = pl.concat(rows) if rows else None
                    if new is not None and len(new):
                        self._journal.append(new)

    def _prepare(self, photo_and_path: tuple[str, Path]) -> tuple[str, Any]:
        photo, path = photo_and_path
        try:
            return photo, self._model.prepare(open_photo(path, photo), photo)
        except PhotoProblem as problem:
            self.photo_problems[photo] = problem.code
            return photo, None

    def _ask_micro_batch(self, photos: Mapping[str, Any]) -> Iterator[pl.DataFrame]:
        """The journal rows of each question about these photos, as the answers come in."""
        wanted = [
            (question, {photo: ready for photo, ready in photos.items() if photo in self._missing[question.id]})
            for question in self._questions
        ]
        wanted = [(question, of_question) for question, of_question in wanted if of_question]
        calls = [partial(self._answers, question, list(of_question.values())) for question, of_question in wanted]
        errors = []
        started = time.perf_counter()
        for (question, of_question), answers in zip(wanted, self._called(calls), strict=True):
            self.usage.model_seconds += time.perf_counter() - started
            if isinstance(answers, ModelError):
                errors.append(answers)
            else:
                yield self._record(question, list(of_question), answers)
            started = time.perf_counter()
        if errors:
            raise errors[0]

    def _called(self, calls: Sequence[Callable[[], list[Answer]]]) -> Iterator[list[Answer] | ModelError]:
        """The outcomes of the calls, made one after the other or all at once; no error of one loses another's.

        When interrupted (Ctrl-C), it stops the model and yields the answers so far before it raises.
        """
        if not self._model.asks_concurrently:
            for call in calls:
                yield call()
            return
        running: list[Future[list[Answer]]] = []
        interruption = None
        with ThreadPoolExecutor(max(len(calls), 1)) as threads:
            try:
                running.extend(threads.submit(call) for call in calls)
                wait(running)
            except BaseException as caught:
                interruption = caught
                self._model.stop()
                while wait(running, timeout=0.1).not_done:
                    self._model.stop()  # again: a call may have been about to start
        for call in running:
            error = call.exception()
            if error is not None and not isinstance(error, ModelError):
                raise error
            yield error or call.result()
        if interruption is not None:
            raise interruption

    def _answers(self, question: Question, photos: Sequence[Any]) -> list[Answer]:
        answers: list[Answer] = []
        while len(answers) < len(photos):
            part = photos[len(answers) : len(answers) + self._model.micro_batch]
            try:
                answers += self._model.answer(part, question)
            except OutOfDeviceMemory as error:
                if len(part) == 1:
                    raise ModelError(
                        value=(
                            f"The model '{self._model.identity.model_id}' runs out of memory with one photo "
                            f"({error.value})"
                        ),
                        rule="one photo must fit",
                        remedy=(
                            "raise FASHION_MEMORY_SHARE, switch FASHION_IMAGE_SPLITTING off, or set FASHION_DEVICE=cpu"
                        ),
                    ) from error
                self.usage.out_of_memory_at.append(len(part))
                self._model.micro_batch = max(1, len(part) // 2)
        return answers

    def _record(self, question: Question, photos: list[str], answers: list[Answer]) -> pl.DataFrame:
        given = {photo: answer for photo, answer in zip(photos, answers, strict=True) if answer.failure is None}
        for photo, answer in zip(photos, answers, strict=True):
            if answer.failure is not None:
                self.failures[question.id][photo] = answer.failure
        rows = journal_rows(question, self._model.identity, list(given), list(given.values()), datetime.now(UTC))
        self.answered[question.id].append(rows)
        self.usage.add(list(given.values()))
        return rows


def _map_ahead(
    threads: ThreadPoolExecutor, function: Callable, items: Sequence, depth: Callable[[], int]
) -> Generator[Any, None, None]:
    """`function` of each item, in order, computed up to `depth()` items ahead of the reader; none after `close`."""
    remaining = iter(items)
    running = deque(threads.submit(function, item) for item in islice(remaining, depth()))
    try:
        while running:
            result = running.popleft().result()
            running.extend(threads.submit(function, item) for item in islice(remaining, max(0, depth() - len(running))))
            yield result
    finally:
        for item in running:
            item.cancel()
