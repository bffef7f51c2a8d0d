"""Formality and style keywords of a demo product, derived only from what its photo shows.

Every rule reads visible traits (article type, material, pattern, details, sports stripes, cut), so that a model that
looks at the photo can infer the answer.
"""

from fashion_assets.demo.articles import Article
from fashion_assets.demo.vocabulary import (
    ATTRIBUTES,
    Collar,
    Detail,
    Fit,
    Formality,
    Material,
    Pattern,
    Sleeves,
    StyleKeyword,
)

_MAX_KEYWORDS = ATTRIBUTES["style_keywords"].max_items

_CASUAL_MATERIALS = {Material.DENIM, Material.CANVAS, Material.SYNTHETIC}
_CASUAL_DETAILS = {Detail.HOOD, Detail.DRAWSTRINGS, Detail.LOGO}
_BOLD_PATTERNS = {Pattern.FLORAL, Pattern.GEOMETRIC, Pattern.POLKA_DOTS, Pattern.ABSTRACT}


def formality_of(
    article: Article,
    material: str,
    pattern: str,
    details: tuple[str, ...],
    sleeves: str | None,
    has_sport_stripes: bool,
) -> str:
    """Sports stripes make it athletic; casual fabric, bold prints and sporty details make it casual; then the type."""
    if has_sport_stripes or article.dressiness == "sporty":
        return Formality.ATHLETIC.value
    is_casual = material in _CASUAL_MATERIALS or pattern in _BOLD_PATTERNS or _CASUAL_DETAILS.intersection(details)
    if article.dressiness == "plain" or is_casual:
        return Formality.CASUAL.value
    is_dressed_down = pattern in (Pattern.CHECKERED, Pattern.STRIPED) or sleeves == Sleeves.SHORT
    if article.dressiness == "dressy" and not is_dressed_down:
        return Formality.FORMAL.value
    return Formality.BUSINESS_CASUAL.value


def style_keywords_of(
    formality: str, material: str, pattern: str, details: tuple[str, ...], collar: str | None, fit: str | None
) -> tuple[str, ...]:
    """The keywords whose rule holds, in the order of `StyleKeyword`, at most as many as the attribute may have."""
    is_athletic = formality == Formality.ATHLETIC
    holds = {
        StyleKeyword.ATHLETIC: is_athletic,
        StyleKeyword.SPORTY: is_athletic or (material == Material.SYNTHETIC and Detail.LOGO in details),
        StyleKeyword.VINTAGE: pattern in (Pattern.POLKA_DOTS, Pattern.CHECKERED),
        StyleKeyword.MODERN: pattern == Pattern.GEOMETRIC or material == Material.METAL,
        StyleKeyword.MINIMALIST: pattern == Pattern.SOLID and not set(details) - {Detail.BUTTONS},
        StyleKeyword.BOHEMIAN: pattern == Pattern.FLORAL,
        StyleKeyword.STREETWEAR: pattern == Pattern.ABSTRACT or collar == Collar.HOODED or fit == Fit.OVERSIZED,
        StyleKeyword.PROFESSIONAL: formality in (Formality.FORMAL, Formality.BUSINESS_CASUAL),
        StyleKeyword.ELEGANT: formality == Formality.FORMAL,
    }
    return tuple(keyword.value for keyword in StyleKeyword if holds[keyword])[:_MAX_KEYWORDS]
