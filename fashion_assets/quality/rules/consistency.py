"""The rows of `consistency_checks`: each product that breaks a rule."""

from collections.abc import Sequence

import polars as pl

from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.quality.rules.rule import Rule
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.storage.conforming import conform


def broken_rules(attributes: pl.DataFrame, rules: Sequence[Rule] | None = None) -> pl.DataFrame:
    """One row per product and broken rule of `rules` (None: those that ship).

    `attributes` are rows of `product_extracted_attributes`.
    """
    return conform(
        pl.concat(
            attributes.filter(rule.applies & ~rule.counts.fill_null(False)).select(
                "product_id",
                "article_type",
                "batch",
                rule=pl.lit(rule.name),
                expected=rule.expected,
                found=rule.found,
                severity=pl.lit(rule.severity),
            )
            for rule in (consistency_rules(SHIPPED) if rules is None else rules)
        ),
        CONSISTENCY_CHECKS,
    )
