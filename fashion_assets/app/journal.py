"""The journal of a shop: what the model has answered, about which product, and how large the table is."""

from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS
from fashion_assets.errors import UnknownProduct
from fashion_assets.extraction.journal_report import answers_about, journal_statistics
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.settings import Settings
from fashion_assets.storage.store import TableFiles, TableStore
from fashion_assets.storage.table import BATCH


@dataclass(frozen=True)
class JournalStatistics:
    """A row for each model, question and version in `answers`, and the table's files."""

    answers: pl.DataFrame
    files: TableFiles

    def as_dict(self) -> dict[str, object]:
        """What `fashion journal stats --json` prints."""
        return {"answers": self.answers, "files": self.files.count, "bytes": self.files.bytes}


@dataclass(frozen=True)
class Compaction:
    """The table's files before and after they were written together."""

    before: TableFiles
    after: TableFiles

    def as_dict(self) -> dict[str, int]:
        """What `fashion journal compact --json` prints."""
        return {"files_before": self.before.count, "files_after": self.after.count, "bytes": self.after.bytes}


class ResponseJournal:
    """The response journal of one shop."""

    def __init__(self, settings: Settings, store: TableStore):
        self._settings = settings
        self._store = store

    def statistics(self) -> JournalStatistics:
        """Answers, tokens and seconds by model, question and version."""
        return JournalStatistics(journal_statistics(self._store), self._store.files(RESPONSE_JOURNAL))

    def answers(self, product_id: int) -> pl.DataFrame:
        """Every answer about the product's photo, newest first; raises FashionError for an unknown product."""
        questions = load_questions(self._settings.prompts or default_prompts_folder())
        return answers_about_product(self._store, product_id, questions)

    def compact(self) -> Compaction:
        """Write the many small files together; no answer is lost or repeated, and runs may go on meanwhile."""
        before = self._store.files(RESPONSE_JOURNAL)
        return Compaction(before, self._store.compact(RESPONSE_JOURNAL))


def answers_about_product(store: TableStore, product_id: int, questions: list[Question]) -> pl.DataFrame:
    """Every answer about the photo that the product has now, and that of its row; raises FashionError when unknown."""
    assigned = store.read(BATCH_ASSIGNMENTS, columns=[BATCH], among={"product_id": [product_id]})
    if assigned.is_empty():
        raise UnknownProduct(
            value=f"There is no product {product_id}",
            rule="the journal is read by a product that the ingest took",
            remedy="if it is in the source, see in `fashion status` whether rows were quarantined",
        )
    rows = store.read(EXTRACTED_ATTRIBUTES, assigned[BATCH][0]).filter(product_id=product_id).to_dicts()
    now = store.read(INGESTED_PRODUCTS, assigned[BATCH][0]).filter(product_id=product_id)
    photos = [photo for photo in (*now["photo_sha256"], *(row["photo_sha256"] for row in rows)) if photo]
    return answers_about(store, photos, rows[0] if rows else None, questions)


def size_in_words(files: TableFiles) -> str:
    """As `2 files, 1.5 MB`."""
    return f"{files.count:,} {'file' if files.count == 1 else 'files'}, {files.bytes / 1e6:,.1f} MB"
