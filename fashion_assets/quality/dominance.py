"""A gate against habit: does the model give the same answer about everything?

Plain shares would blame the catalog: where most products are t-shirts, most are rightly knit. So every article type
weighs the same here, and a value dominates only if it is given across types.
"""

from dataclasses import dataclass

import polars as pl

from fashion_assets.gates import SAMPLE_SIZE, Gate, Judgement

FEWEST_ROWS = 5
"""Of an article type, for its shares to count."""

FEWEST_TYPES = 5
"""With fewer article types, one value may rightly be most frequent in all of them."""


@dataclass(frozen=True)
class DominanceGate(Gate):
    """The mean share, over article types, of the most frequent value of `column` must be at most `warn`.

    Only article types with FEWEST_ROWS applicable rows count; with fewer than FEWEST_TYPES of them there is no figure,
    and the gate passes.
    """

    column: str = ""

    def judge(self, rows: pl.DataFrame) -> Judgement:
        """Judge the rows; exactly on the threshold passes. The samples are products with the most frequent value."""
        applicable = rows.filter(self.applies, pl.col(self.column).is_not_null())
        large = applicable.filter(pl.len().over("article_type") >= FEWEST_ROWS)
        types = large["article_type"].n_unique()
        if types < FEWEST_TYPES:
            reason = f"Only {types} article types have {FEWEST_ROWS} rows; {FEWEST_TYPES} are needed to tell."
            return Judgement(self.name, "passed", None, self.warn, 0, len(large), reason)
        shares = (
            large.group_by("article_type", self.column)
            .len("rows")
            .with_columns(share=pl.col("rows") / pl.col("rows").sum().over("article_type"))
            .group_by(self.column)
            .agg((pl.col("share").sum() / types).round(9))
            .sort("share", self.column, descending=[True, False])
        )
        value, share = shares.row(0)
        is_dominant = self._is_beyond(share, self.warn)
        with_value = large.filter(pl.col(self.column) == value)
        wanted = f"at most {self.warn:.0%} {'was wanted' if is_dominant else 'holds'}"
        return Judgement(
            name=self.name,
            outcome="warned" if is_dominant else "passed",
            value=share,
            threshold=self.warn,
            counted=len(with_value),
            applicable=len(large),
            reason=f"'{value}' has {share:.1%} of the answers if all {types} article types weigh the same, {wanted}.",
            sample_ids=tuple(with_value["product_id"].head(SAMPLE_SIZE)) if is_dominant else (),
        )
