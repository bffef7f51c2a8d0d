"""Extraction of one batch: ask what the journal does not know, then turn the journal's answers into one row a product.

Pure of Dagster: the same function runs in process and wherever else a batch is computed. Failures never stop a batch;
each becomes a code in `extraction_errors`.
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from PIL import Image

from fashion_assets.catalog.photos import PhotoProblem, open_photo
from fashion_assets.extraction.attributes import attribute_rows
from fashion_assets.extraction.journal import Journal, content_key, journal_rows
from fashion_assets.extraction.model import VisionLanguageModel
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.progress import Progress

FLUSH_PRODUCTS = 64
"""Photos between two journal commits: the most that a kill at any moment can cost."""

_DECODING_THREADS = 2


@dataclass
class Usage:
    """What asking cost: `questions_asked` counts one photo and one question, `journal_hits` answers already there."""

    questions_asked: int = 0
    journal_hits: int = 0
    model_seconds: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    photo_problems: dict[str, str] = field(default_factory=dict)
    """Photo hash to failure code, for photos that went bad since the ingest."""

    def add(self, rows: pl.DataFrame) -> None:
        self.questions_asked += len(rows)
        self.model_seconds += rows["seconds"].sum()
        self.prompt_tokens += rows["prompt_tokens"].sum()
        self.answer_tokens += rows["answer_tokens"].sum()


@dataclass(frozen=True)
class ExtractedBatch:
    """`rows` in the schema of `product_extracted_attributes`, what they cost, and the failures by code."""

    rows: pl.DataFrame
    usage: Usage

    @property
    def failures_by_code(self) -> dict[str, int]:
        return dict(Counter(self.rows["extraction_errors"].explode().drop_nulls().str.split(":").list.first()))


def extract_batch(
    products: pl.DataFrame,
    photos_root: Path,
    questions: Sequence[Question],
    model: VisionLanguageModel,
    journal: Journal,
    progress: Progress = lambda done, total: None,
) -> ExtractedBatch:
    """Attributes of every product of a batch, failed ones included.

    `products` has the columns of the `products` table; `progress` gets photos done and photos to ask about.
    Raises ModelError when the model cannot answer at all.
    """
    readable = products.filter(pl.col("photo_status") == "ok")
    wanted = {question.id: _keys_to_photos(question, model, readable) for question in questions}
    usage = Usage()
    missing = {}
    for question in questions:
        answered = set(journal.find(question, model, wanted[question.id])["content_key"])
        usage.journal_hits += len(answered)
        missing[question.id] = {photo for key, photo in wanted[question.id].items() if key not in answered}

    paths = {sha: photos_root / path for sha, path in readable.select("photo_sha256", "image_path").iter_rows()}
    _ask_missing(missing, paths, questions, model, journal, usage, progress)

    answers = {question.id: journal.find(question, model, wanted[question.id]) for question in questions}
    version = prompts_version(questions)
    rows = attribute_rows(products, answers, questions, usage.photo_problems, model.model_id, version)
    return ExtractedBatch(rows, usage)


def _keys_to_photos(question: Question, model: VisionLanguageModel, readable: pl.DataFrame) -> dict[str, str]:
    photos = readable.filter(question.applies())["photo_sha256"].unique(maintain_order=True)
    return {content_key(photo, question, model): photo for photo in photos}


def _ask_missing(
    missing: dict[str, set[str]],
    paths: dict[str, Path],
    questions: Sequence[Question],
    model: VisionLanguageModel,
    journal: Journal,
    usage: Usage,
    progress: Progress,
) -> None:
    """Ask in chunks of FLUSH_PRODUCTS photos, each chunk journalled in one commit."""
    photos = [photo for photo in paths if any(photo in of_question for of_question in missing.values())]
    progress(0, len(photos))
    with ThreadPoolExecutor(_DECODING_THREADS) as pool:
        for number, chunk in enumerate(_slices(photos, FLUSH_PRODUCTS)):
            opened = dict(zip(chunk, pool.map(_try_open, (paths[photo] for photo in chunk), chunk), strict=True))
            for photo in chunk:
                if isinstance(opened[photo], PhotoProblem):
                    usage.photo_problems[photo] = opened.pop(photo).code
            new = pl.concat(
                _ask_one_question(q, {photo: opened[photo] for photo in opened if photo in missing[q.id]}, model)
                for q in questions
            )
            if len(new):
                journal.append(new)
                usage.add(new)
            progress(number * FLUSH_PRODUCTS + len(chunk), len(photos))


def _ask_one_question(question: Question, photos: dict[str, Image.Image], model: VisionLanguageModel) -> pl.DataFrame:
    answers = []
    for images in _slices(list(photos.values()), model.micro_batch):
        answers += model.answer(images, question)
    return journal_rows(question, model, list(photos), answers, datetime.now(UTC))


def _slices(items: list, size: int) -> list[list]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _try_open(path: Path, sha256: str) -> Image.Image | PhotoProblem:
    try:
        return open_photo(path, sha256)
    except PhotoProblem as problem:
        return problem
