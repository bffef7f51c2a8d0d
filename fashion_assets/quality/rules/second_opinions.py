"""Rules that compare the model with other witnesses: the CLIP model, and the words of the product's name.

Neither witness is known to be right, so these rules only warn; where they disagree, a person should look first.
"""

import polars as pl

from fashion_assets.quality.rules.name_words import NAME_WORDS, agrees_with_name, is_named, values_in_name
from fashion_assets.quality.rules.rule import SUCCEEDED, Rule
from fashion_assets.shop.taxonomy import Collar, Fit, Material, Pattern, Sleeves

_CLIP_CANNOT_TELL = (Material.UNKNOWN.value, Pattern.NO_CLEAR.value)
_NO_OPINION = (Collar.NOT_APPLICABLE.value, Sleeves.NOT_APPLICABLE.value, Fit.CANNOT_DETERMINE.value)
"""Answers that do not contradict a name: "Hooded" may be said of what a bag has in it."""


def clip_rule(column: str) -> Rule:
    """The VLM and CLIP see the same value."""
    clip = f"clip_{column}"
    return Rule(
        name=f"{column}_agrees_with_clip",
        why=f"Two models that look at the same photo seldom name the same wrong {column}.",
        applies=SUCCEEDED & ~pl.col(clip).is_in(_CLIP_CANNOT_TELL),
        counts=pl.col(column) == pl.col(clip),
        direction="at_least",
        warn=0.60,
        expected=pl.concat_str(pl.lit(f"{column} "), pl.col(clip)),
        found=pl.col(column),
    )


def name_rule(column: str) -> Rule:
    """The VLM sees what the name says."""
    return Rule(
        name=f"{column}_agrees_with_words_in_the_name",
        why="A name seldom says striped, leather or hooded of what is not.",
        applies=SUCCEEDED & is_named(column) & ~pl.col(column).is_in(_NO_OPINION),
        counts=agrees_with_name(column),
        direction="at_least",
        warn=0.75,
        expected=values_in_name(column),
        found=pl.col(column),
    )


SECOND_OPINIONS = (*map(clip_rule, ("material", "pattern")), *map(name_rule, NAME_WORDS))
