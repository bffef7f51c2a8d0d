"""Kinds for category words that mean none, which CLIP sees in names and photos of their products.

Nothing is fetched here, and nothing that is proposed is applied: a person confirms it in the shop's file. Which model
is asked, and whether, is decided in `app/category_proposals.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fashion_assets.catalog.blank_photos import blank_reason
from fashion_assets.errors import PhotoProblem
from fashion_assets.models.photos import open_photo
from fashion_assets.shop.kinds.kind import Place, shared
from fashion_assets.shop.kinds.wordings import KindWording, name_of

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

    from fashion_assets.models.clip.encoder import ImageTextEncoder

MOST_EXAMPLES = 12
"""Products of a category word that are looked at."""

LEAST_LEAD = 0.4
"""By which the share of a kind is to exceed that of the next one. A choice, not a measurement: with a share of two
thirds that no other kind comes near, or of 0.7 against 0.3, a person will mostly only have to nod."""

NAMES, PHOTOS = "names", "photos"


@dataclass(frozen=True)
class Example:
    """A product: its name, and its photo if that is a file that is there."""

    name: str | None = None
    photo: Path | None = None


@dataclass(frozen=True)
class UnknownWord:
    """Category words that mean no kind, with their number of products and some of these.

    `known` are the kinds of products in the same category whose names do say one.
    """

    words: str
    products: int
    examples: tuple[Example, ...] = ()
    known: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """The `kind`, as the shop's file names it, that category words with so many products seem to mean.

    `evidence` is what says so: NAMES, PHOTOS or both.
    """

    words: str
    kind: str
    products: int
    evidence: tuple[str, ...]


def propose_kinds(
    unknown: Sequence[UnknownWord],
    encoder: "ImageTextEncoder",
    wordings: Sequence[KindWording],
    reads: Callable[[str], bool] = lambda name: True,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Proposal]:
    """The kinds of those category words for which names or photos of their products clearly show one.

    Names that the model understands, as `reads` says, and photos are asked apart. Of each, a softmax over the kinds
    (cosines times the model's logit scale) gives shares; their mean over the products, with one more product that says
    nothing, so that few have to be clearer than many, shows a sub category if its share leads all others by LEAST_LEAD,
    and an article type if it does so among all types as well. Where names and photos show different kinds, what they
    have in common is proposed, down to a sub category. `progress` counts words. Raises ModelError if the model returns
    vectors that cannot be used.
    """
    labels, places = _label_vectors(wordings, encoder), [wording.place for wording in wordings]
    proposals = []
    for number, word in enumerate(unknown, 1):
        shares = _shares_by_evidence(word.examples, labels, encoder, reads)
        shown = {what: place for what, kinds in shares if (place := clear_kind(_summed(places, kinds)))}
        place = _agreeing(shared(shown.values()), word.known) if shown else None
        if place is not None and (kind := name_of(place)):
            proposals.append(Proposal(word.words, kind, word.products, tuple(shown)))
        progress(number, len(unknown))
    return proposals


def clear_kind(shares: Mapping[Place, float]) -> Place | None:
    """The article type, or else the sub category, that leads by LEAST_LEAD, by the `shares` of the narrowest kinds."""
    of_subs = _summed([place._replace(article_type=None) for place in shares], shares.values())
    sub, article_type = _leader(of_subs), _leader(shares)
    return article_type if sub and article_type and sub.includes(article_type) else sub


def _label_vectors(wordings: Sequence[KindWording], encoder: "ImageTextEncoder") -> "np.ndarray":
    """The mean direction of each kind's texts: (kinds, dimension)."""
    import numpy as np

    from fashion_assets.models.clip.encoder import require_sound
    from fashion_assets.models.clip.vectors import normalise

    texts = [text for wording in wordings for text in wording.texts]
    vectors = require_sound(encoder.embed_texts(texts), "texts", encoder)
    ends = np.cumsum([len(wording.texts) for wording in wordings])
    return normalise(np.array([part.mean(axis=0) for part in np.split(vectors, ends[:-1])]))


def _shares_by_evidence(
    examples: Sequence[Example], labels: "np.ndarray", encoder: "ImageTextEncoder", reads: Callable[[str], bool]
) -> "Iterator[tuple[str, np.ndarray]]":
    """The shares of the kinds by names and by photos, where there are any."""
    from fashion_assets.models.clip.encoder import require_sound

    names = [name for name in dict.fromkeys(example.name for example in examples) if name and reads(name)]
    if names:
        vectors = require_sound(encoder.embed_texts(names), "texts", encoder)
        yield NAMES, _shares(vectors, labels, encoder.logit_scale)
    photos = list(_opened(example.photo for example in examples))
    if photos:
        vectors = require_sound(encoder.embed_photos(photos), "photos", encoder)
        yield PHOTOS, _shares(vectors, labels, encoder.logit_scale)


def _opened(files: Iterable[Path | None]) -> "Iterator[Image.Image]":
    """Those of the photos that can be opened and show something; the ingest reports the others."""
    for file in dict.fromkeys(files):
        with suppress(PhotoProblem):
            if file is not None and blank_reason(photo := open_photo(file)) is None:
                yield photo


def _shares(vectors: "np.ndarray", labels: "np.ndarray", logit_scale: float) -> "np.ndarray":
    """The share of each kind, whose sum is n / (n + 1) for n vectors (n, dimension)."""
    import numpy as np

    logits = logit_scale * vectors @ labels.T
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (weights / weights.sum(axis=1, keepdims=True)).sum(axis=0) / (len(vectors) + 1)


def _summed(places: Sequence[Place], shares: Iterable[float]) -> dict[Place, float]:
    sums = dict.fromkeys(places, 0.0)
    for place, share in zip(places, shares, strict=True):
        sums[place] += float(share)
    return sums


def _leader(shares: Mapping[Place, float]) -> Place | None:
    first, *others = sorted(shares, key=lambda place: -shares[place])
    second = shares[others[0]] if others else 0.0
    return first if shares[first] - second >= LEAST_LEAD else None


def _agreeing(place: Place | None, known: Sequence[Place]) -> Place | None:
    """The kind, or a wider one, that products of the category whose names say a kind are of too; None if there is none.

    A line of the shop's file holds for all products of its category. A master category says too little to be one.
    """
    while place is not None and place.sub_category:
        if all(place.includes(other) or other.includes(place) for other in known):
            return place
        place = place._replace(article_type=None) if place.article_type else None
    return None
