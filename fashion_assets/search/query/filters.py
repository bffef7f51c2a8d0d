"""Filters of a search: typed fields, parsed from text, turned into expressions (never into SQL text)."""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fashion_assets.errors import SearchError

if TYPE_CHECKING:
    from lancedb.expr import Expr

Words = tuple[str, ...]


class Filters(BaseModel):
    """A product passes if each field that is set matches: its value is among the words; its price is within bounds.

    Words are compared exactly; `in_catalog_words` spells them as the catalog does. A product without a price passes no
    price bound.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    master_category: Words = ()
    article_type: Words = ()
    base_color: Words = ()
    gender: Words = ()
    season: Words = ()
    usage: Words = ()
    min_price: float | None = Field(None, ge=0, allow_inf_nan=False)
    max_price: float | None = Field(None, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _bounds_leave_a_range(self) -> "Filters":
        if self.min_price is not None and self.max_price is not None and self.min_price > self.max_price:
            raise ValueError(f"min_price {self.min_price} is above max_price {self.max_price}")
        return self

    def expression(self) -> "Expr | None":
        """The LanceDB expression, None without filters. Values are literals, so nothing can be injected."""
        from lancedb.expr import col, lit

        conditions = [col(name).isin([lit(word) for word in words]) for name, words in self.words.items()]
        if self.min_price is not None:
            conditions.append(col("price") >= lit(self.min_price))
        if self.max_price is not None:
            conditions.append(col("price") <= lit(self.max_price))
        combined = None
        for condition in conditions:
            combined = condition if combined is None else combined & condition
        return combined

    @property
    def words(self) -> dict[str, Words]:
        """The words by field, of the fields that are set."""
        return {name: words for name in WORD_FIELDS if (words := getattr(self, name))}


def excluding(product_ids: Collection[int]) -> "Expr":
    """The LanceDB expression that passes every product except these."""
    from lancedb.expr import col, lit

    return ~col("product_id").isin([lit(int(product_id)) for product_id in product_ids])


WORD_FIELDS = tuple(name for name, field in Filters.model_fields.items() if field.annotation == Words)
PRICE_BOUNDS = {">=": "min_price", "<=": "max_price"}

_CONDITION = re.compile(r"\s*(?P<field>\w+)\s*(?P<operator><=|>=|=)(?P<value>.*)", re.DOTALL)


def parse_filters(conditions: Sequence[str]) -> Filters:
    """Filters from texts such as `gender=Women`, `article_type=Shirts|Tshirts`, `price<=50`; repeated fields add words.

    Raises SearchError if a condition has another form or field, or the price is not a number.
    """
    fields: dict[str, Any] = {}
    for condition in conditions:
        match = _CONDITION.fullmatch(condition)
        field, operator, value = match.group("field", "operator", "value") if match else ("", "", "")
        words = tuple(word.strip() for word in value.split("|") if word.strip())
        if field in WORD_FIELDS and operator == "=" and words:
            fields[field] = fields.get(field, ()) + words
        elif field == "price" and operator in PRICE_BOUNDS:
            fields[PRICE_BOUNDS[operator]] = value
        else:
            raise SearchError(
                value=f"The filter '{condition}' cannot be used",
                rule=(
                    f"it must be `field=value` or `field=value|value` with a field of {', '.join(WORD_FIELDS)}, "
                    "or `price<=50` or `price>=10`"
                ),
                remedy="write it in that form",
            )
    try:
        return Filters(**fields)
    except ValidationError as error:
        problem = error.errors()[0]
        named = f" for {problem['loc'][0]} '{problem['input']}'" if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        raise SearchError(
            value=f"The price filter cannot be used{named}",
            rule=message[:1].lower() + message[1:],
            remedy="give a number of at least 0",
        ) from error
