"""Endpoint, source table and delta-sync indexes in the workspace: created if missing, refused if different.

This module never deletes or changes anything: others may be reading an index, so dropping it is left to people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fashion_assets.compute.workspace import workspace_errors
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import WorkspaceError
from fashion_assets.search.index.versions import INDEXES
from fashion_assets.search.query.hits import DESCRIPTION_COLUMN, PRODUCT_COLUMNS

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.vectorsearch import EndpointInfo, VectorIndex

PRIMARY_KEY = "product_id"
MODEL_COLUMN = "embedding_model"
SYNCED_COLUMNS = (*PRODUCT_COLUMNS, DESCRIPTION_COLUMN, MODEL_COLUMN)
"""Besides the vector column, which is always synced: the columns of hits and filters, and the model of the vectors."""

_BUSY_STATES = {"ONLINE_TRIGGERED_UPDATE", "ONLINE_UPDATING_PIPELINE_RESOURCES"}


@dataclass(frozen=True)
class Place:
    """Where the source table is registered and the indexes are, in Unity Catalog, and the `endpoint` that serves them.

    `storage` is the folder or URI of the source table's files.
    """

    catalog: str
    schema: str
    endpoint: str
    storage: str = ""

    def full_name(self, name: str) -> str:
        return f"{self.catalog}.{self.schema}.{name}"

    @property
    def source_table(self) -> str:
        return self.full_name(EMBEDDINGS.name)


@dataclass(frozen=True)
class IndexStatus:
    """The state of an index as the service reports it; `version` is that of the synced source, None if not reported."""

    state: str
    is_ready: bool
    rows: int
    version: int | None
    message: str

    @property
    def has_failed(self) -> bool:
        return self.state.endswith("_FAILED")

    @property
    def is_busy(self) -> bool:
        return not self.has_failed and (not self.is_ready or self.state in _BUSY_STATES)


def require_source_table(client: WorkspaceClient, place: Place) -> None:
    """Raise WorkspaceError when the source table is not registered in Unity Catalog."""
    from databricks.sdk.errors import NotFound

    with workspace_errors(f"look up the table '{place.source_table}'"):
        try:
            client.tables.get(place.source_table)
        except NotFound as error:
            raise WorkspaceError(
                value=f"Unity Catalog has no table '{place.source_table}'",
                rule="the indexes sync from it",
                remedy=f"{_registering(place)}",
            ) from error


def _registering(place: Place) -> str:
    if "://" not in place.storage:
        return (
            f"the written table is in the folder '{place.storage}', which it cannot read: set "
            "FASHION_TABLES to an object store, run the batches, and register the table"
        )
    statement = f"CREATE TABLE {place.source_table} USING DELTA LOCATION '{place.storage}'"
    return f"register the written table: `{statement}`"


def ensure_endpoint(client: WorkspaceClient, name: str) -> EndpointInfo:
    """The endpoint, created if there is none; a new one is still being provisioned."""
    from databricks.sdk.errors import NotFound, ResourceConflict
    from databricks.sdk.service.vectorsearch import EndpointType

    with workspace_errors(f"create or look up the Vector Search endpoint '{name}'"):
        try:
            return client.vector_search_endpoints.get_endpoint(name)
        except NotFound:
            try:
                client.vector_search_endpoints.create_endpoint(name, EndpointType.STANDARD)
            except ResourceConflict:  # another process, or this one's repeated request, was faster
                return client.vector_search_endpoints.get_endpoint(name)
            return client.vector_search_endpoints.get_endpoint(name)


def ensure_index(client: WorkspaceClient, place: Place, index: str, dimension: int) -> bool:
    """Make sure that `index` of INDEXES exists with vectors of `dimension`; returns whether it was created now.

    A new index starts its first sync by itself. Raises WorkspaceError if it exists with another source, key, vector
    column, dimension, endpoint or pipeline. The service does not report which columns an index syncs.
    """
    from databricks.sdk.errors import NotFound, ResourceConflict
    from databricks.sdk.service.vectorsearch import (
        DeltaSyncVectorIndexSpecRequest,
        EmbeddingVectorColumn,
        PipelineType,
        VectorIndexType,
    )

    name = place.full_name(index)
    with workspace_errors(f"create or look up the index '{name}'"):
        try:
            present = client.vector_search_indexes.get_index(name)
        except NotFound:
            spec = DeltaSyncVectorIndexSpecRequest(
                source_table=place.source_table,
                embedding_vector_columns=[EmbeddingVectorColumn(dimension, INDEXES[index])],
                pipeline_type=PipelineType.TRIGGERED,
                columns_to_sync=list(SYNCED_COLUMNS),
            )
            try:
                client.vector_search_indexes.create_index(
                    name, place.endpoint, PRIMARY_KEY, VectorIndexType.DELTA_SYNC, delta_sync_index_spec=spec
                )
            except ResourceConflict:  # another process, or this one's repeated request, was faster
                present = client.vector_search_indexes.get_index(name)
            else:
                return True
    _require_same(present, place, index, dimension)
    return False


def index_status(client: WorkspaceClient, name: str) -> IndexStatus:
    """The status of the index with that full name.

    Requested without the SDK's class for it, which omits whether an update is running or has failed.
    """
    with workspace_errors(f"look up the index '{name}'"):
        answer = client.api_client.do("GET", f"/api/2.0/vector-search/indexes/{name}")
    status = (answer.get("status") if isinstance(answer, dict) else None) or {}
    return IndexStatus(
        state=status.get("detailed_state", ""),
        is_ready=status.get("ready", False),
        rows=int(status.get("indexed_row_count") or 0),
        version=(status.get("triggered_update_status") or {}).get("last_processed_commit_version"),
        message=status.get("message", ""),
    )


def _require_same(present: VectorIndex, place: Place, index: str, dimension: int) -> None:
    spec = present.delta_sync_index_spec
    vectors = (spec and spec.embedding_vector_columns) or []
    actual = {
        "type": present.index_type and present.index_type.value,
        "endpoint": present.endpoint_name,
        "primary key": present.primary_key,
        "source": spec and spec.source_table,
        "pipeline": spec and spec.pipeline_type and spec.pipeline_type.value,
        "vector column": ", ".join(str(vector.name) for vector in vectors) or None,
        "dimension": vectors[0].embedding_dimension if vectors else None,
    }
    wanted = {
        "type": "DELTA_SYNC",
        "endpoint": place.endpoint,
        "primary key": PRIMARY_KEY,
        "source": place.source_table,
        "pipeline": "TRIGGERED",
        "vector column": INDEXES[index],
        "dimension": dimension,
    }
    for what, value in wanted.items():
        if actual[what] != value:
            raise WorkspaceError(
                value=f"The index '{place.full_name(index)}' exists with the {what} {actual[what]}",
                rule=f"{value} is needed",
                remedy=(
                    "drop it in Databricks if nobody reads it and run again, or set FASHION_DATABRICKS_SCHEMA "
                    "and FASHION_DATABRICKS_ENDPOINT to other names"
                ),
            )
