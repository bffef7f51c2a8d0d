"""The journal of a shop: what the model has answered, for one product and in total, and compaction."""

from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.product_names import ProductNames
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS
from fashion_assets.extraction.journal_report import answers_about, journal_statistics
from fashion_assets.extraction.questions import Question, default_prompts_folder, load_questions
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.settings import Settings
from fashion_assets.shop.file import shop_profile
from fashion_assets.storage.store import TableFiles, TableStore
from fashion_assets.storage.table import BATCH


@dataclass(frozen=True)
class JournalStatistics:
    """`answers` has a row for each model, question and version; `files` are those of the table."""

    answers: pl.DataFrame
    files: TableFiles

    def as_dict(self) -> dict[str, object]:
        """What `fashion journal stats --json` prints."""
        return {"answers": self.answers, "files": self.files.count, "bytes": self.files.bytes}


@dataclass(frozen=True)
class Compaction:
    """The table's files before and after they were merged."""

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

    def answers(self, product: str | int) -> pl.DataFrame:
        """Every answer about the photo of a product, by its id in the shop or an SKU, newest first.

        Raises UnknownProduct.
        """
        taxonomy = shop_profile(self._settings).taxonomy
        questions = load_questions(self._settings.prompts or default_prompts_folder(), taxonomy)
        return answers_about_product(self._store, ProductNames(self._store).require(product), questions)

    def compact(self) -> Compaction:
        """Merge the many small files; no answer is lost or repeated, and runs may continue meanwhile."""
        before = self._store.files(RESPONSE_JOURNAL)
        return Compaction(before, self._store.compact(RESPONSE_JOURNAL))


def answers_about_product(store: TableStore, product_id: int, questions: list[Question]) -> pl.DataFrame:
    """Every answer about the present photo of a product that was ingested, and about the photo of its stored row."""
    assigned = store.read(BATCH_ASSIGNMENTS, columns=[BATCH], among={"product_id": [product_id]})
    rows = store.read(EXTRACTED_ATTRIBUTES, assigned[BATCH][0]).filter(product_id=product_id).to_dicts()
    now = store.read(INGESTED_PRODUCTS, assigned[BATCH][0]).filter(product_id=product_id)
    photos = [photo for photo in (*now["photo_sha256"], *(row["photo_sha256"] for row in rows)) if photo]
    return answers_about(store, photos, rows[0] if rows else None, questions)


def size_in_words(files: TableFiles) -> str:
    """As `2 files, 1.5 MB`."""
    return f"{files.count:,} {'file' if files.count == 1 else 'files'}, {files.bytes / 1e6:,.1f} MB"
