"""The attribute values that the renderer can draw and the demo models were trained on.

A frozen copy: a value that is added to the shipped taxonomy needs no new renderer and no new training. A value is added
here only together with its drawing, its captions and newly trained weights. Every value must be in the shipped
taxonomy, or the answers of the demo models would no longer be accepted; a test checks that.
"""

from dataclasses import dataclass
from enum import StrEnum


class Vocabulary(StrEnum):
    """A closed list of values, in the order in which products are sampled and models were trained."""

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]


class Material(Vocabulary):
    LEATHER = "leather"
    DENIM = "denim"
    KNIT = "knit fabric"
    WOVEN = "woven fabric"
    SYNTHETIC = "synthetic"
    METAL = "metal"
    CANVAS = "canvas"
    UNKNOWN = "unknown"


class Pattern(Vocabulary):
    SOLID = "solid color"
    STRIPED = "striped"
    FLORAL = "floral print"
    GEOMETRIC = "geometric"
    POLKA_DOTS = "polka dots"
    CHECKERED = "checkered"
    ABSTRACT = "abstract print"
    NO_CLEAR = "no clear pattern"


class Confidence(Vocabulary):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Formality(Vocabulary):
    FORMAL = "formal"
    BUSINESS_CASUAL = "business casual"
    CASUAL = "casual"
    ATHLETIC = "athletic"


class StyleKeyword(Vocabulary):
    ATHLETIC = "athletic"
    SPORTY = "sporty"
    VINTAGE = "vintage"
    MODERN = "modern"
    MINIMALIST = "minimalist"
    BOHEMIAN = "bohemian"
    STREETWEAR = "streetwear"
    PROFESSIONAL = "professional"
    ELEGANT = "elegant"


class Detail(Vocabulary):
    POCKETS = "has pockets"
    BUTTONS = "has buttons"
    ZIPPER = "has zipper"
    HOOD = "has hood"
    DRAWSTRINGS = "has drawstrings"
    LOGO = "has logo"


class Collar(Vocabulary):
    CREW_NECK = "crew neck"
    V_NECK = "v-neck"
    COLLAR = "collar"
    HOODED = "hooded"
    TURTLENECK = "turtleneck"
    SCOOP_NECK = "scoop neck"
    NO_COLLAR = "no collar"
    NOT_APPLICABLE = "not applicable"


class Sleeves(Vocabulary):
    SHORT = "short sleeve"
    LONG = "long sleeve"
    SLEEVELESS = "sleeveless"
    THREE_QUARTER = "three-quarter sleeve"
    NOT_APPLICABLE = "not applicable"


class Fit(Vocabulary):
    FITTED = "fitted"
    REGULAR = "regular"
    LOOSE = "loose"
    OVERSIZED = "oversized"
    CANNOT_DETERMINE = "cannot determine"


@dataclass(frozen=True)
class Attribute:
    """An attribute, by its key in the answers; `max_items` is the most items of a list, 0 for a single value."""

    key: str
    vocabulary: type[Vocabulary]
    max_items: int = 0

    @property
    def is_list(self) -> bool:
        return self.max_items > 0


ATTRIBUTES = {
    attribute.key: attribute
    for attribute in (
        Attribute("material", Material),
        Attribute("pattern", Pattern),
        Attribute("confidence", Confidence),
        Attribute("formality", Formality),
        Attribute("style_keywords", StyleKeyword, max_items=3),
        Attribute("details", Detail, max_items=len(Detail)),
        Attribute("collar", Collar),
        Attribute("sleeves", Sleeves),
        Attribute("fit", Fit),
    )
}
"""By key, in the order of the questions."""
