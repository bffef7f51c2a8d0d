"""What a shop says about its catalog: the sections of `shop.toml`, as one frozen object.

Reading the file is in `file.py`; what presets and defaults add is in the catalog slice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fashion_assets.shop.limits import IndexLimits

PRESETS = ("reference", "shopify", "google", "woocommerce", "articles")
"""The shapes of tables that the project knows by name."""

Preset = Literal["reference", "shopify", "google", "woocommerce", "articles"]


def _as_names(value: Any) -> Any:
    """One name where a list of names may stand."""
    return (value,) if isinstance(value, str) else value


def _as_words(value: Any) -> Any:
    """Words as a table holds them: TOML's true is "true"."""
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


Names = Annotated[tuple[str, ...], BeforeValidator(_as_names)]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_words)]


class Section(BaseModel):
    """A section of the shop's file; a key that it does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceRules(Section):
    """`[source]`: the product table and how it is written. What is not given is detected."""

    table: Path | None = None
    preset: Preset | None = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1)
    sheet: str | None = None
    quote: str | None = None
    escape: str | None = None


class IdRules(Section):
    """`[ids]`: the column that identifies what is sold.

    With `derived`, ids are made from name and first photo, for tables that have none; a renamed product is then a new
    one.
    """

    product: str | None = None
    derived: bool = False


class VariantRules(Section):
    """`[variants]`: the column that rows of one product have in common, and how these rows differ.

    Rows of a group that differ only in `hidden` options, as sizes, are one product; each value of the `visible`
    options, as a colour, is a product of its own.
    """

    group: str | None = None
    visible: Names = ()
    hidden: Names = ()


class PriceRules(Section):
    """`[price]`: how prices are written. `currency` is that of prices which name none."""

    decimal: Literal[".", ","] | None = None
    currency: str | None = Field(default=None, min_length=1, max_length=8)


class PhotoRules(Section):
    """`[photos]`: where photos are.

    `path` is a template of a path below `folder` with any column: `images/{article_id:.3}/{article_id}.jpg`. Addresses
    on the web are fetched only if `fetch` says so, from `hosts` only if any are named; `private_hosts` are those of
    the shop's own network, as `photos.local` or `127.0.0.1:8000`, which are refused otherwise.
    """

    folder: Path | None = None
    path: str | None = None
    separator: str | None = Field(default=None, min_length=1)
    fetch: bool = False
    hosts: Names = ()
    private_hosts: Names = ()


class LanguageRules(Section):
    """`[language]`: the language of descriptions and searches, as `en`, `de` or a file."""

    descriptions: str = "en"


class SearchRules(Section):
    """`[search]`: when a new version of the search index goes live.

    `least_effect` is the loss of nDCG@10, in the mean over the queries, beyond which a version that answers worse by
    more than chance is refused; 0 refuses every such version.
    """

    least_effect: float = Field(default=IndexLimits.least_effect, ge=0, le=1)


class CatalogRules(Section):
    """Everything that a shop says about its catalog; the defaults are those of a table with our own column names.

    `columns` and `given` name the source's columns by ours, `text` by a name of the shop's choice. `exclude` has the
    values of columns whose products are never looked at, `categories` the kinds of the shop's own category words.
    """

    source: SourceRules = SourceRules()
    columns: Mapping[str, Names] = Field(default_factory=dict)
    text: Mapping[str, Names] = Field(default_factory=dict)
    given: Mapping[str, Names] = Field(default_factory=dict)
    ids: IdRules = IdRules()
    variants: VariantRules = VariantRules()
    price: PriceRules = PriceRules()
    photos: PhotoRules = PhotoRules()
    categories: Mapping[str, str] = Field(default_factory=dict)
    exclude: Mapping[str, Words] = Field(default_factory=dict)
    language: LanguageRules = LanguageRules()
    search: SearchRules = SearchRules()
