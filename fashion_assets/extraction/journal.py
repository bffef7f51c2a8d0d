"""The response journal: every raw answer, stored under a key made of everything that determined it.

A question whose key is in the journal is never asked again, in any product, batch or run. Appending to the Delta table
and reading it belong to `storage`; deciding what to infer belongs to `extract.py`.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import polars as pl

from fashion_assets.extraction.model import Answer, ModelIdentity
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.store import TableStore

MOST_JOURNAL_FILES = 200
"""Above this the journal is compacted after a batch, about every fourth time: each flush adds up to three files, which
slow down reading."""


def content_key(photo_sha256: str, question: Question, identity: ModelIdentity) -> str:
    """Hash of everything that determines an answer: equal keys mean equal answers."""
    return hash_text(json.dumps([photo_sha256, *_provenance(question, identity).values()]))


class Journal:
    """The append-only table of raw answers."""

    def __init__(self, store: TableStore):
        self._store = store

    def find(self, question: Question, identity: ModelIdentity, keys: Iterable[str]) -> pl.DataFrame:
        """The first answer given under each of `keys`: journal rows, at most one per key.

        An empty text is none: it stands for a fault of the model's server, which may have passed.
        """
        rows = self._store.read(
            RESPONSE_JOURNAL,
            partition={
                "question_id": question.id,
                "question_version": question.version,
                "model_id": identity.model_id,
            },
            among={"content_key": list(keys)},
        )
        answered = rows.filter(pl.col("answer_text").str.strip_chars() != "")
        return answered.sort("answered_at").unique("content_key", keep="first", maintain_order=True)

    def append(self, rows: pl.DataFrame) -> None:
        """Write new journal rows in one commit."""
        self._store.append(RESPONSE_JOURNAL, rows)


def journal_rows(
    question: Question, identity: ModelIdentity, photos: Sequence[str], answers: Sequence[Answer], at: datetime
) -> pl.DataFrame:
    """The journal rows of the answers to one question about `photos` (sha256 each), given at `at` (UTC)."""
    provenance = _provenance(question, identity)
    rows = [
        {
            "content_key": content_key(photo, question, identity),
            "photo_sha256": photo,
            **provenance,
            "answer_text": _storable(answer.text),
            "probabilities": json.dumps(dict(answer.probabilities)),
            "allowed_mass": json.dumps(dict(answer.allowed_mass)),
            "prompt_tokens": answer.prompt_tokens,
            "answer_tokens": answer.answer_tokens,
            "seconds": answer.seconds,
            "answered_at": at,
        }
        for photo, answer in zip(photos, answers, strict=True)
    ]
    return pl.DataFrame(rows, schema=RESPONSE_JOURNAL.row_schema)


def _storable(text: str) -> str:
    """`text` without unpaired surrogates, as left by an emoji cut in two: tables cannot store them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _provenance(question: Question, identity: ModelIdentity) -> dict[str, str]:
    return {
        "photo_preparation": identity.photo_preparation,
        "question_id": question.id,
        "question_version": question.version,
        "text_hash": question.text_hash,
        "schema_hash": question.schema_hash,
        "model_id": identity.model_id,
        "decoding": identity.decoding
        + (f";max_new_tokens={question.max_new_tokens}" if identity.is_bounded_by_tokens else ""),
    }
