"""Everything that a shop decides about its catalog, in one frozen object that is created once, at assembly."""

from dataclasses import dataclass, field

from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.languages.reader import english
from fashion_assets.shop.limits import Limits
from fashion_assets.shop.shipped_taxonomy import shipped_taxonomy
from fashion_assets.shop.taxonomy import Taxonomy


@dataclass(frozen=True)
class ShopProfile:
    """The attributes to extract from photos, the limits for judging the answers, the language of descriptions, and how
    the catalog is read."""

    taxonomy: Taxonomy = field(default_factory=shipped_taxonomy)
    limits: Limits = field(default_factory=Limits)
    language: Language = field(default_factory=english)
    catalog: CatalogRules = field(default_factory=CatalogRules, hash=False)

    @property
    def language_version(self) -> str | None:
        """The language of descriptions with the hash of its words; None for the English that ships."""
        own = self.language
        return None if own.version == english().version else f"{own.code}#{own.version}"


SHIPPED = ShopProfile()
"""The profile that ships, as the default of functions that take a taxonomy, limits or a language. What Dagster needs
at import, before there is a shop, is computed from it and marked so."""
