"""Rules that compare the model with second opinions: the CLIP model, the words of the product's name, the shop's table.

None is known to be right, so these rules only warn; products with a disagreement are the first to review.
"""

import polars as pl

from fashion_assets.extraction.tables import stated_column
from fashion_assets.quality.rules.name_words import agrees_with_name, is_named, name_words, values_in_name
from fashion_assets.quality.rules.rule import SUCCEEDED, Rule
from fashion_assets.shop.limits import Bounds
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.taxonomy import Attribute, NameWord

COMPARED_WITH_CLIP = ("material", "pattern")
"""By key."""


def second_opinion_rules(profile: ShopProfile) -> tuple[Rule, ...]:
    """A rule for each attribute that CLIP judges well enough, each that names mention, and each that tables state."""
    taxonomy, limits = profile.taxonomy, profile.limits.rules
    compared = [taxonomy[key] for key in COMPARED_WITH_CLIP]
    undecided = [attribute.cannot_tell for attribute in compared if attribute.cannot_tell]
    no_opinion = [value for a in taxonomy if a.name_words and not a.is_essential for value in a.silent_values]
    return (
        *(clip_rule(attribute.column, undecided, limits.agrees_with_clip) for attribute in compared),
        *(
            name_rule(column, words, no_opinion, limits.agrees_with_name)
            for column, words in name_words(taxonomy).items()
        ),
        *(table_rule(attribute, limits.agrees_with_the_shops_table) for attribute in taxonomy.single_valued),
    )


def clip_rule(column: str, undecided: list[str], bounds: Bounds) -> Rule:
    """The VLM and CLIP agree, where CLIP's value is not one of the `undecided` ones."""
    clip = f"clip_{column}"
    return Rule(
        name=f"{column}_agrees_with_clip",
        why=f"Two models that look at the same photo seldom name the same wrong {column}.",
        applies=SUCCEEDED & ~pl.col(clip).is_in(undecided),
        counts=pl.col(column) == pl.col(clip),
        direction="at_least",
        error=bounds.error,
        warn=bounds.warn,
        expected=pl.concat_str(pl.lit(f"{column} "), pl.col(clip)),
        found=pl.col(column),
    )


def name_rule(column: str, words: tuple[NameWord, ...], no_opinion: list[str], bounds: Bounds) -> Rule:
    """The VLM sees what the name says.

    Answers of `no_opinion` do not contradict a name: "Hooded" may describe what comes with a bag. Those of essential
    attributes are not among them, because every product has some material.
    """
    return Rule(
        name=f"{column}_agrees_with_words_in_the_name",
        why="A product name seldom says striped, leather or hooded when the product is not.",
        applies=SUCCEEDED & is_named(words) & ~pl.col(column).is_in(no_opinion),
        counts=agrees_with_name(column, words),
        direction="at_least",
        error=bounds.error,
        warn=bounds.warn,
        expected=values_in_name(words),
        found=pl.col(column),
    )


def table_rule(attribute: Attribute, bounds: Bounds) -> Rule:
    """The VLM sees what the shop's table states.

    The stated value is used in place of the VLM's, but the rule judges what the VLM said. Where it says nothing, the
    question may not have been asked; but every product has some value of an essential attribute.
    """
    column, stated = attribute.column, pl.col(stated_column(attribute))
    applies = SUCCEEDED & stated.is_not_null()
    no_opinion = [] if attribute.is_essential else attribute.silent_values
    return Rule(
        name=f"{column}_agrees_with_the_shops_table",
        why=f"A shop knows its products: another {column.replace('_', ' ')} is seldom the table's mistake.",
        applies=applies & ~pl.col(column).is_in(no_opinion) if no_opinion else applies,
        counts=pl.col(column) == stated,
        direction="at_least",
        error=bounds.error,
        warn=bounds.warn,
        added_later=True,
        expected=pl.concat_str(pl.lit(f"{column} "), stated),
        found=pl.col(column),
    )
