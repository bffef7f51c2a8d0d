"""From journalled answers to the rows of `product_extracted_attributes`: one row per product, failed ones included."""

import json
from collections.abc import Mapping, Sequence

import polars as pl

from fashion_assets.extraction.answers import harmless_beginnings, parse_answer
from fashion_assets.extraction.questions import Question
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.table import BATCH, UTC_TIME, Table

NOT_ANSWERED = "not_answered"
_EMPTY_LIST = pl.lit([], dtype=pl.List(pl.String))
_PHOTO_CODES = {"missing": "photo_missing", "unreadable": "photo_undecodable", "blank": "photo_blank"}


def attribute_rows(
    products: pl.DataFrame,
    answers: Mapping[str, pl.DataFrame],
    questions: Sequence[Question],
    failures: Mapping[str, Mapping[str, str]],
    photo_problems: Mapping[str, str],
    model_id: str,
    prompt_version: str,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
) -> pl.DataFrame:
    """Rows in the schema of `product_extracted_attributes`, one per product.

    `answers` holds journal rows by question id, at most one per photo; `failures` has the code of a missing answer by
    question id and photo hash; `photo_problems` maps photo hash to failure code. A question that does not apply to a
    product leaves nulls, or the attribute's default (`fit_type`: cannot determine).
    """
    table = attributes_table(taxonomy)
    rows = products
    for question in questions:
        parsed = _parsed(answers[question.id], failures.get(question.id, {}), question, table)
        rows = rows.join(parsed, on="photo_sha256", how="left").with_columns(
            pl.when(question.applies()).then(pl.col(_own_columns(question)))
        )
    is_answered = pl.all_horizontal(
        ~question.applies() | pl.col(f"errors_{question.id}").is_not_null() for question in questions
    )
    photo_code = pl.coalesce(
        pl.col("photo_status").replace_strict(_PHOTO_CODES, default=None, return_dtype=pl.String),
        pl.col("photo_sha256").replace_strict(dict(photo_problems), default=None, return_dtype=pl.String),
    )
    failure = pl.when(photo_code.is_not_null()).then(photo_code).when(~is_answered).then(pl.lit(NOT_ANSWERED))
    rows = rows.with_columns(
        extraction_errors=pl.concat_list(
            pl.concat_list(failure), *(pl.coalesce(f"errors_{q.id}", _EMPTY_LIST) for q in questions)
        ).list.drop_nulls(),
        extraction_timestamp=pl.max_horizontal(f"answered_at_{q.id}" for q in questions),
        model_id=pl.lit(model_id),
        prompt_version=pl.lit(prompt_version),
    ).with_columns(
        extraction_success=~pl.col("extraction_errors")
        .list.eval(
            ~pl.any_horizontal(pl.element().str.starts_with(beginning) for beginning in harmless_beginnings(taxonomy))
        )
        .list.any()
    )
    return conform(rows.with_columns(_defaults(questions)), table, _columns_without_batch(products, table))


def _parsed(answers: pl.DataFrame, failures: Mapping[str, str], question: Question, table: Table) -> pl.DataFrame:
    """Journal rows of one question as columns: values, probabilities, errors and time, by photo."""
    records: list[dict] = [
        {"photo_sha256": photo, f"errors_{question.id}": [f"{code}:{question.id}"]} for photo, code in failures.items()
    ]
    for photo, text, probabilities, mass, at in answers.select(
        "photo_sha256", "answer_text", "probabilities", "allowed_mass", "answered_at"
    ).iter_rows():
        chances, masses = json.loads(probabilities), json.loads(mass or "{}")
        parsed = parse_answer(text, question, masses)
        record = {"photo_sha256": photo, f"errors_{question.id}": parsed.errors, f"answered_at_{question.id}": at}
        for field in question.fields:
            record[field.column] = parsed.values.get(field.key)
            record[f"{field.column}_probability"] = chances.get(field.key)
            record[f"{field.column}_allowed_mass"] = masses.get(field.key)
        records.append(record)
    schema = {
        "photo_sha256": pl.String,
        **{name: _dtype(name, table) for name in _own_columns(question)},
    }
    return pl.DataFrame(records, schema=schema)


def _own_columns(question: Question) -> list[str]:
    columns = [field.column for field in question.fields]
    figures = [f"{column}_{figure}" for figure in ("probability", "allowed_mass") for column in columns]
    return [*columns, *figures, f"errors_{question.id}", f"answered_at_{question.id}"]


def _dtype(name: str, table: Table) -> pl.DataType | type[pl.DataType]:
    if name.startswith("errors_"):
        return pl.List(pl.String)
    return UTC_TIME if name.startswith("answered_at_") else table.schema[name]


def _defaults(questions: Sequence[Question]) -> list[pl.Expr]:
    """Defaults where a product failed or the question does not apply; a list is empty if it applies, else null."""
    return [
        pl.when(question.applies()).then(pl.coalesce(field.column, _EMPTY_LIST)).alias(field.column)
        if field.is_list
        else pl.coalesce(field.column, pl.lit(field.default, pl.String))
        for question in questions
        for field in question.fields
    ]


def _columns_without_batch(products: pl.DataFrame, table: Table) -> list[str]:
    names = [column.name for column in table.columns]
    return [*names, BATCH] if BATCH in products.columns else names
