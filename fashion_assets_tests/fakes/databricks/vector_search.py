"""A double of Databricks Vector Search and of Unity Catalog's table look-up, over real Delta tables.

An index holds a copy of its table as of the last sync, and answers by exact search. What is being provisioned or synced
takes as many looks as the test says.
"""

import json
import operator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from fashion_assets.search.databricks.indexes import Place
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import Table
from fashion_assets_tests.fakes.databricks.server import Refusal, Route

API = "/api/2.0/vector-search"
PLACE = Place("shop", "fashion", "fashion_assets", "s3://bucket/tables/product_embeddings_multimodal")
"""Where tests have their indexes."""
NAME = r"([^/]+)"
COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ONLINE, UPDATING, PROVISIONING = "ONLINE_NO_PENDING_UPDATE", "ONLINE_TRIGGERED_UPDATE", "PROVISIONING_INITIAL_SNAPSHOT"


@dataclass
class Index:
    """`looks_left` until the sync that is running ends, in success or failure."""

    definition: dict
    state: str = PROVISIONING
    looks_left: int = 0
    rows: pl.DataFrame | None = None
    version: int | None = None

    @property
    def source(self) -> str:
        return self.definition["delta_sync_index_spec"]["source_table"]

    @property
    def vector(self) -> dict:
        (column,) = self.definition["delta_sync_index_spec"]["embedding_vector_columns"]
        return column


@dataclass
class VectorSearch:
    """`tables` are those that Unity Catalog knows, by full name. Test knobs: how many looks provisioning and syncs
    take, whether syncs fail (and why), how many rows they lose, whether they name the source's version."""

    tables: dict[str, tuple[TableStore, Table]] = field(default_factory=dict)
    endpoints: dict[str, dict] = field(default_factory=dict)
    indexes: dict[str, Index] = field(default_factory=dict)
    looks_to_provision: int = 0
    looks_to_sync: int = 0
    failure: str = ""
    rows_lost: int = 0
    names_version: bool = True

    def routes(self) -> list[Route]:
        return [
            Route("GET", rf"/api/2.1/unity-catalog/tables/{NAME}", self.get_table),
            Route("GET", rf"{API}/endpoints/{NAME}", self.get_endpoint),
            Route("POST", rf"{API}/endpoints", self.create_endpoint),
            Route("GET", rf"{API}/indexes/{NAME}", self.get_index),
            Route("POST", rf"{API}/indexes", self.create_index),
            Route("POST", rf"{API}/indexes/{NAME}/sync", self.sync_index),
            Route("POST", rf"{API}/indexes/{NAME}/query", self.query_index),
        ]

    def get_table(self, name: str, _) -> dict:
        if name not in self.tables:
            raise Refusal(404, "TABLE_DOES_NOT_EXIST", f"Table '{name}' does not exist.")
        store, table = self.tables[name]
        return {"full_name": name, "storage_location": store.location(table), "data_source_format": "DELTA"}

    def get_endpoint(self, name: str, _) -> dict:
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Vector search endpoint {name} does not exist")
        if endpoint["endpoint_status"]["state"] == "PROVISIONING":
            if not endpoint["looks_left"]:
                endpoint["endpoint_status"]["state"] = "ONLINE"
            endpoint["looks_left"] -= 1
        return {key: value for key, value in endpoint.items() if key != "looks_left"}

    def create_endpoint(self, body: dict) -> dict:
        name = body["name"]
        if name in self.endpoints:
            raise Refusal(409, "RESOURCE_ALREADY_EXISTS", f"Vector search endpoint {name} already exists")
        status = {"endpoint_status": {"state": "PROVISIONING"}, "looks_left": self.looks_to_provision}
        self.endpoints[name] = {"name": name, "endpoint_type": body["endpoint_type"], **status}
        return {"name": name, "endpoint_type": body["endpoint_type"], "endpoint_status": {"state": "PROVISIONING"}}

    def create_index(self, body: dict) -> dict:
        name, spec = body["name"], body["delta_sync_index_spec"]
        if name in self.indexes:
            raise Refusal(409, "RESOURCE_ALREADY_EXISTS", f"Vector index {name} already exists.")
        self.get_table(spec["source_table"], None)
        if self.endpoints[body["endpoint_name"]]["endpoint_status"]["state"] != "ONLINE":
            raise Refusal(400, "INVALID_STATE", f"Endpoint {body['endpoint_name']} is not ready")
        store, table = self.tables[spec["source_table"]]
        if store.ensure(table).metadata().configuration.get("delta.enableChangeDataFeed") != "true":
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"Table {spec['source_table']} has no change data feed")
        for column in (*spec["columns_to_sync"], body["primary_key"], spec["embedding_vector_columns"][0]["name"]):
            if column not in table.schema:
                raise Refusal(400, "INVALID_PARAMETER_VALUE", f"Column {column} is not in {spec['source_table']}")
        self.indexes[name] = Index(body, looks_left=self.looks_to_sync)
        return self._shown(name)

    def get_index(self, name: str, _) -> dict:
        index = self._index(name)
        if index.state in (PROVISIONING, UPDATING):
            if not index.looks_left:
                self._finish(index)
            index.looks_left -= 1
        return self._shown(name)

    def sync_index(self, name: str, _) -> dict:
        index = self._index(name)
        if index.state in (PROVISIONING, UPDATING, "OFFLINE_FAILED"):
            raise Refusal(400, "BAD_REQUEST", f"Index {name} is not ready to sync.")
        index.state, index.looks_left = UPDATING, self.looks_to_sync
        return {}

    def query_index(self, name: str, body: dict) -> dict:
        index = self._index(name)
        if index.rows is None:
            raise Refusal(400, "BAD_REQUEST", f"Index {name} is not ready to be queried.")
        columns, query = body["columns"], np.array(body["query_vector"])
        if len(query) != index.vector["embedding_dimension"]:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "The query vector has the wrong dimension")
        self._require_synced(index, columns)
        rows = index.rows
        for condition, wanted in json.loads(body.get("filters_json", "{}")).items():
            rows = rows.filter(self._condition(index, condition, wanted))
        if len(rows):
            distances = np.linalg.norm(np.stack(rows[index.vector["name"]].to_list()) - query, axis=1)
            rows = rows.with_columns(score=1 / (1 + distances**2)).sort("score", descending=True)
            rows = rows.head(body.get("num_results", 10)).select(*columns, "score")
        shown = [[float(cell) if isinstance(cell, int) else cell for cell in row] for row in rows.iter_rows()]
        manifest = {"column_count": len(columns) + 1, "columns": [{"name": name} for name in (*columns, "score")]}
        return {"manifest": manifest, "result": {"row_count": len(shown), "data_array": shown}}

    def _condition(self, index: Index, condition: str, wanted: object) -> pl.Expr:
        column, _, comparison = condition.partition(" ")
        self._require_synced(index, [column])
        if not comparison:
            return pl.col(column).is_in(wanted if isinstance(wanted, list) else [wanted])
        if comparison not in COMPARISONS:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"The filter {condition} is not known")
        return COMPARISONS[comparison](pl.col(column), wanted)

    def _require_synced(self, index: Index, columns: list[str]) -> None:
        unknown = {*columns} - {*index.definition["delta_sync_index_spec"]["columns_to_sync"]}
        if unknown:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", f"The columns {sorted(unknown)} are not in the index")

    def _finish(self, index: Index) -> None:
        if self.failure:
            index.state = "OFFLINE_FAILED" if index.rows is None else "ONLINE_PIPELINE_FAILED"
            return
        store, table = self.tables[index.source]
        rows = store.read(table).drop_nulls(index.vector["name"])
        index.rows, index.version = rows.head(len(rows) - self.rows_lost), store.version(table)
        index.state = ONLINE

    def _index(self, name: str) -> Index:
        if name not in self.indexes:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Vector index {name} does not exist.")
        return self.indexes[name]

    def _shown(self, name: str) -> dict:
        index = self.indexes[name]
        spec = dict(index.definition["delta_sync_index_spec"])
        spec.pop("columns_to_sync", None)  # not told by the service
        status: dict = {
            "detailed_state": index.state,
            "message": self.failure or "Index creation succeeded.",
            "indexed_row_count": 0 if index.rows is None else len(index.rows),
            "ready": index.state.startswith("ONLINE"),
        }
        if self.names_version and index.version is not None:
            status["triggered_update_status"] = {"last_processed_commit_version": index.version}
        return {**index.definition, "delta_sync_index_spec": {**spec, "pipeline_id": "1"}, "status": status}
