"""Values that people state about products, checked against the taxonomy and written in one form.

As text, items of a list are separated by "|", and "none" is an empty list. Corrections and audit labels are stored so.
"""

import polars as pl

from fashion_assets.errors import LabelError
from fashion_assets.quality.labels.answer_files import SEPARATOR, attributes_by_name, canonical_value
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

NOTHING = "none"
"""In place of the items of an empty list."""


def stated_field(name: str, taxonomy: Taxonomy = SHIPPED.taxonomy) -> Attribute:
    """The attribute of that name, in the answers or in the tables; raises LabelError, which names the allowed ones."""
    field = attributes_by_name(taxonomy).get(name)
    if field is None:
        raise LabelError(
            value=f"field '{name}'",
            rule=f"it must be one of: {', '.join(visible.column for visible in taxonomy.visible)}",
            remedy="name one of these",
        )
    return field


def stated_value(field: Attribute, text: str) -> str | None:
    """The text in the taxonomy's values; None for an empty text.

    Raises LabelError, which names the value and the allowed ones, or how many items a list may have.
    """
    if not text:
        return None
    words = text.split(SEPARATOR) if field.is_list else [text]
    values = [canonical_value(field, word) for word in words]
    for word, value in zip(words, values, strict=True):
        if value is None:
            allowed = [*field.vocabulary.values(), *([NOTHING] if field.is_list else [])]
            raise LabelError(
                value=f"{field.column} '{word}'",
                rule=f"it must be one of: {', '.join(allowed)}",
                remedy="give one of these",
            )
    kept = list(dict.fromkeys(filter(None, values)))
    if field.is_list and len(kept) > field.max_items:
        raise LabelError(
            value=f"{len(kept)} {field.column}",
            rule=f"at most {field.max_items} are allowed",
            remedy="leave some out",
        )
    return SEPARATOR.join(kept) or NOTHING


def typed_value(field: Attribute, stated: pl.Expr) -> pl.Expr:
    """Stated values as `product_extracted_attributes` holds them: text, or a list of text."""
    if not field.is_list:
        return stated
    return stated.replace(NOTHING, "").str.split(SEPARATOR).list.eval(pl.element().filter(pl.element() != ""))
