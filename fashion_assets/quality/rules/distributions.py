"""The distribution of the answers over the values, now and when the batch was last accepted.

Shares are of the successful products whose question was asked. A product counts for each item of a list, so that the
shares of a list may add up to more than one.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from fashion_assets.quality.labels.stated_values import NOTHING
from fashion_assets.quality.rules.rule import SUCCEEDED
from fashion_assets.quality.tables import ACCEPTED_DISTRIBUTIONS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy
from fashion_assets.storage.reader import RowReader
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH

_SHARES = ("attribute", "value", "share", "applicable")
NO_SHARES = pl.DataFrame(schema={name: ACCEPTED_DISTRIBUTIONS.schema[name] for name in _SHARES})


def distributions(attributes: pl.DataFrame, taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.DataFrame:
    """Columns `attribute`, `value`, `share` and `applicable`; only values that occur, in taxonomy order of attributes.

    `attributes` are rows of `product_extracted_attributes`.
    """
    answered = attributes.filter(SUCCEEDED)
    return pl.concat([NO_SHARES, *(_shares(answered, field, taxonomy) for field in taxonomy)])


def answer_to(field: Attribute, taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.Expr:
    """The answer to an attribute's question, null where the question was not asked.

    An attribute with a default holds it there as well (`fit_type`: "cannot determine"): its question counts as asked
    if another attribute of that question has an answer.
    """
    answer = pl.col(field.column)
    others = [other.column for other in taxonomy.asked_with(field) if other.default is None]
    if field.default is None or not others:
        return answer
    is_asked = pl.any_horizontal(pl.col(others).is_not_null()) | (answer != field.default)
    return pl.when(is_asked).then(answer)


def pooled(shares: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The distributions of several parts combined: the same as computed over all their rows at once."""
    if not shares:
        return NO_SHARES
    rows = pl.concat([of_part.select(_SHARES).with_columns(part=pl.lit(part)) for part, of_part in enumerate(shares)])
    totals = rows.unique(["part", "attribute"]).group_by("attribute").agg(total=pl.col("applicable").sum())
    return (
        rows.group_by("attribute", "value", maintain_order=True)
        .agg(products=(pl.col("share") * pl.col("applicable")).round().sum())
        .join(totals, on="attribute", maintain_order="left")
        .select("attribute", "value", share=(pl.col("products") / pl.col("total")).round(9), applicable="total")
    )


def accepted_distributions(store: RowReader, batch: str, before: datetime | None = None) -> pl.DataFrame:
    """Those of the batch's last acceptance, or of the last one `before` a time, in the format of `distributions`."""
    rows = store.read(ACCEPTED_DISTRIBUTIONS, batch)
    if before is not None:
        rows = rows.filter(pl.col("accepted_at") < before)
    return rows.filter(pl.col("accepted_at") == pl.col("accepted_at").max()).select(_SHARES)


def accept_distributions(store: TableStore, batch: str, shares: pl.DataFrame, now: datetime) -> None:
    """Record them, unless they equal those of the last acceptance."""
    last = accepted_distributions(store, batch)
    if len(shares) and not shares.sort(_SHARES).equals(last.sort(_SHARES)):
        store.append(
            ACCEPTED_DISTRIBUTIONS,
            shares.with_columns(pl.lit(batch).alias(BATCH), pl.lit(now).alias("accepted_at")),
        )


def _shares(answered: pl.DataFrame, field: Attribute, taxonomy: Taxonomy) -> pl.DataFrame:
    values = answered.select(value=answer_to(field, taxonomy)).drop_nulls()
    applicable = len(values)
    if field.is_list:
        is_empty = pl.col("value").list.len() == 0
        items = pl.when(is_empty).then(pl.lit([NOTHING])).otherwise(pl.col("value").list.unique())
        values = values.select(value=items).explode("value")
    return (
        values.group_by("value")
        .agg(share=(pl.len() / applicable).round(9))
        .sort("value")
        .select(
            pl.lit(field.column).alias("attribute"),
            "value",
            "share",
            pl.lit(applicable, pl.Int64).alias("applicable"),
        )
    )
