"""The search index as a Dagster resource."""

from dagster import ConfigurableResource
from pydantic import Field


class IndexResource(ConfigurableResource):
    """The LanceDB index that the searches read."""

    uri: str = Field(description="Folder or object-store URI of the LanceDB index.")
