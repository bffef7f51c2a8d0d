"""The results of a search: products, each with the reasons for its rank."""

from collections.abc import Collection, Mapping
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
    """A found product. `shop_id` is what the shop calls it. `score` is the cosine similarity, -1..1, not the score of
    the order (`why.ranking_score`); `description` is the text that was embedded. `list_price` is that before a
    reduction, None if there is none; `currency` is an ISO code or the shop's own sign.
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
    shop_id: str = ""
    list_price: float | None = None
    currency: str | None = None

    def price_in_words(self) -> str:
        """As "59.90 EUR (was 79.90)"; empty without a price."""
        if self.price is None:
            return ""
        currency = f" {self.currency}" if self.currency else ""
        reduced = f" (was {self.list_price:.2f})" if self.list_price is not None else ""
        return f"{self.price:.2f}{currency}{reduced}"


SHOP_ID = "shop_id"
PRICE_COLUMNS = ("list_price", "currency")
"""What an index takes from the ingest about a price, besides the price itself."""

DESCRIPTION_COLUMN = "embedded_text"
PRODUCT_COLUMNS = tuple(
    name for name in Hit.__dataclass_fields__ if name not in ("score", "description", "why", SHOP_ID, *PRICE_COLUMNS)
)


def hit_columns(present: Collection[str]) -> list[str]:
    """The columns of an index that hits are made of; those that were built before have no `shop_id` and currency."""
    later = [name for name in (SHOP_ID, *PRICE_COLUMNS) if name in present]
    return [*PRODUCT_COLUMNS, DESCRIPTION_COLUMN, *later]


def hit_of(row: Mapping, score: float, why: Reasons | None = None) -> Hit:
    """The hit of an index row (`hit_columns`); without `why`, the score alone is the reason."""
    product = {name: row[name] for name in PRODUCT_COLUMNS}
    product |= {name: row.get(name) for name in PRICE_COLUMNS}
    shop_id = row.get(SHOP_ID) or str(row["product_id"])
    return Hit(**product, score=score, description=row[DESCRIPTION_COLUMN], why=why or Reasons(score), shop_id=shop_id)
