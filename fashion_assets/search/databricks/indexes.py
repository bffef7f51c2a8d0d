"""Endpoint, source table and delta-sync indexes in the workspace: made where missing, refused where different.

Nothing is ever deleted or changed here: an index that others may be reading is theirs to drop.
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
"""Beside the vector column, which is always synced: what hits show, filters ask and searches tell models apart by."""

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
    """How an index is doing, in the service's words; `version` is the source's in it, None where that is not said."""

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
                rule="the indexes are fed from it",
                remedy=f"{_registering(place)}",
            ) from error


def _registering(place: Place) -> str:
    if "://" not in place.storage:
        return (
            f"the one that is written is in the folder '{place.storage}', which it cannot read: set "
            "FASHION_TABLES to an object store, run the batches, and register the table"
        )
    statement = f"CREATE TABLE {place.source_table} USING DELTA LOCATION '{place.storage}'"
    return f"register the one that is written: `{statement}`"


def ensure_endpoint(client: WorkspaceClient, name: str) -> EndpointInfo:
    """The endpoint as it is now; created where there is none, and then still being provisioned."""
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

    A new index syncs itself for the first time. Raises WorkspaceError when it exists with another source, key, vector
    column, dimension, endpoint or pipeline. Which columns an index syncs is not told by the service.
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
    """The status of the index of that full name.

    Asked without the SDK's class for it, which leaves out whether an update is running or has failed.
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
    found = {
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
        if found[what] != value:
            raise WorkspaceError(
                value=f"The index '{place.full_name(index)}' is there with the {what} {found[what]}",
                rule=f"{value} is needed",
                remedy=(
                    "drop it in Databricks if nobody reads it and run again, or set FASHION_DATABRICKS_SCHEMA "
                    "and FASHION_DATABRICKS_ENDPOINT to others"
                ),
            )
