"""Which languages a CLIP model reads, as far as its publishers say, and the warning when it does not read a catalog's.

A model that does not read a language still gives a vector for its words, and nothing fails: searches just get worse.
"""

import re
from collections.abc import Iterable

from fashion_assets.shop.languages.detection import names_language

MULTILINGUAL_MODELS = (
    "xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k",
    "ViT-B-16-SigLIP2/webli",
    "ViT-B-16-SigLIP-i18n-256/webli",
    "nllb-clip-base-siglip/v1",
)
"""Models that open_clip publishes with texts of many languages, the smallest first."""

_MULTILINGUAL = re.compile(r"xlm-?roberta|nllb|multilingual|i18n|siglip-?2|worldwide|mt5-|m-clip|jina-clip-v2")
"""Names of models whose texts were of many languages: LAION-5B, WebLI in all its languages, MetaCLIP worldwide, ..."""

_ENGLISH = re.compile(
    r"(^|/)demo(-clip)?(@|$)|openai|laion[-_]?2b|laion[-_]?400m|cc12m|yfcc15m|siglip|fashion-?clip|fashionsiglip"
)
"""Names of models whose texts were English: the demo model, OpenAI's, LAION-2B-en and LAION-400M, the first SigLIP, the
fashion models made from them."""


def clip_reads(model: str, code: str) -> bool | None:
    """Whether the CLIP model of that setting or id reads the language; None where that is not known.

    `code` is that of a language or script, as `names_language` gives it.
    """
    name = model.lower()
    if _MULTILINGUAL.search(name):
        return True
    if _ENGLISH.search(name):
        return code == "en"
    return None


def language_warning(model: str, names: Iterable[str]) -> str | None:
    """A sentence with the remedy if most of the `names` are in a language that the CLIP model is known not to read."""
    language = names_language(names)
    if language.code is None or clip_reads(model, language.code) is not False:
        return None
    share = language.shares[language.code] / sum(language.shares.values())
    return (
        f"Of the product names that show a language, {share:.0%} are in {language.name}, but the CLIP model '{model}' "
        "reads English only, so that searches by words find less; set FASHION_CLIP to a multilingual model such as "
        f"`{MULTILINGUAL_MODELS[0]}`, and run again."
    )
