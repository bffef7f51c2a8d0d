"""A reviewer's session: hands out queues and products, checks the answers and records them.

Independent of HTTP. All results are plain data; answers that cannot be accepted raise ReviewRefused.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from fashion_assets.catalog.product_names import ProductNames
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, PRODUCT_VARIANTS
from fashion_assets.errors import LabelError, ReviewRefused, UnknownProduct
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.quality.labels.corrections import current_corrections, record_corrections
from fashion_assets.quality.labels.random_audit import DRAW, audit_order, record_audit, valid_answers
from fashion_assets.quality.labels.stated_values import stated_field, stated_value
from fashion_assets.quality.review.product import asked_fields, blind_view, full_view, items_of
from fashion_assets.quality.review.queues import fingerprints, last_reviews, record_review, worst_first
from fashion_assets.quality.review.tables import REVIEWED_PRODUCTS
from fashion_assets.quality.tables import AUDIT_LABELS, CONSISTENCY_CHECKS, CORRECTIONS
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Table

_KEY = re.compile(r"-?[0-9]{1,18}")
"""The page names products by their keys; any other text is a name that the shop gave."""


class ReviewSession:
    """One reviewer's view of the tables; `batch` narrows the disagreements, never the audit, which must stay random.

    Thread-safe: concurrent requests take turns.
    """

    def __init__(
        self,
        store: TableStore,
        photos_root: Path,
        questions: Sequence[Question],
        author: str,
        batch: str | None = None,
        profile: ShopProfile = SHIPPED,
    ):
        self.author = author
        self.batch = batch
        self._store = store
        self._photos_root = photos_root
        self._profile = profile
        self._attributes = attributes_table(profile.taxonomy)
        self._asked = _asked(questions)
        self._cached: dict[str, tuple[int, pl.DataFrame]] = {}
        self._named: tuple[tuple[int, int], ProductNames] | None = None
        self._lock = threading.Lock()

    def disagreements(self) -> dict[str, Any]:
        """The ids of the products to review, worst first."""
        with self._lock:
            attributes, broken = self._read(self._attributes), self._read(CONSISTENCY_CHECKS)
            if self.batch is not None:
                attributes, broken = (frame.filter(pl.col(BATCH) == self.batch) for frame in (attributes, broken))
            ids = worst_first(attributes, broken, self._read(REVIEWED_PRODUCTS), self._profile)
        return {"ids": ids.to_list()}

    def audit(self, draws: int = 1) -> dict[str, Any]:
        """The drawn products that have no answer yet, and how many have one.

        At least `draws` times 50 products are drawn, and more if the recorded answers go beyond them.
        """
        with self._lock:
            order = audit_order(self._read(self._attributes)["product_id"])
            is_answered = order.is_in(self._audited()["product_id"].unique().to_list())
        last: int | None = is_answered.arg_true().to_frame("at").select(pl.max("at")).item()
        draws = max(draws, 1 if last is None else last // DRAW + 1)
        drawn, done = order.head(draws * DRAW), is_answered.head(draws * DRAW)
        return {
            "ids": drawn.filter(~done).to_list(),
            "done": int(done.sum()),
            "drawn": len(drawn),
            "draws": draws,
            "more": min(DRAW, len(order) - len(drawn)),
        }

    def product(self, product_id: str) -> dict[str, Any]:
        """Everything about a product; raises UnknownProduct."""
        with self._lock:
            row = self._row(product_id)
            number = row["product_id"][0]
            view = full_view(
                row,
                self._read(CONSISTENCY_CHECKS).filter(product_id=number),
                self._corrections().filter(product_id=number),
                self._asked,
                self._profile,
            )
            return view | {"shopId": self._names().shop_id(number)}

    def blind_product(self, product_id: str) -> dict[str, Any]:
        """A product for the audit, without the model's answers; raises UnknownProduct."""
        with self._lock:
            row = self._row(product_id)
            view = blind_view(row, self._asked, self._profile.taxonomy)
            return view | {"shopId": self._names().shop_id(row["product_id"][0])}

    def photo(self, product_id: str) -> Path:
        """The path of a product's photo.

        Raises UnknownProduct, also if the product has no photo or its photo is outside the photos folder.
        """
        with self._lock:
            path = self._row(product_id)["image_path"][0]
        if path is None:
            raise UnknownProduct(
                value=f"Product {product_id} has no photo in the catalog",
                rule="its source row must name one",
                remedy="add the photo to the source row",
            )
        root = self._photos_root.resolve()
        if not (root / path).resolve().is_relative_to(root):
            raise UnknownProduct(
                value=f"The photo '{path}' of product {product_id} lies outside the photos folder",
                rule="only photos inside are shown",
                remedy="move it there",
            )
        return root / path

    def review(self, product_id: str, corrections: Mapping[str, str | None], is_reviewed: bool) -> dict[str, Any]:
        """Record corrections (None withdraws one) and whether the product has been reviewed.

        Returns how many corrections are new, and the corrections before: sent back with `is_reviewed` false, they undo
        the review. Raises UnknownProduct and ReviewRefused; then nothing is recorded.
        """
        with self._lock:
            row = self._row(product_id)
            number = row["product_id"][0]
            stated = _stated(self._names().shop_id(number), corrections, self._profile.taxonomy)
            standing = dict(self._corrections().filter(product_id=number).select("field", "value").iter_rows())
            before = {column: standing.get(column) for column in stated}
            now = datetime.now(UTC)
            shared = {"product_id": number, "author": self.author, "at": now}
            rows = [{**shared, "field": column, "value": value} for column, value in stated.items()]
            new = record_corrections(self._store, pl.DataFrame(rows, schema=CORRECTIONS.row_schema)) if rows else 0
            broken = self._read(CONSISTENCY_CHECKS).filter(product_id=number)
            fingerprint = fingerprints(row, broken, self._profile.taxonomy)["fingerprint"][0]
            stands = fingerprint in last_reviews(self._read(REVIEWED_PRODUCTS)).filter(product_id=number)["fingerprint"]
            if is_reviewed != stands:
                record_review(self._store, number, fingerprint if is_reviewed else None, self.author, now)
        return {"new": new, "before": before}

    def answer_audit(self, product_id: str, labels: Mapping[str, str | None]) -> dict[str, Any]:
        """Record the labels of a drawn product, and return by field the model's answer and whether it agrees.

        A field without a label counts as not visible. Raises UnknownProduct, and ReviewRefused if a label is not in the
        taxonomy, the field's question was not asked, or the product has an answer already: its author has seen the
        model's.
        """
        with self._lock:
            row = self._row(product_id)
            number, photo = row["product_id"][0], row["photo_sha256"][0]
            name = self._names().shop_id(number)
            stated = _stated(name, labels, self._profile.taxonomy)
            fields = {field.column: field for field in asked_fields(row, self._asked, self._profile.taxonomy)}
            strange = [column for column in stated if column not in fields]
            if strange:
                raise ReviewRefused(
                    value=f"Product {name} has a label for {strange[0]}, whose question was not asked",
                    rule="only answers can be audited",
                    remedy=f"label {', '.join(fields)}",
                )
            audited = self._audited().filter(product_id=number)
            if len(audited):
                raise ReviewRefused(
                    value=f"Product {name} was audited by {audited['author'][0]} already",
                    rule="only answers given before the model's are shown count",
                    remedy="continue with the next product",
                )
            answers = {column: stated.get(column) for column in fields}
            record_audit(self._store, number, photo, answers, self.author, datetime.now(UTC))
            values = row.row(0, named=True)
        return {
            "answers": {
                column: _compared(values[column], None if value is None else items_of(fields[column], value))
                for column, value in answers.items()
            }
        }

    def _row(self, product_id: str) -> pl.DataFrame:
        """The row of the product with that key, shop's id or SKU."""
        attributes = self._read(self._attributes)
        key = int(product_id) if _KEY.fullmatch(product_id) else None
        row = attributes.filter(product_id=key) if key is not None else attributes.head(0)
        if row.is_empty() and (key := self._names().find(product_id)) is not None:
            row = attributes.filter(product_id=key)
        if row.is_empty():
            raise UnknownProduct(
                value=f"There is no extracted product '{product_id}'",
                rule="only extracted products can be reviewed",
                remedy="see the state of a product with `fashion show ID`",
            )
        return row

    def _names(self) -> ProductNames:
        """Read again only after an ingest."""
        versions = self._store.version(BATCH_ASSIGNMENTS), self._store.version(PRODUCT_VARIANTS)
        if self._named is None or self._named[0] != versions:
            self._named = versions, ProductNames(self._store)
        return self._named[1]

    def _corrections(self) -> pl.DataFrame:
        return current_corrections(self._store)

    def _audited(self) -> pl.DataFrame:
        return valid_answers(self._read(AUDIT_LABELS), self._read(self._attributes))

    def _read(self, table: Table) -> pl.DataFrame:
        """The current rows of the table, read again only after a write."""
        version = self._store.version(table)
        cached = self._cached.get(table.name)
        if cached is None or cached[0] != version:
            cached = self._cached[table.name] = version, self._store.read(table)
        return cached[1]


def _asked(questions: Sequence[Question]) -> dict[str, pl.Expr]:
    """By column, the condition under which its question is asked."""
    return {field.column: question.applies() for question in questions for field in question.fields}


def _stated(product: str, values: Mapping[str, str | None], taxonomy: Taxonomy) -> dict[str, str | None]:
    """By column, the values as the taxonomy writes them; raises ReviewRefused."""
    try:
        fields = {stated_field(name, taxonomy): text for name, text in values.items()}
        return {field.column: stated_value(field, (text or "").strip()) for field, text in fields.items()}
    except LabelError as error:
        raise ReviewRefused(
            value=f"The answer about product {product} has {error.value}",
            rule=error.rule,
            remedy=f"{error.remedy} (no part of the answer was saved)",
        ) from error


def _compared(answer: str | list[str] | None, label: str | list[str] | None) -> dict[str, Any]:
    """The model's answer compared with the label; `agrees` is null without a label."""
    same = set(answer or []) == set(label) if isinstance(label, list) else answer == label
    return {"model": answer, "label": label, "agrees": None if label is None else same}
