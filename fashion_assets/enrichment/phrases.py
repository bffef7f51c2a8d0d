"""The wording of descriptions: natural phrases, no word twice, the most telling words first.

CLIP reads at most 77 tokens and gives early words most weight, so a description opens with colour, pattern, material
and article ("blue striped denim shirts"), continues with what is visible, and ends with the catalog's name. How that is
said is up to the language.
"""

from collections.abc import Mapping

import polars as pl

from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy

_NO_PHRASES = pl.lit([], dtype=pl.List(pl.String))


def rich_phrase(taxonomy: Taxonomy = SHIPPED.taxonomy, language: Language = SHIPPED.language) -> pl.Expr:
    """The rich description, from visual attributes, `described_material`, `occasions` and the source columns.

    Attributes are placed by their `placement`, in the taxonomy's order, and lists come last; the opening is in the
    language's order.
    """
    wording = language.description
    after = sorted((a for a in taxonomy.visible if a.placement == "after"), key=lambda a: a.is_list)
    visible = pl.concat_list(_NO_PHRASES, *(_phrases(a, language) for a in after)).list.join(", ")
    style = pl.concat_list(*(_manner(taxonomy[key], language) for key in ("formality", "style_keywords")))
    gender = _cased(_worded("gender", language), "audience", language)
    audience = pl.concat_list(gender, _worded("occasions", language, is_list=True))
    return _sentences(
        _opening(taxonomy, language) + _filled(wording.visible, visible),
        _filled(wording.style, style.list.drop_nulls().list.join(", ")),
        _filled(wording.audience, audience.list.drop_nulls().list.join(", ")),
        pl.col("product_display_name"),
    )


def phrase_of(attribute: Attribute, value: pl.Expr, language: Language = SHIPPED.language) -> pl.Expr:
    """The wording of a value in descriptions; null where they omit it."""
    phrases = {value.name: phrase for value in attribute.vocabulary if (phrase := language.phrase(attribute, value))}
    return value.replace_strict(phrases, default=None, return_dtype=pl.String)


def dedupe_words(text: pl.Expr, language: Language = SHIPPED.language) -> pl.Expr:
    """The text without repeated words (ignoring case and punctuation), at most `most_words` of the language long."""
    joining, most_words = frozenset(language.description.joining_words), language.description.most_words
    return text.map_elements(lambda words: _without_repeats(words, joining, most_words), return_dtype=pl.String)


def _opening(taxonomy: Taxonomy, language: Language) -> pl.Expr:
    """Colour, attributes, material and article, in the language's order."""
    wording, material = language.description, taxonomy["material"]
    before = [a for a in taxonomy.visible if a.placement == "before" and a != material]
    parts = {
        "color": [_cased(_worded("base_color", language), "color", language)],
        "attributes": [_phrases(attribute, language).list.join(wording.between) for attribute in before],
        "material": [_filled(wording.material, phrase_of(material, pl.col("described_material"), language))],
        "article": [_cased(_article(language), "article", language)],
    }
    in_order = [_unless_blank(part) for name in wording.opening for part in parts[name]]
    joined = pl.concat_str(in_order, separator=wording.between, ignore_nulls=True)
    return joined.str.replace_all(r"\s+", " ").str.strip_chars()


def _phrases(attribute: Attribute, language: Language) -> pl.Expr:
    """The wordings of a product's values of the attribute, as a list."""
    values = pl.col(attribute.column)
    if attribute.is_list:
        of_items = values.list.eval(phrase_of(attribute, pl.element(), language))
        return of_items.list.drop_nulls().fill_null(_NO_PHRASES)
    return pl.concat_list(phrase_of(attribute, values, language)).list.drop_nulls()


def _manner(attribute: Attribute, language: Language) -> pl.Expr:
    """The values of formality or style, named rather than described."""
    return _replaced(attribute.column, language.phrases.get(attribute.key, {}), attribute.is_list)


def _worded(column: str, language: Language, is_list: bool = False) -> pl.Expr:
    """The language's words for the values of a column; the values themselves where it has none."""
    return _replaced(column, language.words.get(column, {}), is_list)


def _replaced(column: str, words: Mapping[str, str], is_list: bool) -> pl.Expr:
    values = pl.col(column)
    if not words:
        return values
    return values.list.eval(pl.element().replace(words)) if is_list else values.replace(words)


def _article(language: Language) -> pl.Expr:
    return pl.coalesce(_worded("article_type", language), _worded("sub_category", language), "product_display_name")


def _cased(text: pl.Expr, part: str, language: Language) -> pl.Expr:
    return text.str.to_lowercase() if part in language.description.lower_case else text


def _unless_blank(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.strip_chars().str.len_chars() > 0).then(text)


def _filled(template: str, text: pl.Expr) -> pl.Expr:
    """The template with the text in it; "" without a text."""
    before, after = template.split("{}")
    is_there = text.str.len_chars() > 0
    return pl.when(is_there).then(pl.lit(before) + text + pl.lit(after)).otherwise(pl.lit(""))


def _sentences(*parts: pl.Expr) -> pl.Expr:
    filled = pl.concat_list(parts).list.eval(pl.element().filter(pl.element().str.strip_chars().str.len_chars() > 0))
    return filled.list.join(". ")


def _without_repeats(text: str, joining: frozenset[str], most_words: int) -> str:
    kept: list[str] = []
    stems = set()
    for word in text.split()[: 2 * most_words]:
        bare = word.strip(".,;:!()\"'").lower()
        # Not a Snowball stem: after "fitted" it would drop "fit", and the descriptions that are stored would change.
        stem = bare.removesuffix("s")
        if stem in stems and bare not in joining:
            if word.endswith(".") and kept and not kept[-1].endswith("."):
                kept[-1] = kept[-1].rstrip(",") + "."
            continue
        stems.add(stem)
        kept.append(word)
    return " ".join(kept[:most_words]).rstrip(",;: ")
