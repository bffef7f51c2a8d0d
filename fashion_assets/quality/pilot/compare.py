"""Two prompt sets on the same products: which is better, and is the difference more than chance?

Products are paired, so that easy and hard photos do not count as a difference between the prompts. The test is
McNemar's (1947), exact: without a difference, each set would win half of the products on which the two differ.
"""

from dataclasses import dataclass

import polars as pl

from fashion_assets.quality.labels.accuracy import with_labels
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.rules.declarations import consistency_rules
from fashion_assets.shop.profile import SHIPPED, ShopProfile

SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Paired:
    """How often each set is right about the same `products`: `only_present` and `only_other` are where they differ.

    `p_value` is two-sided.
    """

    what: str
    products: int
    present: int
    other: int
    only_present: int
    only_other: int
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """`decisive` is the comparison that decides: right answers if there are labels, sound descriptions otherwise."""

    present_version: str
    other_version: str
    decisive: Paired
    details: tuple[Paired, ...]

    @property
    def better(self) -> str | None:
        """`present` or `other`; None if the difference may be chance."""
        if self.decisive.p_value >= SIGNIFICANT:
            return None
        return "other" if self.decisive.only_other > self.decisive.only_present else "present"

    def in_words(self) -> str:
        outcome = {
            "other": "The other prompts are better, by more than chance",
            "present": "The present prompts are better, by more than chance",
            None: "The difference may well be chance, so the present prompts are as good as the others",
        }[self.better]
        return f"{outcome} (by {self.decisive.what}, p = {self.decisive.p_value:.3f})."


def compare_answers(
    present: pl.DataFrame,
    other: pl.DataFrame,
    versions: tuple[str, str],
    labels: pl.DataFrame | None,
    profile: ShopProfile = SHIPPED,
) -> Comparison:
    """Compare the attributes of the same products from two prompt sets; `labels` in the format of `read_labels`.

    Without labels a product counts if its description can be used and no rule contradicts it: see `is_sound`.
    """
    sound = paired("sound descriptions", is_sound(present, profile), is_sound(other, profile))
    if labels is None:
        return Comparison(*versions, sound, ())
    columns = [field.column for field in profile.taxonomy.single_valued if field.column in labels.columns]
    each = [
        paired(f"right {column}", _is_right(present, labels, column), _is_right(other, labels, column))
        for column in columns
    ]
    all_right = [
        pl.concat([_is_right(rows, labels, column) for column in columns])
        .group_by("product_id")
        .agg(counts=pl.col("counts").all())
        for rows in (present, other)
    ]
    return Comparison(*versions, paired("all single values right", *all_right), (sound, *each))


def is_sound(attributes: pl.DataFrame, profile: ShopProfile = SHIPPED) -> pl.DataFrame:
    """`product_id` and `counts`: answered, with a material, high or medium confidence, and no rule broken.

    The rules include the second opinions of CLIP and of the product's name.
    """
    taxonomy = profile.taxonomy
    suspicious = broken_rules(attributes, consistency_rules(profile))["product_id"].unique()
    return attributes.select(
        "product_id",
        counts=pl.col("extraction_success")
        & (pl.col("material") != taxonomy["material"].cannot_tell).fill_null(False)
        & pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values).fill_null(False)
        & ~pl.col("product_id").is_in(suspicious.implode()),
    )


def paired(what: str, present: pl.DataFrame, other: pl.DataFrame) -> Paired:
    """The exact test on two frames of `product_id` and `counts` (bool) about the same products."""
    from scipy.stats import binomtest

    both = present.join(other, on="product_id", suffix="_other")
    only_present = both.filter(pl.col("counts") & ~pl.col("counts_other")).height
    only_other = both.filter(~pl.col("counts") & pl.col("counts_other")).height
    differing = only_present + only_other
    return Paired(
        what,
        len(both),
        int(both["counts"].sum()),
        int(both["counts_other"].sum()),
        only_present,
        only_other,
        float(binomtest(only_other, differing, 0.5).pvalue) if differing else 1.0,
    )


def _is_right(attributes: pl.DataFrame, labels: pl.DataFrame, column: str) -> pl.DataFrame:
    labelled = with_labels(attributes, labels).drop_nulls(f"{column}_label")
    return labelled.select("product_id", counts=(pl.col(column) == pl.col(f"{column}_label")).fill_null(False))
