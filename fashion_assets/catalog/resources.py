"""The catalog as a Dagster resource: where product table and photos are."""

from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.shop.catalog_rules import CatalogRules

if TYPE_CHECKING:
    from fashion_assets.catalog.photo_intake import PhotoPlaces
    from fashion_assets.catalog.source import Source


class CatalogResource(ConfigurableResource):
    """The source of the products and of their photos."""

    source: str = Field(description="Product table: a file, or the folder of a Delta or Parquet table.")
    photos: str = Field(description="Folder that photo paths are relative to.")
    source_photos: str = Field(
        default="", description="Folder that the source's own paths are relative to, where photos are fetched."
    )
    allow_mass_withdrawal: bool = Field(
        default=False, description="Accept a source that has lost more than half of the known products."
    )

    @property
    def source_path(self) -> Path:
        return Path(self.source)

    @property
    def photos_root(self) -> Path:
        return Path(self.photos)

    @property
    def source_photos_root(self) -> Path:
        return Path(self.source_photos or self.photos)

    def open_source(self, rules: CatalogRules) -> "Source":
        """The product table, read by the shop's rules; raises SourceError and SettingsError."""
        from fashion_assets.catalog.source import open_source

        return open_source(self.source_path, rules)

    def photo_places(self, rules: CatalogRules) -> "PhotoPlaces":
        """Where photos are and come from; addresses are fetched if the shop's rules say so."""
        from fashion_assets.catalog.fetching.limits import FetchLimits
        from fashion_assets.catalog.photo_intake import PhotoPlaces

        limits = FetchLimits.of_shop(rules.photos) if rules.photos.fetch else None
        return PhotoPlaces(self.photos_root, self.source_photos_root, limits)
