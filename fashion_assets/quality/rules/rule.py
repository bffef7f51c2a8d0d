"""What a rule is: a gate about single products."""

from dataclasses import dataclass

import polars as pl

from fashion_assets.gates.gate import ShareGate

SUCCEEDED = pl.col("extraction_success")


@dataclass(frozen=True, kw_only=True)
class Rule(ShareGate):
    """A gate about single products: each product that breaks it becomes a row of `consistency_checks`.

    `expected` and `found` (what the model saw) are text expressions over rows of `product_extracted_attributes`.
    """

    expected: pl.Expr
    found: pl.Expr

    @property
    def severity(self) -> str:
        """ "error" if products that break the rule can stop a batch, else "warn"."""
        return "error" if self.is_blocking else "warn"

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes that the rule checks: those that `found` reads."""
        return tuple(self.found.meta.root_names())
