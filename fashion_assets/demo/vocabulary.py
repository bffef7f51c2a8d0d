"""The vocabulary that the renderer can draw and the demo models were trained on: a frozen copy of the shipped one."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Vocabulary(StrEnum):
    """A closed list of canonical values, each with the aliases that are accepted on input."""

    aliases: tuple[str, ...]

    def __new__(cls, value: str, *aliases: str):
        member = str.__new__(cls, value)
        member._value_ = value
        member.aliases = aliases
        return member

    @classmethod
    def values(cls) -> list[str]:
        return [member.value for member in cls]

    @classmethod
    def find(cls, text: str) -> str | None:
        """The canonical value that `text` names, by value or alias, ignoring case, hyphens and spacing; else None."""
        wanted = _folded(text)
        for member in cls:
            if wanted in (_folded(word) for word in (member.value, *member.aliases)):
                return member.value
        return None


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text.strip().strip(".").lower())


class Material(Vocabulary):
    LEATHER = "leather", "faux leather", "suede", "patent leather", "leatherette", "nubuck"
    DENIM = "denim", "jean", "denim fabric"
    KNIT = "knit fabric", "knit", "knitted", "jersey", "knitted fabric", "wool", "cotton knit", "fleece"
    WOVEN = "woven fabric", "woven", "cotton", "linen", "silk", "satin", "chiffon", "fabric", "cloth"
    SYNTHETIC = "synthetic", "athletic fabric", "polyester", "nylon", "plastic", "rubber", "mesh", "spandex", "lycra"
    METAL = "metal", "metallic", "steel", "stainless steel", "gold", "silver"
    CANVAS = "canvas", "canvas fabric"
    UNKNOWN = "unknown", "unclear", "not visible", "cannot determine", "none", "n/a", "other"


class Pattern(Vocabulary):
    SOLID = "solid color", "solid", "plain", "solid colour", "single color"
    STRIPED = "striped", "stripes", "stripe", "pinstripe"
    FLORAL = "floral print", "floral", "flowers", "flower print"
    GEOMETRIC = "geometric", "geometric print", "geometric pattern", "chevron", "argyle"
    POLKA_DOTS = "polka dots", "polka dot", "dots", "dotted", "spotted"
    CHECKERED = "checkered", "checked", "checks", "plaid", "tartan", "gingham", "check"
    ABSTRACT = "abstract print", "abstract", "graphic print", "camouflage", "tie dye"
    NO_CLEAR = "no clear pattern", "no pattern", "none", "unknown", "unclear", "n/a"


class Confidence(Vocabulary):
    HIGH = "high", "very high", "sure"
    MEDIUM = "medium", "moderate", "mid"
    LOW = "low", "very low", "unsure"


class Formality(Vocabulary):
    FORMAL = "formal", "black tie", "dressy"
    BUSINESS_CASUAL = "business casual", "smart casual", "semi formal"
    CASUAL = "casual", "everyday", "informal"
    ATHLETIC = "athletic", "sporty", "sportswear", "activewear", "sports"


class StyleKeyword(Vocabulary):
    ATHLETIC = "athletic", "active"
    SPORTY = "sporty", "sport", "sports"
    VINTAGE = "vintage", "retro"
    MODERN = "modern", "contemporary"
    MINIMALIST = "minimalist", "minimal", "simple"
    BOHEMIAN = "bohemian", "boho"
    STREETWEAR = "streetwear", "street", "urban"
    PROFESSIONAL = "professional", "business", "office"
    ELEGANT = "elegant", "classy", "chic"


class Detail(Vocabulary):
    POCKETS = "has pockets", "pockets", "pocket"
    BUTTONS = "has buttons", "buttons", "button"
    ZIPPER = "has zipper", "zipper", "zip", "zippers"
    HOOD = "has hood", "hood", "hooded"
    DRAWSTRINGS = "has drawstrings", "drawstrings", "drawstring"
    LOGO = "has logo", "logo", "brand logo"


class Collar(Vocabulary):
    CREW_NECK = "crew neck", "crew", "round neck", "crewneck"
    V_NECK = "v-neck", "v neck", "vneck"
    COLLAR = "collar", "collared", "point collar", "polo collar", "shirt collar", "button down collar"
    HOODED = "hooded", "hood"
    TURTLENECK = "turtleneck", "turtle neck", "high neck", "mock neck", "roll neck"
    SCOOP_NECK = "scoop neck", "scoop", "scoopneck", "u neck"
    NO_COLLAR = "no collar", "none", "collarless"
    NOT_APPLICABLE = "not applicable", "n/a", "na"


class Sleeves(Vocabulary):
    SHORT = "short sleeve", "short sleeves", "short", "half sleeve"
    LONG = "long sleeve", "long sleeves", "long", "full sleeve"
    SLEEVELESS = "sleeveless", "no sleeves", "without sleeves"
    THREE_QUARTER = "three-quarter sleeve", "three quarter sleeves", "3/4 sleeve", "3/4 sleeves"
    NOT_APPLICABLE = "not applicable", "n/a", "na", "none"


class Fit(Vocabulary):
    FITTED = "fitted", "slim", "slim fit", "tight", "skinny"
    REGULAR = "regular", "regular fit", "standard", "straight"
    LOOSE = "loose", "relaxed", "loose fit", "baggy"
    OVERSIZED = "oversized", "oversize", "boxy"
    CANNOT_DETERMINE = "cannot determine", "unknown", "not applicable", "n/a", "unclear", "none"


@dataclass(frozen=True)
class Field:
    """One attribute: the key it has in the JSON answers and the column it has in the tables.

    `max_items` is 0 for a single value, otherwise the most values that the list may hold.
    `default` is the column's value for a product whose extraction failed or whose question was not asked.
    A product whose `is_essential` field was answered only because it was forced to counts as failed.
    """

    key: str
    column: str
    vocabulary: type[Vocabulary]
    max_items: int = 0
    default: str | None = None
    is_essential: bool = False

    @property
    def is_list(self) -> bool:
        return self.max_items > 0


FIELDS = {
    field.key: field
    for field in (
        Field("material", "material", Material, default=Material.UNKNOWN.value, is_essential=True),
        Field("pattern", "pattern", Pattern, default=Pattern.NO_CLEAR.value, is_essential=True),
        Field("confidence", "confidence_material", Confidence, default=Confidence.LOW.value),
        Field("formality", "formality", Formality, is_essential=True),
        Field("style_keywords", "style_keywords", StyleKeyword, max_items=3),
        Field("details", "visual_details", Detail, max_items=len(Detail)),
        Field("collar", "collar_type", Collar),
        Field("sleeves", "sleeve_length", Sleeves),
        Field("fit", "fit_type", Fit, default=Fit.CANNOT_DETERMINE.value),
    )
}

NOTHING_WORDS = frozenset(
    {"none", "none visible", "no details", "nothing", "n/a", "not visible", "not applicable", "no", "unknown", ""}
)
"""Words that mean an empty list where a list was asked for."""
