"""Failed products asked again alone: which they are, and which rows their batch holds then.

A retry may use another model, prompts or settings than the batch. Its rows name the model and the prompts whose
failure they stand in for, so that the batch still counts as made by its own. Asking belongs to `extract.py`.
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


def stands_for(column: str) -> pl.Expr:
    """`model_id` or `prompt_version` of the batch that a row belongs to: of a retry, those of the failure."""
    return pl.coalesce(_RETRY_OF[column], column)


def products_to_retry(products: pl.DataFrame, stored: pl.DataFrame, questions: Sequence[Question]) -> pl.DataFrame:
    """The products whose stored row failed, that have none, or that now have another photo or other questions."""
    done = stored.filter("extraction_success").select("product_id", _subject(questions))
    return (
        products.with_columns(_subject(questions)).join(done, on=["product_id", "subject"], how="anti").drop("subject")
    )


def with_retried(
    products: pl.DataFrame, stored: pl.DataFrame, retried: pl.DataFrame, questions: Sequence[Question]
) -> pl.DataFrame:
    """The batch's rows after `retried` (those of `products_to_retry`) were asked again.

    What succeeded replaces the failure that was stored. What failed again does so only under the model and prompts
    of that failure: another model's failure says less about the batch. All other rows stay as they are, with the
    products' present source columns. A photo or questions that are new have no failure to stand in for.
    """
    before = stored.filter(~pl.col("extraction_success")).select(
        "product_id",
        _subject(questions),
        failed_model_id=stands_for("model_id"),
        failed_prompt_version=stands_for("prompt_version"),
        was_answered=_has_code(_ANSWERED_BADLY),
    )
    is_known_failure = pl.col("failed_model_id").is_not_null()
    is_same = (pl.col("model_id") == pl.col("failed_model_id")) & (
        pl.col("prompt_version") == pl.col("failed_prompt_version")
    )
    # The same model and prompts fail in the same way on what was answered: such a success is that of other settings.
    is_stand_in = is_known_failure & pl.col("extraction_success") & (~is_same | pl.col("was_answered"))
    judged = retried.with_columns(_subject(questions)).join(before, on=["product_id", "subject"], how="left")
    replacing = judged.filter(~is_known_failure | pl.col("extraction_success") | is_same).with_columns(
        pl.when(is_stand_in).then(f"failed_{own}").alias(retry_of) for own, retry_of in _RETRY_OF.items()
    )
    kept = _refreshed(stored.join(replacing, on="product_id", how="anti"), products)
    return _in_order(products, [replacing.select(stored.columns), kept.select(stored.columns)])


def keep_retried(rows: pl.DataFrame, stored: pl.DataFrame, questions: Sequence[Question]) -> pl.DataFrame:
    """`rows` of a normal run, where products that failed (again) keep the success that a retry had stored.

    Only if photo and questions are the same, and the retry stood in for this very model and these prompts.
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
    """Which failed product has which codes: columns `product_id` and `code`, a line for each pair, in order."""
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


def failures_by_code(rows: pl.DataFrame) -> dict[str, int]:
    """How many failed products have each code, most first."""
    counts = failure_codes(rows).group_by("code").len().sort(["len", "code"], descending=[True, False])
    return dict(counts.iter_rows())


@dataclass(frozen=True)
class RetryForecast:
    """What asking the failed products of a batch again can do.

    `without_photo` of them have no usable photo, `fail_again` fail by answers that are in the journal already; the
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
) -> RetryForecast:
    """The forecast for a batch's failed products under this model and these questions, without asking anything."""
    failed = products.join(stored.filter(~pl.col("extraction_success")), on="product_id", how="semi")
    readable = failed.filter(pl.col("photo_status") == "ok")
    known, missing = known_answers(readable, questions, identity, journal)
    unknown = {photo for photos in missing.values() for photo in photos}
    answered = readable.filter(~pl.col("photo_sha256").is_in(list(unknown)))
    rows = attribute_rows(answered, known, questions, {}, {}, identity.model_id, prompts_version(questions))
    return RetryForecast(len(failed), len(failed) - len(readable), int((~rows["extraction_success"]).sum()))


def _subject(questions: Sequence[Question]) -> pl.Expr:
    """What an answer is about, as text: the product's photo, and which questions are asked of it."""
    asked = [question.applies().alias(question.id) for question in questions]
    return pl.struct("photo_status", "photo_sha256", *asked).struct.json_encode().alias("subject")


def _has_code(codes: Sequence[str], taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.Expr:
    is_one = pl.any_horizontal(pl.element().str.starts_with(code) for code in codes)
    is_harmless = pl.any_horizontal(
        pl.element().str.starts_with(beginning) for beginning in harmless_beginnings(taxonomy)
    )
    return pl.col("extraction_errors").list.eval(is_one & ~is_harmless).list.any()


def _refreshed(rows: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    """`rows` of these products, with their present source columns and photo facts; of no others."""
    own = [name for name in rows.columns if name == "product_id" or name not in _FROM_PRODUCTS]
    return rows.select(own).join(products.select(_FROM_PRODUCTS), on="product_id", how="inner")


def _in_order(products: pl.DataFrame, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all parts in the products' order; those of products that are gone are left out."""
    return products.select("product_id").join(pl.concat(parts), on="product_id", how="inner", maintain_order="left")
