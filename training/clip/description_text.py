"""A product's description as the enrichment would write it from perfect answers, for the demo CLIP to learn to read.

The wording is frozen with the weights, so it is written down a second time; a test compares it with the enrichment.
"""

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.names import catalog_entry
from fashion_assets.demo.vocabulary import (
    Collar,
    Confidence,
    Fit,
    Formality,
    Material,
    Pattern,
    Sleeves,
    StyleKeyword,
)

_MOST_WORDS = 48
_JOINING = frozenset({"a", "with", "for", "and", "no", "in"})
_PATTERNS = {
    Pattern.SOLID: "plain",
    Pattern.FLORAL: "floral",
    Pattern.POLKA_DOTS: "polka dot",
    Pattern.NO_CLEAR: "",
}
_COLLARS = {
    Collar.COLLAR: "a collar",
    Collar.HOODED: "a hood",
    Collar.TURTLENECK: "a turtleneck",
    Collar.CREW_NECK: "a crew neck",
    Collar.V_NECK: "a v-neck",
    Collar.SCOOP_NECK: "a scoop neck",
}
_SLEEVES = {
    Sleeves.SHORT: "short sleeves",
    Sleeves.LONG: "long sleeves",
    Sleeves.SLEEVELESS: "no sleeves",
    Sleeves.THREE_QUARTER: "three-quarter sleeves",
}
OCCASIONS = {
    Formality.FORMAL: ("office", "business meeting", "formal event"),
    Formality.BUSINESS_CASUAL: ("office", "dinner"),
    Formality.CASUAL: ("weekend", "everyday"),
    Formality.ATHLETIC: ("gym", "training"),
    StyleKeyword.ELEGANT: ("party",),
    StyleKeyword.BOHEMIAN: ("festival",),
    StyleKeyword.STREETWEAR: ("city",),
    StyleKeyword.SPORTY: ("outdoor",),
    StyleKeyword.PROFESSIONAL: ("business meeting",),
}


def description_text(product: DemoProduct) -> str:
    """Lower case: "navy blue striped loose denim shirts with a collar. casual. for men, weekend. arvento"."""
    truth, entry = product.truth, catalog_entry(product)
    fit = truth["fit"] if truth["fit"] not in (Fit.REGULAR, Fit.CANNOT_DETERMINE) else None
    opening = [
        product.colour,
        _PATTERNS.get(truth["pattern"], truth["pattern"]),
        fit,
        truth["material"] if is_material_described(product) else None,
        product.article.name,
    ]
    visible = [_COLLARS.get(truth["collar"]), _SLEEVES.get(truth["sleeves"])]
    visible += [detail.removeprefix("has ") for detail in truth["details"]]
    looks = " ".join(word for word in opening if word)
    with_what = ", ".join(phrase for phrase in visible if phrase)
    manner = [truth["formality"], *truth["style_keywords"]]
    occasions = dict.fromkeys(occasion for word in manner for occasion in OCCASIONS.get(word, ()))
    sentences = [
        f"{looks} with {with_what}" if with_what else looks,
        ", ".join(manner),
        "for " + ", ".join([product.gender, *occasions]),
        entry.name,
    ]
    return _without_repeats(". ".join(sentences).lower())


def is_material_described(product: DemoProduct) -> bool:
    """The enrichment leaves out a material of which the model is not sure."""
    return product.truth["confidence"] != Confidence.LOW and product.truth["material"] != Material.UNKNOWN


def _without_repeats(text: str) -> str:
    kept: list[str] = []
    stems: set[str] = set()
    for word in text.split():
        stem = word.strip(".,;:!()\"'").removesuffix("s")
        if stem not in stems or stem in _JOINING:
            stems.add(stem)
            kept.append(word)
        elif word.endswith(".") and kept and not kept[-1].endswith("."):
            kept[-1] = kept[-1].rstrip(",") + "."
    return " ".join(kept[:_MOST_WORDS]).rstrip(",;: ")
