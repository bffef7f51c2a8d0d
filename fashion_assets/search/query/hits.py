"""The results of a search: products, each with the reasons for its rank."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reasons:
    """Why a product has its rank.

    `ranking_score` decides the order; `text_score` (BM25) and `text_rank` (from 1) are None for a product that
    the full-text query did not find. `boosts` are the names of the rules that fired, `matched` the product's values
    that the query names, by column.
    """

    ranking_score: float
    text_score: float | None = None
    text_rank: int | None = None
    boosts: tuple[str, ...] = ()
    matched: Mapping[str, str] = field(default_factory=dict)

    def words(self) -> str:
        """In short: "Dresses, Red, striped; words #3"; "vector" for a product that is only near the query."""
        named = ", ".join(dict.fromkeys(self.matched.values()))
        rank = f"words #{self.text_rank}" if self.text_rank else ""
        return "; ".join(part for part in (named, rank) if part) or "vector"


@dataclass(frozen=True)
class Hit:
    """A found product. `score` is the cosine similarity, -1..1, not the score of the order (`why.ranking_score`);
    `description` is the text that was embedded.
    """

    product_id: int
    product_display_name: str | None
    score: float
    master_category: str | None
    sub_category: str | None
    article_type: str | None
    base_color: str | None
    gender: str | None
    season: str | None
    usage: str | None
    price: float | None
    image_path: str | None
    description: str
    why: Reasons


DESCRIPTION_COLUMN = "embedded_text"
PRODUCT_COLUMNS = tuple(name for name in Hit.__dataclass_fields__ if name not in ("score", "description", "why"))


def hit_of(row: Mapping, score: float, why: Reasons | None = None) -> Hit:
    """The hit of an index row (PRODUCT_COLUMNS, DESCRIPTION_COLUMN); without `why`, the score alone is the reason."""
    product = {name: row[name] for name in PRODUCT_COLUMNS}
    return Hit(**product, score=score, description=row[DESCRIPTION_COLUMN], why=why or Reasons(score))
