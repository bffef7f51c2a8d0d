"""A gate against habit: does the model give the same answer about everything?

Plain shares would blame the catalog: where most products are t-shirts, most are rightly knit. So every article type
weighs the same here, and a value dominates only if it is given across types.
"""

from dataclasses import dataclass

import polars as pl

from fashion_assets.gates.gate import SAMPLE_SIZE, Gate, Judgement
from fashion_assets.shop.limits import GateLimits


@dataclass(frozen=True)
class DominanceTally:
    """How often each article type has each value; those of parts add up.

    `counts` has the columns `article_type`, `value`, `rows` and `first_ids`, the smallest ids of these rows. Which
    types have enough rows is known only when all parts are there, so that none is left out before.
    """

    counts: pl.DataFrame

    def __add__(self, other: "DominanceTally") -> "DominanceTally":
        both = pl.concat([self.counts, other.counts]).group_by("article_type", "value")
        ids = pl.col("first_ids").explode().sort().head(SAMPLE_SIZE)
        return DominanceTally(both.agg(pl.col("rows").sum(), ids))


@dataclass(frozen=True, kw_only=True)
class DominanceGate(Gate[DominanceTally]):
    """The mean share, over article types, of the most frequent value of `column`.

    Only article types with `fewest_rows` applicable rows count; with fewer than `fewest_types` of them there is no
    figure, and the gate passes.
    """

    applies: pl.Expr
    column: str
    fewest_rows: int = GateLimits.fewest_rows_of_a_type
    fewest_types: int = GateLimits.fewest_types

    @property
    def selection(self) -> str:
        return f"{self.applies}|{self._has_value}"

    @property
    def _has_value(self) -> pl.Expr:
        return pl.col(self.column).is_not_null()

    def count(self, rows: pl.DataFrame) -> DominanceTally:
        """How often each article type has each value."""
        values = rows.filter(self.applies, self._has_value).select("product_id", "article_type", value=self.column)
        groups = values.group_by("article_type", "value")
        return DominanceTally(
            groups.agg(rows=pl.len().cast(pl.Int64), first_ids=pl.col("product_id").sort().head(SAMPLE_SIZE))
        )

    def decide(self, tally: DominanceTally) -> Judgement:
        """Judge the counts; exactly on the threshold passes. The samples are products with the most frequent value."""
        rows_of_type = pl.col("rows").sum().over("article_type")
        large = tally.counts.with_columns(rows_of_type=rows_of_type).filter(pl.col("rows_of_type") >= self.fewest_rows)
        types, applicable = large["article_type"].n_unique(), int(large["rows"].sum())
        if types < self.fewest_types:
            reason = f"Only {types} article types have {self.fewest_rows} rows; {self.fewest_types} are needed to tell."
            return Judgement(self.name, "passed", None, self.warn, 0, applicable, reason)
        shares = (
            large.group_by("value")
            .agg(share=((pl.col("rows") / pl.col("rows_of_type")).sum() / types).round(9))
            .sort("share", "value", descending=[True, False])
        )
        value, share = shares.row(0)
        outcome, threshold = self._compare(share, applicable)
        is_dominant = outcome != "passed"
        with_value = large.filter(value=value)
        wanted = f"at most {threshold:.0%} {'was wanted' if is_dominant else 'holds'}"
        return Judgement(
            name=self.name,
            outcome=outcome,
            value=share,
            threshold=threshold,
            counted=int(with_value["rows"].sum()),
            applicable=applicable,
            reason=f"'{value}' has {share:.1%} of the answers if all {types} article types weigh the same, {wanted}.",
            sample_ids=tuple(with_value["first_ids"].explode().sort().head(SAMPLE_SIZE)) if is_dominant else (),
        )
