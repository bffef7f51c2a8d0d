"""What words in a product's name say about how it looks: "Striped", "Leather", "V-Neck".

A name is an opinion that nobody had to ask for. Only words are here that shops use of the look and of hardly anything
else: "polo" is left out, which is a brand as often as a collar, and "jersey", which is a garment as often as a fabric.
"""

from dataclasses import dataclass

import polars as pl

from fashion_assets.shop.taxonomy import Collar, Fit, Material, Pattern, Sleeves

_NAME = pl.col("product_display_name").str.to_lowercase()
_PRINTS = (Pattern.FLORAL, Pattern.GEOMETRIC, Pattern.POLKA_DOTS, Pattern.ABSTRACT, Pattern.NO_CLEAR)


@dataclass(frozen=True)
class NameWord:
    """A regular expression of whole words, in lower case, and the values of an attribute that it admits."""

    words: str
    values: tuple[str, ...]

    @property
    def is_said(self) -> pl.Expr:
        """Is one of the words in the name?"""
        return _NAME.str.contains(rf"\b(?:{self.words})\b").fill_null(False)


NAME_WORDS: dict[str, tuple[NameWord, ...]] = {
    "material": (
        NameWord("leather", (Material.LEATHER,)),
        NameWord("denim|jeans?", (Material.DENIM,)),
        NameWord("knit|knits|knitted", (Material.KNIT,)),
        NameWord("cotton", (Material.KNIT, Material.WOVEN)),
        NameWord("woven|linen|chambray|poplin", (Material.WOVEN,)),
        NameWord("synthetic|polyester|nylon", (Material.SYNTHETIC,)),
        NameWord("steel|metal", (Material.METAL,)),
        NameWord("canvas", (Material.CANVAS,)),
    ),
    "pattern": (
        NameWord("solid|solids|plain", (Pattern.SOLID,)),
        NameWord("striped?|stripes", (Pattern.STRIPED,)),
        NameWord("check|checks|checked|checkered|plaid|tartan|gingham", (Pattern.CHECKERED,)),
        NameWord("floral|flowers?", (Pattern.FLORAL,)),
        NameWord("polka|dots|dotted", (Pattern.POLKA_DOTS,)),
        NameWord("geometric", (Pattern.GEOMETRIC,)),
        NameWord("camo|camouflage|abstract", (Pattern.ABSTRACT,)),
        NameWord("printed", _PRINTS),
    ),
    "collar_type": (
        NameWord("v[ -]?neck", (Collar.V_NECK,)),
        NameWord("(?:round|crew)[ -]?neck", (Collar.CREW_NECK,)),
        NameWord("scoop[ -]?neck", (Collar.SCOOP_NECK,)),
        NameWord("turtle[ -]?neck", (Collar.TURTLENECK,)),
        NameWord("hooded|hoodie|hoody", (Collar.HOODED,)),
    ),
    "sleeve_length": (
        NameWord("sleeveless", (Sleeves.SLEEVELESS,)),
        NameWord("(?:full|long)[ -]?sleeved?s?", (Sleeves.LONG,)),
        NameWord("(?:half|short)[ -]?sleeved?s?", (Sleeves.SHORT,)),
    ),
    "fit_type": (
        NameWord("slim|skinny|fitted", (Fit.FITTED,)),
        NameWord("relaxed|loose", (Fit.LOOSE, Fit.OVERSIZED)),
    ),
}
"""By column of `product_extracted_attributes`; all words of a name must admit what the model saw."""


def is_named(column: str) -> pl.Expr:
    """Does the name say something about this attribute?"""
    return pl.any_horizontal(word.is_said for word in NAME_WORDS[column])


def agrees_with_name(column: str) -> pl.Expr:
    """Does every word of the name admit the value of this attribute?"""
    admitted = [~word.is_said | pl.col(column).is_in(list(word.values)) for word in NAME_WORDS[column]]
    return pl.all_horizontal(admitted)


def values_in_name(column: str) -> pl.Expr:
    """The values that the name admits, as text: "striped", or "knit fabric or woven fabric"."""
    said = [pl.when(word.is_said).then(pl.lit(" or ".join(word.values))) for word in NAME_WORDS[column]]
    return pl.concat_str(said, separator=", ", ignore_nulls=True)
