"""A kind of product in the reference catalog's three levels, and what two kinds have in common."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Sureness = Literal["exact", "path", "part", "name"]


class Place(NamedTuple):
    """Where a kind stands among the catalog's categories; None for levels that are not known."""

    master_category: str
    sub_category: str | None = None
    article_type: str | None = None

    def includes(self, other: "Place") -> bool:
        """Whether `other` is this place or a place below it."""
        return all(mine is None or mine == theirs for mine, theirs in zip(self, other, strict=True))


@dataclass(frozen=True)
class Kind:
    """What a product is, in the words of the reference catalog.

    `sub_category` and `article_type` are None where the shop's words say no more. `matched` are the words that said it,
    folded. `sureness`: "exact" if the category as a whole is known, "path" if a level of it is, "part" if only a part
    of a level is ("Fashion Sneakers", "Leinenkleid"), "name" if the product's name said it, or said it more precisely.
    """

    master_category: str
    sub_category: str | None
    article_type: str | None
    matched: str
    sureness: Sureness

    @property
    def place(self) -> Place:
        return Place(self.master_category, self.sub_category, self.article_type)


def most_precise(places: Iterable[Place]) -> list[Place]:
    """The distinct places without those that include another of them, in order."""
    distinct = list(dict.fromkeys(places))
    return [place for place in distinct if not any(place != other and place.includes(other) for other in distinct)]


def shared(places: Iterable[Place]) -> Place | None:
    """The lowest place that includes all of `places`; None if they do not even share the master category."""
    masters, subs, types = (set(level) for level in zip(*places, strict=True))
    if len(masters) > 1:
        return None
    sub = subs.pop() if len(subs) == 1 else None
    return Place(masters.pop(), sub, types.pop() if sub and len(types) == 1 else None)
