"""Corrections: values by people that replace the model's, kept in a table of their own.

They replace the model's answers everywhere downstream of the gates and survive every extraction. Gates judge the raw
answers, so that corrections never hide a regression.
"""

from datetime import datetime
from pathlib import Path

import polars as pl

from fashion_assets.catalog.product_names import shop_ids
from fashion_assets.errors import LabelError, SourceError
from fashion_assets.quality.labels.answer_files import KeyOf, read_cells, whole_number
from fashion_assets.quality.labels.stated_values import stated_field, stated_value, typed_value
from fashion_assets.quality.tables import CORRECTIONS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.spreadsheets import for_spreadsheets
from fashion_assets.storage.store import TableStore

_COLUMNS = ("product_id", "field", "value", "author", "at")
NO_CORRECTIONS = pl.DataFrame(schema=CORRECTIONS.row_schema)


def read_corrections(
    file: Path,
    author: str | None,
    now: datetime,
    taxonomy: Taxonomy = SHIPPED.taxonomy,
    key_of: KeyOf = whole_number,
) -> pl.DataFrame:
    """Rows of CORRECTIONS from a file with `product_id`, `field` and `value`; `author` and `at` are optional.

    `key_of` finds products by the file's names for them.

    An empty value withdraws a correction. `author` and `now` fill in missing authors and times; of two lines about the
    same attribute of a product the later one counts. Raises SourceError, which names the line, the value and the
    allowed ones.
    """
    raw = read_cells(file, "corrections", ["product_id", "field", "value"])
    rows = []
    for number, line in enumerate(raw.iter_rows(named=True), 2):
        cells = {name: (line.get(name) or "").strip() for name in _COLUMNS}
        try:
            rows.append(_correction(cells, author, now, taxonomy, key_of))
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
    return with_values(rows, corrections.select("product_id", "field", "value"), taxonomy)


def with_values(rows: pl.DataFrame, values: pl.DataFrame, taxonomy: Taxonomy) -> pl.DataFrame:
    """`rows` with `values` (product_id, field, value) in place of the model's; a material gets highest confidence."""
    for field in taxonomy.visible:
        of_field = values.filter(field=field.column).select("product_id", replacement="value")
        if of_field.is_empty():
            continue
        rows = rows.join(of_field, on="product_id", how="left", maintain_order="left").with_columns(
            pl.coalesce(typed_value(field, pl.col("replacement")), field.column).alias(field.column)
        )
        confidence = taxonomy.confidence_in(field.key)
        if confidence is not None:
            highest = pl.lit(confidence.sure_values[0])
            is_replaced = pl.col("replacement").is_not_null()
            rows = rows.with_columns(
                pl.when(is_replaced).then(highest).otherwise(confidence.column).alias(confidence.column)
            )
        rows = rows.drop("replacement")
    return rows


def write_corrections(store: TableStore, file: Path) -> int:
    """Write the current corrections, by the shop's own ids, to a CSV file that `read_corrections` reads; returns how
    many."""
    corrections = conform(current_corrections(store), CORRECTIONS, list(_COLUMNS))
    names = shop_ids(store, corrections["product_id"].to_list())
    corrections = corrections.with_columns(pl.col("product_id").replace_strict(names, return_dtype=pl.String))
    file.parent.mkdir(parents=True, exist_ok=True)
    corrections = corrections.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z"))
    for_spreadsheets(corrections).write_csv(file)
    return len(corrections)


def _correction(cells: dict[str, str], author: str | None, now: datetime, taxonomy: Taxonomy, key_of: KeyOf) -> dict:
    product = key_of(cells["product_id"])
    if product is None:
        raise LabelError(
            value=f"product_id '{cells['product_id']}'",
            rule="it must be the id of a product",
            remedy="give the shop's own id or an SKU of an ingested product",
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
        "product_id": product,
        "field": field.column,
        "value": stated_value(field, cells["value"]),
        "author": who,
        "at": at,
    }
