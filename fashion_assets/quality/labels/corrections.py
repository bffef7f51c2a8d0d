"""Corrections: values by people that replace the model's, kept in a table of their own.

They replace the model's answers everywhere downstream of the gates and survive every extraction. Gates judge the raw
answers, so that corrections never hide a regression.
"""

from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.errors import LabelError, SourceError
from fashion_assets.quality.labels.answer_files import read_cells
from fashion_assets.quality.labels.stated_values import stated_field, stated_value, typed_value
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.store import TableStore

_COLUMNS = ("product_id", "field", "value", "author", "at")
NO_CORRECTIONS = pl.DataFrame(schema=CORRECTIONS.row_schema)


def read_corrections(
    file: Path, author: str | None, now: datetime, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> pl.DataFrame:
    """Rows of CORRECTIONS from a CSV file with `product_id`, `field` and `value`; `author` and `at` are
    optional.

    An empty value withdraws a correction. `author` and `now` fill in missing authors and times; of two lines about the
    same attribute of a product the later one counts. Raises SourceError, which names the line, the value and the
    allowed ones.
    """
    raw = read_cells(file, "corrections", ["product_id", "field", "value"])
    rows = []
    for number, line in enumerate(raw.iter_rows(named=True), 2):
        cells = {name: (line.get(name) or "").strip() for name in _COLUMNS}
        try:
            rows.append(_correction(cells, author, now, taxonomy))
        except LabelError as error:
            raise SourceError(
                value=f"Line {number} of '{file}' has {error.value}",
                rule=error.rule,
                remedy=f"{error.remedy} (no line of the file was imported)",
            ) from error
    corrections = pl.DataFrame(rows, schema={name: CORRECTIONS.schema[name] for name in _COLUMNS})
    return corrections.unique(["product_id", "field", "at"], keep="last", maintain_order=True)


def record_corrections(store: TableStore, corrections: pl.DataFrame) -> int:
    """Append the corrections that change something; returns how many."""
    recorded = store.read(CORRECTIONS).select("product_id", "field", "value", "at")
    corrections = corrections.join(recorded, on=recorded.columns, how="anti", nulls_equal=True)
    current = current_corrections(store).select("product_id", "field", "value")
    is_withdrawal = pl.col("value").is_null()
    new = corrections.join(current, on=["product_id", "field", "value"], how="anti", nulls_equal=True)
    withdrawn = new.filter(is_withdrawal).join(current, on=["product_id", "field"], how="semi")
    new = pl.concat([new.filter(~is_withdrawal), withdrawn])
    if len(new):
        store.append(CORRECTIONS, new)
    return len(new)


def current_corrections(store: TableStore) -> pl.DataFrame:
    """The latest correction of each attribute, without withdrawn ones; columns as CORRECTIONS."""
    latest = store.read(CORRECTIONS).sort("at", maintain_order=True).unique(["product_id", "field"], keep="last")
    return latest.drop_nulls("value").sort("product_id", "field")


def corrections_in_words(corrections: pl.DataFrame) -> pl.DataFrame:
    """One row per product: `product_id` and `corrections`, as "material=denim; pattern=striped"."""
    words = pl.concat_str("field", pl.lit("="), "value").sort().str.join("; ")
    return corrections.group_by("product_id").agg(corrections=words).sort("product_id")


def corrected(
    attributes: pl.DataFrame, corrections: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy
) -> pl.DataFrame:
    """`attributes` with the corrected values in place of the model's, and a column `corrections` (null: none).

    A corrected material gets the highest confidence. Whether the extraction succeeded stays unchanged.
    """
    rows = attributes.join(corrections_in_words(corrections), on="product_id", how="left", maintain_order="left")
    for field in taxonomy.visible:
        of_field = corrections.filter(field=field.column).select("product_id", correction="value")
        if of_field.is_empty():
            continue
        rows = rows.join(of_field, on="product_id", how="left", maintain_order="left").with_columns(
            pl.coalesce(typed_value(field, pl.col("correction")), field.column).alias(field.column)
        )
        confidence = taxonomy.confidence_in(field.key)
        if confidence is not None:
            highest = pl.lit(confidence.sure_values[0])
            is_corrected = pl.col("correction").is_not_null()
            rows = rows.with_columns(
                pl.when(is_corrected).then(highest).otherwise(confidence.column).alias(confidence.column)
            )
        rows = rows.drop("correction")
    return rows


def write_corrections(store: TableStore, file: Path) -> int:
    """Write the current corrections to a CSV file that `read_corrections` reads; returns how many."""
    corrections = conform(current_corrections(store), CORRECTIONS, list(_COLUMNS))
    file.parent.mkdir(parents=True, exist_ok=True)
    corrections.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z")).write_csv(file)
    return len(corrections)


def _correction(cells: dict[str, str], author: str | None, now: datetime, taxonomy: Taxonomy) -> dict:
    if not cells["product_id"].isdecimal():
        raise LabelError(
            value=f"product_id '{cells['product_id']}'",
            rule="it must be a number",
            remedy="give the id of a product",
        )
    field = stated_field(cells["field"], taxonomy)
    who = cells["author"] or author
    if not who:
        raise LabelError(
            value="no author",
            rule="a correction needs one",
            remedy="name one (--by NAME)",
        )
    try:
        at = datetime.fromisoformat(cells["at"]) if cells["at"] else now
        at = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
    except ValueError:
        raise LabelError(
            value=f"at '{cells['at']}'",
            rule="it must be a time like 2026-01-31T12:00:00+00:00",
            remedy="give such a time, or leave it empty",
        ) from None
    return {
        "product_id": int(cells["product_id"]),
        "field": field.column,
        "value": stated_value(field, cells["value"]),
        "author": who,
        "at": at,
    }
