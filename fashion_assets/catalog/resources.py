"""The catalog as a Dagster resource: where product table and photos are, and how to read them."""

from pathlib import Path

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.catalog.columns import ColumnMapping, column_mapping


class CatalogResource(ConfigurableResource):
    """The source of the products and of their photos."""

    source: str = Field(description="Product table: a CSV or Parquet file, or a Delta table's folder.")
    photos: str = Field(description="Folder that photo paths are relative to.")
    preset: str | None = Field(default=None, description="Column mapping by name.")
    columns: dict[str, str] = Field(default_factory=dict, description="Column mapping, ours to the source's.")
    photo_path: str | None = Field(default=None, description="Path of a product's photo if no column holds it.")
    allow_mass_withdrawal: bool = Field(
        default=False, description="Accept a source that has lost more than half of the known products."
    )

    @property
    def source_path(self) -> Path:
        return Path(self.source)

    @property
    def photos_root(self) -> Path:
        return Path(self.photos)

    def mapping(self) -> ColumnMapping:
        return column_mapping(self.preset, self.columns, self.photo_path)
