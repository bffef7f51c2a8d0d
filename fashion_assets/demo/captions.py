"""What the demo CLIP learns to read: captions of demo products, from two words to a whole description.

A caption mentions some of a product's traits and no others; `TRAITS` says which traits there are, so that training
knows which of the other photos fit a caption as well. Brands and audiences are mixed in so that they mean nothing.
"""

import random
from dataclasses import dataclass

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.palette import PALETTE
from fashion_assets.extraction.taxonomy import Detail, StyleKeyword

ARTICLE_WORDS: dict[str, tuple[str, ...]] = {
    "Tshirts": ("t-shirt", "tshirt", "tee", "tshirts", "t-shirts"),
    "Shirts": ("shirt", "shirt", "shirts"),
    "Tops": ("top", "top", "tops", "blouse"),
    "Sweatshirts": ("sweatshirt", "sweatshirt", "sweatshirts"),
    "Sweaters": ("sweater", "sweaters", "pullover", "jumper"),
    "Jackets": ("jacket", "jacket", "jackets", "coat"),
    "Blazers": ("blazer", "blazers", "suit jacket"),
    "Kurtas": ("kurta", "kurtas", "tunic"),
    "Dresses": ("dress", "dress", "dresses", "gown"),
    "Jeans": ("jeans", "denims"),
    "Trousers": ("trousers", "trouser", "chinos"),
    "Shorts": ("shorts",),
    "Skirts": ("skirt", "skirts"),
    "Track Pants": ("track pants", "joggers", "sweatpants", "tracksuit"),
    "Casual Shoes": ("casual shoes", "sneakers", "sneaker"),
    "Sports Shoes": ("sports shoes", "running shoes", "trainers"),
    "Formal Shoes": ("formal shoes", "dress shoes", "office shoes"),
    "Heels": ("heels", "high heels", "pumps"),
    "Sandals": ("sandals", "sandal"),
    "Watches": ("watch", "watches", "wristwatch"),
    "Handbags": ("handbag", "handbags", "purse"),
    "Backpacks": ("backpack", "backpacks", "rucksack"),
    "Belts": ("belt", "belts"),
    "Wallets": ("wallet", "wallets"),
    "Sunglasses": ("sunglasses", "shades"),
    "Caps": ("cap", "caps", "baseball cap", "hat"),
    "Ties": ("tie", "ties", "necktie"),
}
GROUP_WORDS: dict[str, tuple[str, ...]] = {
    "shoes": ("shoes", "shoe"),
    "bags": ("bag", "bags"),
    "pants": ("pants",),
}
_GROUP_OF = {
    "Casual Shoes": "shoes", "Sports Shoes": "shoes", "Formal Shoes": "shoes", "Handbags": "bags", "Backpacks": "bags",
    "Jeans": "pants", "Trousers": "pants", "Track Pants": "pants",
}  # fmt: skip
_COLOUR_WORDS = {
    "Navy Blue": ("navy blue", "navy", "dark blue"),
    "Grey": ("grey", "gray"),
    "Maroon": ("maroon", "burgundy"),
    "Olive": ("olive", "olive green"),
    "Tan": ("tan", "camel"),
    "Beige": ("beige", "cream"),
}
_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "material": {
        "leather": ("leather", "leather", "faux leather"),
        "denim": ("denim",),
        "knit fabric": ("knit fabric", "knit", "knitted"),
        "woven fabric": ("woven fabric", "woven", "cotton", "linen"),
        "synthetic": ("synthetic", "synthetic", "polyester", "nylon", "shiny"),
        "metal": ("metal", "metal", "steel", "metallic"),
        "canvas": ("canvas",),
    },
    "pattern": {
        "solid color": ("plain", "solid", "solid color"),
        "striped": ("striped", "striped", "stripes"),
        "floral print": ("floral", "floral print", "flower print"),
        "geometric": ("geometric", "geometric print", "zigzag"),
        "polka dots": ("polka dot", "polka dots", "dotted"),
        "checkered": ("checkered", "checked", "plaid"),
        "abstract print": ("abstract print", "abstract", "camouflage"),
    },
    "formality": {
        "formal": ("formal", "formal", "elegant"),
        "business casual": ("business casual", "smart casual"),
        "casual": ("casual", "casual", "everyday"),
        "athletic": ("athletic", "sporty", "sports"),
    },
    "collar": {
        "crew neck": ("crew neck", "a crew neck", "round neck"),
        "v-neck": ("v-neck", "a v-neck", "v neck"),
        "collar": ("collar", "a collar"),
        "hooded": ("a hood", "hooded"),
        "turtleneck": ("turtleneck", "a turtleneck", "high neck"),
        "scoop neck": ("scoop neck", "a scoop neck"),
        "no collar": ("no collar",),
    },
    "sleeves": {
        "short sleeve": ("short sleeves", "short sleeve"),
        "long sleeve": ("long sleeves", "long sleeve"),
        "sleeveless": ("no sleeves", "sleeveless"),
        "three-quarter sleeve": ("three-quarter sleeves", "three-quarter sleeve"),
    },
    "fit": {
        "fitted": ("fitted", "slim", "slim fit"),
        "regular": ("regular", "regular fit"),
        "loose": ("loose", "relaxed"),
        "oversized": ("oversized",),
    },
}
_OCCASIONS = {
    "formal": "office, business meeting, formal event",
    "business casual": "office, dinner, business meeting",
    "casual": "weekend, everyday, city, festival",
    "athletic": "gym, training, outdoor",
}
_GENDER_WORDS = {"Men": "men", "Women": "women", "Boys": "boys", "Girls": "girls", "Unisex": "unisex"}
_SYLLABLES = ("ba", "do", "fi", "lu", "mar", "ne", "ri", "so", "ta", "ve", "zen", "kor")
_SEASONS = ("summer", "winter", "fall", "spring")

_SINGLE = ("article", "group", "colour", "material", "pattern", "formality", "collar", "sleeves", "fit")
TRAITS: tuple[str, ...] = (*_SINGLE, *Detail.values(), *StyleKeyword.values())
"""The traits that a caption may mention; details and style keywords are traits of their own."""


@dataclass(frozen=True)
class Caption:
    text: str
    mentioned: frozenset[str]


def traits_of(product: DemoProduct) -> dict[str, str | bool | None]:
    """The value of each of TRAITS."""
    truth = product.truth
    listed = set(truth["details"]) | set(truth["style_keywords"])
    values = {"article": product.article.name, "group": _GROUP_OF.get(product.article.name), "colour": product.colour}
    return {trait: values.get(trait, truth.get(trait, trait in listed)) for trait in TRAITS}


def query_caption(product: DemoProduct, traits: tuple[str, ...], rng: random.Random) -> Caption:
    """A short query that mentions the article and the given single traits: "striped shirt", "blue denim jeans"."""
    article, mentioned = _article_word(product, rng)
    words = [_word(product, trait, rng) for trait in traits]
    return Caption(" ".join([*words, article]), frozenset(traits) | mentioned)


def random_caption(product: DemoProduct, rng: random.Random) -> Caption:
    """A short query, a phrase or a description, in the proportions of training."""
    kind = rng.random()
    if kind < 0.45:
        return _random_query(product, rng)
    caption = _phrase(product, rng, completeness=rng.choice((0.6, 0.85, 1.0)))
    return caption if kind < 0.7 else _description(product, caption, rng)


def full_caption(product: DemoProduct, rng: random.Random) -> Caption:
    """Everything that can be said, in one phrase: what retrieval is scored with."""
    return _phrase(product, rng, completeness=1.0)


def known_words() -> list[str]:
    """Every word with a meaning that captions are made of, sorted; without the invented brands."""
    phrases = ["a photo of with for style hoodie", *_OCCASIONS.values(), *_GENDER_WORDS.values(), *_SEASONS]
    phrases += [word for table in (ARTICLE_WORDS, GROUP_WORDS) for words in table.values() for word in words]
    phrases += [word for table in _WORDS.values() for words in table.values() for word in words]
    phrases += [word for colour in PALETTE for word in _COLOUR_WORDS.get(colour, (colour.lower(),))]
    phrases += [trait for trait in TRAITS if trait not in _SINGLE]
    return sorted({word.strip(",") for phrase in phrases for word in phrase.split()})


def _random_query(product: DemoProduct, rng: random.Random) -> Caption:
    options = ["colour", "colour", "pattern", "material", "formality", "fit", "sleeves", "collar"]
    chosen: list[str] = []
    for trait in rng.sample(options, len(options)):
        if trait not in chosen and _can_say(product, trait):
            chosen.append(trait)
        if len(chosen) == 3:
            break
    chosen = chosen[: rng.choice((0, 1, 1, 1, 2, 2, 3))]
    caption = query_caption(product, tuple(chosen), rng)
    details = product.truth["details"]
    if details and rng.random() < 0.25:
        detail = rng.choice(details)
        return Caption(f"{caption.text} with {detail.removeprefix('has ')}", caption.mentioned | {detail})
    if rng.random() < 0.15:
        caption = Caption(f"{caption.text} for {_GENDER_WORDS[product.gender]}", caption.mentioned)
    if rng.random() < 0.1:
        caption = Caption(f"a photo of a {caption.text}", caption.mentioned)
    return caption


def _phrase(product: DemoProduct, rng: random.Random, completeness: float) -> Caption:
    """ "navy blue striped loose knit fabric tshirts with a crew neck, short sleeves, pockets"."""
    told = ("colour", "pattern", "fit", "material")
    adjectives = [t for t in told if _can_say(product, t) and rng.random() < completeness]
    if rng.random() < 0.2:
        rng.shuffle(adjectives)
    article, mentioned_article = _article_word(product, rng)
    visible = [t for t in ("collar", "sleeves") if _can_say(product, t) and rng.random() < completeness]
    details = [d for d in product.truth["details"] if rng.random() < completeness]
    text = " ".join([*(_word(product, trait, rng) for trait in adjectives), article])
    parts = [_word(product, trait, rng) for trait in visible] + [d.removeprefix("has ") for d in details]
    if parts:
        text += " with " + ", ".join(parts)
    return Caption(text, frozenset([*adjectives, *visible, *details]) | mentioned_article)


def _description(product: DemoProduct, phrase: Caption, rng: random.Random) -> Caption:
    """A phrase followed by style, audience and the catalog's name, as enriched descriptions are."""
    truth = product.truth
    mentioned = phrase.mentioned | {"formality"} | set(truth["style_keywords"])
    parts = [phrase.text, ", ".join([truth["formality"], *truth["style_keywords"]]) + " style"]
    parts.append(f"for {_GENDER_WORDS[product.gender]}, {_OCCASIONS[truth['formality']]}")
    if rng.random() < 0.7:
        parts.append(_name(product, rng))
    if rng.random() < 0.3:
        parts.append(rng.choice(_SEASONS))
    text = ". ".join(parts)
    return Caption(_without_repeats(text) if rng.random() < 0.5 else text, mentioned)


def _name(product: DemoProduct, rng: random.Random) -> str:
    brand = "".join(rng.choice(_SYLLABLES) for _ in range(rng.choice((2, 3))))
    return f"{brand} {_GENDER_WORDS[product.gender]} {rng.choice(ARTICLE_WORDS[product.article.name])}"


def _without_repeats(text: str) -> str:
    seen: set[str] = set()
    kept = []
    for word in text.split():
        bare = word.strip(".,")
        if bare not in seen or bare in ("a", "with", "for", "no"):
            kept.append(word)
        seen.add(bare)
    return " ".join(kept)


def _article_word(product: DemoProduct, rng: random.Random) -> tuple[str, frozenset[str]]:
    """A word for the article or for its wider group, and the traits that it mentions."""
    name = product.article.name
    if name in _GROUP_OF and rng.random() < 0.2:
        return rng.choice(GROUP_WORDS[_GROUP_OF[name]]), frozenset({"group"})
    if name == "Sweatshirts" and Detail.HOOD in product.truth["details"] and rng.random() < 0.4:
        return rng.choice(("hoodie", "hoodies")), frozenset({"article", Detail.HOOD.value})
    return rng.choice(ARTICLE_WORDS[name]), frozenset({"article"})


def _can_say(product: DemoProduct, trait: str) -> bool:
    return trait == "colour" or product.truth[trait] in _WORDS[trait]


def _word(product: DemoProduct, trait: str, rng: random.Random) -> str:
    if trait == "colour":
        return rng.choice(_COLOUR_WORDS.get(product.colour, (product.colour.lower(),)))
    return rng.choice(_WORDS[trait][product.truth[trait]])
