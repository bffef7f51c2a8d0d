"""Sampling of demo products: their true attributes, determined by a seed and the number of the product alone.

Two mixes: `catalog` is what a shop sells (mostly solid colours, watches of metal), `balanced` spreads the values
evenly, so that a model trained on it must look at the photo. `render.py` decides how a product looks.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from fashion_assets.demo.articles import ARTICLES, Article
from fashion_assets.demo.palette import DENIM, DYED, LEATHERY, METALLIC, distance
from fashion_assets.demo.style_rules import formality_of, style_keywords_of
from fashion_assets.demo.vocabulary import Collar, Confidence, Detail, Fit, Material, Pattern

Mix = Literal["catalog", "balanced"]
Clarity = Literal["clear", "soft", "poor", "ruined"]

_PATTERNS = [p.value for p in Pattern if p is not Pattern.NO_CLEAR]
_FITS = [f.value for f in Fit if f is not Fit.CANNOT_DETERMINE]
_PATTERN_SHARES = {
    "catalog": (0.64, 0.10, 0.06, 0.04, 0.04, 0.08, 0.04),
    "balanced": (0.28, 0.12, 0.12, 0.12, 0.12, 0.12, 0.12),
}
_FIT_SHARES = {"catalog": (0.22, 0.5, 0.18, 0.1), "balanced": (0.25, 0.25, 0.25, 0.25)}
# A shop removes nearly all photos that show nothing, but a model must have been trained on some.
_CLARITY_SHARES: dict[Mix, dict[Clarity, float]] = {
    "catalog": {"clear": 0.85, "soft": 0.1, "poor": 0.045, "ruined": 0.005},
    "balanced": {"clear": 0.85, "soft": 0.1, "poor": 0.035, "ruined": 0.015},
}
_CONFIDENCE: dict[Clarity, Confidence] = {
    "clear": Confidence.HIGH, "soft": Confidence.MEDIUM, "poor": Confidence.LOW, "ruined": Confidence.LOW,
}  # fmt: skip


@dataclass(frozen=True)
class DemoProduct:
    """A product as it is, and how well its photo shows it (`clarity`).

    `collar`, `sleeves` and `fit` are None for products that are not garments. `details` are in the order of `Detail`.
    """

    seed: int
    index: int
    article: Article
    gender: str
    colour: str
    second_colour: str
    material: str
    pattern: str
    collar: str | None
    sleeves: str | None
    fit: str | None
    details: tuple[str, ...]
    has_sport_stripes: bool
    clarity: Clarity

    @cached_property
    def truth(self) -> dict[str, str | list[str] | None]:
        """What a careful observer would answer for every key of the questions; None for keys that do not apply.

        A ruined photo shows only the outline: neither material, pattern, details nor fit.
        """
        is_visible = self.clarity != "ruined"
        material = self.material if is_visible else Material.UNKNOWN.value
        pattern = self.pattern if is_visible else Pattern.NO_CLEAR.value
        details = self.details if is_visible else ()
        fit = self.fit if is_visible or self.fit is None else Fit.CANNOT_DETERMINE.value
        stripes = self.has_sport_stripes and is_visible
        formality = formality_of(self.article, material, pattern, details, self.sleeves, stripes)
        keywords = style_keywords_of(formality, material, pattern, details, self.collar, fit)
        return {
            "material": material,
            "pattern": pattern,
            "confidence": _CONFIDENCE[self.clarity].value,
            "formality": formality,
            "style_keywords": list(keywords),
            "details": list(details),
            "collar": self.collar,
            "sleeves": self.sleeves,
            "fit": fit,
        }


def sample_product(seed: int, index: int, mix: Mix = "catalog") -> DemoProduct:
    """The product number `index` of the catalog with this `seed`: the same on every machine and in every process."""
    rng = np.random.default_rng((seed, index, 0))
    return _product(rng, _article(rng, mix), seed, index, mix)


def sample_product_of(article: Article, seed: int, index: int) -> DemoProduct:
    """A product of `article` with the shares of the mix `catalog`: the same on every machine and in every process."""
    return _product(np.random.default_rng((seed, index, 0)), article, seed, index, "catalog")


def _product(rng: np.random.Generator, article: Article, seed: int, index: int, mix: Mix) -> DemoProduct:
    material = _choice(rng, _shares(article.materials, mix))
    pattern = _pattern(rng, article, material, mix)
    colour = _colour(rng, material)
    collar = _choice(rng, _shares(article.collars, mix)) if article.collars else None
    has_sport_stripes = material in (Material.SYNTHETIC, Material.KNIT) and rng.random() < article.sport_share
    if has_sport_stripes and article.name not in ("Tshirts", "Tops"):
        pattern = Pattern.SOLID.value  # sports stripes on a print could not be distinguished from the print
    return DemoProduct(
        seed=seed,
        index=index,
        article=article,
        gender=str(rng.choice(article.genders)),
        colour=colour,
        second_colour=_second_colour(rng, colour),
        material=material,
        pattern=pattern,
        collar=collar,
        sleeves=_choice(rng, _shares(article.sleeves, mix)) if article.sleeves else None,
        fit=str(rng.choice(_FITS, p=_FIT_SHARES[mix])) if article.is_garment else None,
        details=_details(rng, article, collar, mix),
        has_sport_stripes=bool(has_sport_stripes),
        clarity=_clarity(rng, mix),
    )


def _article(rng: np.random.Generator, mix: Mix) -> Article:
    # The square root keeps common types frequent enough in the balanced mix to be learned well.
    weights = np.array([a.popularity for a in ARTICLES]) ** (1.0 if mix == "catalog" else 0.5)
    return ARTICLES[_weighted_index(rng, weights)]


def _clarity(rng: np.random.Generator, mix: Mix) -> Clarity:
    shares = _CLARITY_SHARES[mix]
    return list(shares)[_weighted_index(rng, np.array(list(shares.values())))]


def _shares(shares: dict[str, float], mix: Mix) -> dict[str, float]:
    return shares if mix == "catalog" else dict.fromkeys(shares, 1.0)


def _choice(rng: np.random.Generator, shares: dict[str, float]) -> str:
    return str(list(shares)[_weighted_index(rng, np.array(list(shares.values())))])


def _weighted_index(rng: np.random.Generator, weights: np.ndarray) -> int:
    """A random index, with probabilities proportional to `weights`."""
    return int(rng.choice(len(weights), p=weights / weights.sum()))


def _pattern(rng: np.random.Generator, article: Article, material: str, mix: Mix) -> str:
    if article.plain_only or material == Material.METAL:
        return Pattern.SOLID.value
    if material in (Material.LEATHER, Material.DENIM) and rng.random() < 0.7:
        return Pattern.SOLID.value
    return str(rng.choice(_PATTERNS, p=_PATTERN_SHARES[mix]))


def _colour(rng: np.random.Generator, material: str) -> str:
    by_material = {Material.METAL: METALLIC, Material.LEATHER: LEATHERY, Material.DENIM: DENIM}
    return str(rng.choice(by_material.get(Material(material), DYED)))


def _second_colour(rng: np.random.Generator, colour: str) -> str:
    return str(rng.choice([other for other in DYED if distance(other, colour) > 190]))


def _details(rng: np.random.Generator, article: Article, collar: str | None, mix: Mix) -> tuple[str, ...]:
    chosen = {detail for detail, share in article.details.items() if rng.random() < share}
    if Detail.ZIPPER in chosen and Detail.BUTTONS in chosen and article.is_garment:
        chosen.remove(Detail.BUTTONS)  # a garment has one closure
    if article.name == "Jackets" and Detail.ZIPPER not in chosen:
        chosen.add(Detail.BUTTONS)
    if collar == Collar.HOODED:
        chosen.add(Detail.HOOD)
    elif collar is not None and collar != Collar.NOT_APPLICABLE:
        chosen.discard(Detail.DRAWSTRINGS)  # on tops, drawstrings belong to the hood
    return tuple(detail.value for detail in Detail if detail in chosen)
