"""The wording of descriptions: natural phrases, no word twice, the most telling words first.

CLIP reads at most 77 tokens and gives early words most weight, so a description opens with colour, pattern, material
and article ("blue striped denim shirts"), continues with what is visible, and ends with the catalog's name.
"""

import polars as pl

from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

MAX_WORDS = 48
"""An English word takes about 1.4 CLIP tokens: 48 words stay within 77 tokens, with room for unusual brand names."""

_NO_PHRASES = pl.lit([], dtype=pl.List(pl.String))


def rich_phrase(taxonomy: Taxonomy = SHIPPED.taxonomy) -> pl.Expr:
    """The rich description, from visual attributes, `described_material`, `occasions` and the source columns.

    Attributes are placed by their `placement`, in the taxonomy's order; the material comes right before the article,
    and lists come last.
    """
    material = taxonomy["material"]
    before = [_phrases(a).list.join(" ") for a in taxonomy.visible if a.placement == "before" and a != material]
    opening = _words(
        pl.col("base_color").str.to_lowercase(), *before, phrase_of(material, pl.col("described_material")), _article()
    )
    after = sorted((a for a in taxonomy.visible if a.placement == "after"), key=lambda a: a.is_list)
    visible = pl.concat_list(_NO_PHRASES, *map(_phrases, after))
    style = pl.concat_list("formality", "style_keywords").list.drop_nulls().list.join(", ")
    audience = pl.concat_list(pl.col("gender").str.to_lowercase(), "occasions").list.drop_nulls().list.join(", ")
    return _sentences(
        opening + _prefixed(" with ", visible.list.join(", ")),
        style,
        _prefixed("for ", audience),
        pl.col("product_display_name"),
    )


def phrase_of(attribute: Attribute, value: pl.Expr) -> pl.Expr:
    """The wording of a value in descriptions; null where they omit it."""
    phrases = {value.name: value.description for value in attribute.vocabulary if value.description}
    return value.replace_strict(phrases, default=None, return_dtype=pl.String)


def _phrases(attribute: Attribute) -> pl.Expr:
    """The wordings of a product's values of the attribute, as a list."""
    values = pl.col(attribute.column)
    if attribute.is_list:
        return values.list.eval(phrase_of(attribute, pl.element())).list.drop_nulls().fill_null(_NO_PHRASES)
    return pl.concat_list(phrase_of(attribute, values)).list.drop_nulls()


def dedupe_words(text: pl.Expr) -> pl.Expr:
    """The text without repeated words (ignoring case and punctuation), at most MAX_WORDS long."""
    return text.map_elements(_without_repeats, return_dtype=pl.String)


def _article() -> pl.Expr:
    return pl.coalesce("article_type", "sub_category", "product_display_name").str.to_lowercase()


def _words(*parts: pl.Expr | str) -> pl.Expr:
    joined = pl.concat_str(*parts, separator=" ", ignore_nulls=True)
    return joined.str.replace_all(r"\s+", " ").str.strip_chars()


def _prefixed(prefix: str, text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.len_chars() > 0).then(pl.lit(prefix) + text).otherwise(pl.lit(""))


def _sentences(*parts: pl.Expr) -> pl.Expr:
    filled = pl.concat_list(parts).list.eval(pl.element().filter(pl.element().str.strip_chars().str.len_chars() > 0))
    return filled.list.join(". ")


_JOINING = frozenset({"a", "with", "for", "and", "no", "in"})


def _without_repeats(text: str) -> str:
    kept: list[str] = []
    stems = set()
    for word in text.split()[: 2 * MAX_WORDS]:
        bare = word.strip(".,;:!()\"'").lower()
        # Not a Snowball stem: after "fitted" it would drop "fit", and the descriptions that are stored would change.
        stem = bare.removesuffix("s")
        if stem in stems and bare not in _JOINING:
            if word.endswith(".") and kept and not kept[-1].endswith("."):
                kept[-1] = kept[-1].rstrip(",") + "."
            continue
        stems.add(stem)
        kept.append(word)
    return " ".join(kept[:MAX_WORDS]).rstrip(",;: ")
