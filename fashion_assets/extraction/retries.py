"""Retries of failed products: which products are retried, and which rows their batch has afterwards.

A retry may use another model, prompts or settings than the batch. Its rows also name the model and the prompts whose
failure they replace, so that the batch still counts as made by those. Inference belongs to `extract.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from fashion_assets.catalog.tables import PHOTO_FACTS, SOURCE_COLUMN_NAMES
from fashion_assets.extraction.answers import FORCED, OUT_OF_VOCABULARY, UNPARSEABLE, harmless_beginnings
from fashion_assets.extraction.attributes import attribute_rows
from fashion_assets.extraction.extract import known_answers
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import ModelIdentity
from fashion_assets.extraction.questions import Question, prompts_version
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy

_RETRY_OF = {"model_id": "retry_of_model_id", "prompt_version": "retry_of_prompt_version"}
_FROM_PRODUCTS = tuple(dict.fromkeys([*SOURCE_COLUMN_NAMES, *(column.name for column in PHOTO_FACTS)]))
_ANSWERED_BADLY = (UNPARSEABLE, OUT_OF_VOCABULARY, FORCED)


def version_of_batch(column: str) -> pl.Expr:
    """`model_id` or `prompt_version` of the batch that a row belongs to: for a retry, those of the failure."""
    return pl.coalesce(_RETRY_OF[column], column)


def products_to_retry(products: pl.DataFrame, stored: pl.DataFrame, questions: Sequence[Question]) -> pl.DataFrame:
    """The products whose stored row failed or is missing, or whose photo or questions have changed."""
    done = stored.filter("extraction_success").select("product_id", _subject(questions))
    return (
        products.with_columns(_subject(questions)).join(done, on=["product_id", "subject"], how="anti").drop("subject")
    )


def with_retried(
    products: pl.DataFrame,
    stored: pl.DataFrame,
    retried: pl.DataFrame,
    questions: Sequence[Question],
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> pl.DataFrame:
    """The batch's rows after a retry, whose rows (for `products_to_retry`) are `retried`.

    A success replaces the stored failure. Another failure replaces it only if model and prompts are the same, because
    another model's failure says less about the batch. All other rows stay as they are, with the products' present
    source columns. Where photo or questions are new, there is no failure to replace.
    """
    before = stored.filter(~pl.col("extraction_success")).select(
        "product_id",
        _subject(questions),
        failed_model_id=version_of_batch("model_id"),
        failed_prompt_version=version_of_batch("prompt_version"),
        was_answered=_has_code(_ANSWERED_BADLY, taxonomy),
    )
    had_failed = pl.col("failed_model_id").is_not_null()
    is_same = (pl.col("model_id") == pl.col("failed_model_id")) & (
        pl.col("prompt_version") == pl.col("failed_prompt_version")
    )
    # The same model and prompts would fail again on what was answered: such a success comes from other settings.
    is_stand_in = had_failed & pl.col("extraction_success") & (~is_same | pl.col("was_answered"))
    judged = retried.with_columns(_subject(questions)).join(before, on=["product_id", "subject"], how="left")
    replacing = judged.filter(~had_failed | pl.col("extraction_success") | is_same).with_columns(
        pl.when(is_stand_in).then(f"failed_{column}").alias(retry_of) for column, retry_of in _RETRY_OF.items()
    )
    kept = _refreshed(stored.join(replacing, on="product_id", how="anti"), products)
    return _in_order(products, [replacing.select(stored.columns), kept.select(stored.columns)])


def keep_retried(rows: pl.DataFrame, stored: pl.DataFrame, questions: Sequence[Question]) -> pl.DataFrame:
    """`rows` of a normal run, in which failed products keep a success that a retry has stored.

    Only if photo and questions are the same, and the retry replaced a failure of the same model and prompts.
    """
    failed = rows.filter(~pl.col("extraction_success")).select(
        "product_id",
        _subject(questions),
        retry_of_model_id="model_id",
        retry_of_prompt_version="prompt_version",
    )
    retries = stored.filter("extraction_success").with_columns(_subject(questions))
    kept = _refreshed(retries.join(failed, on=failed.columns, how="semi"), rows)
    others = rows.join(kept, on="product_id", how="anti")
    return _in_order(rows, [others, kept.select(rows.columns)])


def failure_codes(rows: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.DataFrame:
    """The codes of each failed product: columns `product_id` and `code`, one row per pair, sorted."""
    return (
        rows.filter(~pl.col("extraction_success"))
        .select("product_id", error="extraction_errors")
        .explode("error")
        .filter(
            ~pl.any_horizontal(pl.col("error").str.starts_with(harmless) for harmless in harmless_beginnings(taxonomy))
        )
        .select("product_id", code=pl.col("error").str.split(":").list.first())
        .unique()
        .sort("product_id", "code")
    )


def failures_by_code(rows: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy) -> dict[str, int]:
    """Number of failed products by code, most frequent first."""
    counts = failure_codes(rows, taxonomy).group_by("code").len().sort(["len", "code"], descending=[True, False])
    return dict(counts.iter_rows())


@dataclass(frozen=True)
class RetryForecast:
    """What a retry of a batch's failed products can achieve.

    `without_photo` of them have no usable photo, `fail_again` will fail because of answers that are in the journal; the
    others `may_succeed`.
    """

    failed: int
    without_photo: int
    fail_again: int

    @property
    def may_succeed(self) -> int:
        return self.failed - self.without_photo - self.fail_again


def retry_forecast(
    products: pl.DataFrame,
    stored: pl.DataFrame,
    questions: Sequence[Question],
    identity: ModelIdentity,
    journal: Journal,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> RetryForecast:
    """The forecast for a batch's failed products with this model and these questions, without any inference."""
    failed = products.join(stored.filter(~pl.col("extraction_success")), on="product_id", how="semi")
    readable = failed.filter(pl.col("photo_status") == "ok")
    journalled, missing = known_answers(readable, questions, identity, journal)
    unanswered = {photo for photos in missing.values() for photo in photos}
    answered = readable.filter(~pl.col("photo_sha256").is_in(list(unanswered)))
    version = prompts_version(questions)
    rows = attribute_rows(answered, journalled, questions, {}, {}, identity.model_id, version, taxonomy)
    return RetryForecast(len(failed), len(failed) - len(readable), int((~rows["extraction_success"]).sum()))


def _subject(questions: Sequence[Question]) -> pl.Expr:
    """What the answers depend on, as text: the product's photo and the questions that apply to it."""
    applying = [question.applies().alias(question.id) for question in questions]
    return pl.struct("photo_status", "photo_sha256", *applying).struct.json_encode().alias("subject")


def _has_code(codes: Sequence[str], taxonomy: Taxonomy) -> pl.Expr:
    has_prefix = pl.any_horizontal(pl.element().str.starts_with(code) for code in codes)
    is_harmless = pl.any_horizontal(
        pl.element().str.starts_with(beginning) for beginning in harmless_beginnings(taxonomy)
    )
    return pl.col("extraction_errors").list.eval(has_prefix & ~is_harmless).list.any()


def _refreshed(rows: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """`rows` of these products only, with their present source columns and photo facts."""
    kept = [name for name in rows.columns if name == "product_id" or name not in _FROM_PRODUCTS]
    return rows.select(kept).join(products.select(_FROM_PRODUCTS), on="product_id", how="inner")


def _in_order(products: pl.DataFrame, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all parts in the products' order, without those of products that are gone."""
    return products.select("product_id").join(pl.concat(parts), on="product_id", how="inner", maintain_order="left")
