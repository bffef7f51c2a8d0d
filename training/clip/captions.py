"""What the demo CLIP learns to read: captions of demo products, from one word to a whole description.

Three kinds: short queries as a shopper types them, phrases that say all or most of what can be seen, and descriptions
as the enrichment writes them. A caption mentions some of a product's traits and no others; `TRAITS` says which traits
there are, so that training knows which of the other photos fit a caption as well. Brands and audiences are mixed in so
that they mean nothing. The words are in `caption_words.py`.
"""

import random
from dataclasses import dataclass

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.vocabulary import Collar, Detail, Fit, Pattern, StyleKeyword
from training.clip.caption_words import (
    ARTICLE_WORDS,
    DETAIL_WORDS,
    GENDER_WORDS,
    GROUP_OF,
    GROUP_WORDS,
    HOODED_SWEATSHIRT_WORDS,
    WITH_WORDS,
    WORDS,
)
from training.clip.description_text import OCCASIONS, description_text, is_material_described

_SINGLE = ("article", "group", "colour", "material", "pattern", "formality", "collar", "sleeves", "fit")
TRAITS: tuple[str, ...] = (*_SINGLE, *Detail.values(), *StyleKeyword.values())
"""The traits that a caption may mention; details and style keywords are traits of their own."""

_WEIGHTS = {
    "colour": 5.0, "pattern": 4.0, "material": 4.0, "formality": 1.0, "fit": 1.0, "sleeves": 1.5, "collar": 1.5,
    "detail": 1.8, "style": 0.8,
}  # fmt: skip
_PLAIN_WEIGHT = 1.2
"""How often a short query mentions what: a shopper asks for colour, pattern and material first, seldom for "plain"."""

_NAMES_WITH_FORMALITY = ("Casual Shoes", "Sports Shoes", "Formal Shoes")


@dataclass(frozen=True)
class Caption:
    """A text and the traits that it mentions; a photo fits it that has the same value of each."""

    text: str
    mentioned: frozenset[str]


def traits_of(product: DemoProduct) -> dict[str, str | bool | None]:
    """The value of each of TRAITS."""
    truth = product.truth
    listed = set(truth["details"]) | set(truth["style_keywords"])
    values = {"article": product.article.name, "group": GROUP_OF.get(product.article.name), "colour": product.colour}
    return {trait: values.get(trait, truth.get(trait, trait in listed)) for trait in TRAITS}


def short_caption(product: DemoProduct, rng: random.Random) -> Caption:
    """A query as a shopper types it: an article and up to three traits, in one of several orders.

    "striped shirt", "red leather jacket", "jacket in red leather", "hoodie with zipper and pockets", "leather shoes",
    and sometimes no article at all: "blue denim".
    """
    chosen = _choose(product, rng, count=rng.choice((0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3)))
    article, mentioned = _article_word(product, rng)
    if _is_formality_in(article, product):
        chosen = [trait for trait in chosen if trait != "formality"]
    after = [t for t in chosen if _must_follow(t) or (_may_follow(product, t) and rng.random() < 0.35)]
    before = [t for t in chosen if t not in after]
    if rng.random() < 0.25:
        rng.shuffle(before)
    words = " ".join(_word(product, trait, rng) for trait in before)
    has_only_adjectives = bool(before) and not after
    layout = rng.random()
    if has_only_adjectives and layout < 0.06:
        return Caption(words, frozenset(before))
    if set(before) & {"colour", "material"} and set(before) <= {"colour", "material", "pattern"} and layout < 0.2:
        text = f"{article} in {words}"
    else:
        text = f"{words} {article}".strip()
    if after:
        text += " with " + rng.choice((" and ", ", ", " and ")).join(_with_word(product, t, rng) for t in after)
    if rng.random() < 0.06:
        text += f" for {GENDER_WORDS[product.gender]}"
    if rng.random() < 0.15:
        text = f"a photo of a {text}"  # as CLIP's zero-shot labels begin
    return Caption(text, frozenset(chosen) | mentioned)


def phrase_caption(product: DemoProduct, rng: random.Random, completeness: float) -> Caption:
    """A phrase of the visible traits, each mentioned with probability `completeness`.

    "navy blue striped loose knit fabric tshirts with a crew neck, short sleeves, pockets".
    """
    candidates = ("colour", "pattern", "fit", "material")
    adjectives = [t for t in candidates if _can_say(product, t) and rng.random() < completeness]
    if rng.random() < 0.2:
        rng.shuffle(adjectives)
    article, mentioned_article = _article_word(product, rng)
    visible = [t for t in ("collar", "sleeves") if _can_say(product, t) and rng.random() < completeness]
    details = [d for d in product.truth["details"] if rng.random() < completeness]
    text = " ".join([*(_word(product, trait, rng) for trait in adjectives), article])
    if visible or details:
        text += " with " + ", ".join(_with_word(product, trait, rng) for trait in (*visible, *details))
    return Caption(text, frozenset([*adjectives, *visible, *details]) | mentioned_article)


def full_caption(product: DemoProduct, rng: random.Random) -> Caption:
    """All traits that can be mentioned, in one phrase; retrieval is scored with it."""
    return phrase_caption(product, rng, completeness=1.0)


def random_caption(product: DemoProduct, rng: random.Random) -> Caption:
    """A short query or a phrase, one as often as the other."""
    if rng.random() < 0.5:
        return short_caption(product, rng)
    return phrase_caption(product, rng, completeness=rng.choice((0.7, 1.0)))


def description_caption(product: DemoProduct) -> Caption:
    """The product's description, as the enrichment would write it."""
    truth = product.truth
    described = {"article", "colour", "pattern", "formality", *truth["details"], *truth["style_keywords"]}
    described |= {trait for trait in ("collar", "sleeves", "fit") if truth[trait] is not None}
    if is_material_described(product):
        described.add("material")
    if truth["fit"] == Fit.REGULAR:
        described.remove("fit")
    if truth["collar"] == Collar.NO_COLLAR:
        described.remove("collar")
    mentioned = frozenset(trait for trait in described if trait not in WORDS or _can_say(product, trait))
    return Caption(description_text(product), mentioned)


def known_words() -> list[str]:
    """Every word with a meaning that captions are made of, sorted; without the invented brands."""
    tables = [ARTICLE_WORDS, GROUP_WORDS, DETAIL_WORDS, *WORDS.values(), *WITH_WORDS.values()]
    phrases = ["a photo of with for in and", *GENDER_WORDS.values(), *HOODED_SWEATSHIRT_WORDS]
    phrases += [phrase for table in tables for wordings in table.values() for phrase in wordings]
    phrases += [*StyleKeyword.values(), *(phrase for wordings in OCCASIONS.values() for phrase in wordings)]
    return sorted({word for phrase in phrases for word in phrase.split()})


def _choose(product: DemoProduct, rng: random.Random, count: int) -> list[str]:
    """Up to `count` traits that can be mentioned, in natural order: "blue", "striped", "cotton"."""
    options = [option for option in _WEIGHTS if _values(product, option)]
    weights = [_PLAIN_WEIGHT if o == "pattern" and product.pattern == Pattern.SOLID else _WEIGHTS[o] for o in options]
    chosen: set[str] = set()
    for _ in range(count):
        chosen.add(rng.choices(options, weights)[0])
    order = ("style", "formality", "fit", "colour", "pattern", "collar", "sleeves", "material", "detail")
    return [rng.choice(_values(product, option)) for option in order if option in chosen]


def _values(product: DemoProduct, option: str) -> list[str]:
    """The traits of a query's option that can be mentioned for the product."""
    if option == "detail":
        return product.truth["details"]
    if option == "style":
        return product.truth["style_keywords"]
    return [option] if _can_say(product, option) else []


def _article_word(product: DemoProduct, rng: random.Random) -> tuple[str, frozenset[str]]:
    """A word for the article or for its wider group, and the traits that it mentions."""
    name = product.article.name
    if name in GROUP_OF and rng.random() < 0.25:
        return rng.choice(GROUP_WORDS[GROUP_OF[name]]), frozenset({"group"})
    if name == "Sweatshirts" and Detail.HOOD in product.truth["details"] and rng.random() < 0.4:
        return rng.choice(HOODED_SWEATSHIRT_WORDS), frozenset({"article", Detail.HOOD.value})
    return rng.choice(ARTICLE_WORDS[name]), frozenset({"article"})


def _is_formality_in(article: str, product: DemoProduct) -> bool:
    """Would "casual shoes" be the name of an article instead of shoes that are casual?"""
    return product.article.name in _NAMES_WITH_FORMALITY or article in GROUP_WORDS["shoes"]


def _must_follow(trait: str) -> bool:
    return trait in DETAIL_WORDS


def _may_follow(product: DemoProduct, trait: str) -> bool:
    return trait in WITH_WORDS and product.truth[trait] in WITH_WORDS[trait]


def _can_say(product: DemoProduct, trait: str) -> bool:
    return _value(product, trait) in WORDS[trait]


def _value(product: DemoProduct, trait: str) -> str | None:
    return product.colour if trait == "colour" else product.truth[trait]


def _word(product: DemoProduct, trait: str, rng: random.Random) -> str:
    """What goes before the article."""
    return rng.choice(WORDS[trait][_value(product, trait)]) if trait in WORDS else trait


def _with_word(product: DemoProduct, trait: str, rng: random.Random) -> str:
    """What goes after "with"."""
    return rng.choice(DETAIL_WORDS[trait] if trait in DETAIL_WORDS else WITH_WORDS[trait][product.truth[trait]])
