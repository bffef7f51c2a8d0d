"""The delta-sync indexes as a Dagster resource; the SDK finds the credentials."""

from typing import TYPE_CHECKING

from dagster import ConfigurableResource
from pydantic import Field

from fashion_assets.compute.workspace import open_workspace
from fashion_assets.search.databricks.indexes import Place
from fashion_assets.search.databricks.target import DeltaSyncTarget

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from fashion_assets.models.clip.encoder import ImageTextEncoder


class VectorSearchResource(ConfigurableResource):
    """Databricks Vector Search as configured by the settings."""

    catalog: str = Field(description="Unity Catalog catalog of the source table and the indexes.")
    schema_name: str = Field(description="Schema in it.")
    endpoint: str = Field(description="Vector Search endpoint; created when there is none.")
    timeout_minutes: float = Field(60, description="How long a sync may take, endpoint included.")

    def place(self, storage: str = "") -> Place:
        """`storage` is the URI of the source table's files."""
        return Place(self.catalog, self.schema_name, self.endpoint, storage)

    def client(self) -> "WorkspaceClient":
        """Signs in with the environment's credentials; raises WorkspaceError if there are none."""
        return open_workspace()

    def target(self, encoder: "ImageTextEncoder") -> DeltaSyncTarget:
        """The indexes, for queries that `encoder` embeds; raises WorkspaceError as `client` does."""
        return DeltaSyncTarget(self.client(), self.place(), encoder.model_id, encoder.dimension)
