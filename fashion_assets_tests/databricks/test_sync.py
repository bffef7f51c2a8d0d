"""Delta-sync indexes by the SDK's own client, against a double of the workspace over real Delta tables."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.errors import SearchError, WorkspaceError
from fashion_assets.search.databricks.indexes import SYNCED_COLUMNS
from fashion_assets.search.databricks.source import source_rows
from fashion_assets.search.databricks.sync import POLL_SECONDS, judge_rows, sync_indexes
from fashion_assets.search.index.versions import INDEXES
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.factories.embedding_rows import color_rows, rows_of
from fashion_assets_tests.fakes.databricks.server import CLIENT_SECRET, Fault
from fashion_assets_tests.fakes.databricks.vector_search import API, PLACE

HOUR = 3600
FULL_NAMES = [PLACE.full_name(index) for index in INDEXES]
TEXT = PLACE.full_name("vs_text_search")


@pytest.fixture
def source(embedded):
    return source_rows(embedded)


@pytest.fixture
def sync(client, embedded):
    """Syncs what the store holds now; `said` keeps what was told."""

    def run(timeout_seconds=HOUR, said=None):
        return sync_indexes(
            client, PLACE, source_rows(embedded), timeout_seconds, (said if said is not None else []).append
        )

    return run


def test_the_source_is_counted_by_index(source):
    assert (source.rows, source.dimension) == (9, 4)
    assert source.with_vector == {
        "vs_image_search": 8,
        "vs_text_search": 9,
        "vs_hybrid_search": 8,
        "vs_text_search_enriched": 9,
        "vs_hybrid_search_enriched": 8,
    }


def test_a_first_sync_makes_endpoint_and_indexes(sync, source, workspace, vector_search):
    vector_search.looks_to_provision, vector_search.looks_to_sync = 3, 2
    said = []
    synced = sync(said=said)
    assert workspace.asked("POST", f"{API}/endpoints") == [{"name": "fashion_assets", "endpoint_type": "STANDARD"}]
    assert workspace.asked("POST", f"{API}/indexes") == [
        {
            "name": PLACE.full_name(index),
            "endpoint_name": "fashion_assets",
            "primary_key": "product_id",
            "index_type": "DELTA_SYNC",
            "delta_sync_index_spec": {
                "source_table": "shop.fashion.product_embeddings_multimodal",
                "embedding_vector_columns": [{"name": column, "embedding_dimension": 4}],
                "pipeline_type": "TRIGGERED",
                "columns_to_sync": list(SYNCED_COLUMNS),
            },
        }
        for index, column in INDEXES.items()
    ]
    assert workspace.asked("POST", f"{API}/indexes/.*/sync") == []  # a new index syncs itself
    assert all(one.was_created for one in synced.values())
    assert {index: one.status.rows for index, one in synced.items()} == source.with_vector
    assert judge_rows(synced, source).passed
    assert said[:2] == [
        "The Vector Search endpoint 'fashion_assets' is PROVISIONING",
        "The Vector Search endpoint 'fashion_assets' is ONLINE",
    ]
    assert f"The index '{TEXT}' is ONLINE_NO_PENDING_UPDATE with 9 rows" in said


def test_a_later_sync_follows_the_table(sync, store, vector_search, workspace):
    sync()
    vector_search.looks_to_sync = 2
    store.merge(EMBEDDINGS, color_rows("red", "black"), BATCH_0)
    synced = sync()
    assert len(workspace.asked("POST", f"{API}/indexes/.*/sync")) == len(INDEXES)
    assert len(workspace.asked("POST", f"{API}/indexes")) == len(INDEXES)
    for one in synced.values():
        assert (one.was_created, one.status.rows, one.status.version) == (False, 2, store.version(EMBEDDINGS))
    assert vector_search.indexes[TEXT].rows["embedded_text"].to_list() == ["red shirt", "black shirt"]


def test_a_sync_that_names_no_version_is_believed_after_a_minute_of_rest(sync, vector_search, clock):
    vector_search.names_version = False
    synced = sync()
    assert {one.status.version for one in synced.values()} == {None}
    assert clock.now >= 5 * POLL_SECONDS


def test_a_sync_that_another_process_left_unfinished_is_waited_for(sync, vector_search):
    vector_search.looks_to_sync = 10
    with pytest.raises(WorkspaceError, match="PROVISIONING_INITIAL_SNAPSHOT with 0 rows after 30 s"):
        sync(timeout_seconds=30)
    assert {one.status.rows for one in sync().values()} == {8, 9}


ROUTES = [
    ("GET", "/api/2.1/unity-catalog/tables/.*"),
    ("GET", f"{API}/endpoints/.*"),
    ("POST", f"{API}/endpoints"),
    ("GET", f"{API}/indexes/[^/]*"),
    ("POST", f"{API}/indexes"),
    ("POST", f"{API}/indexes/.*/sync"),
]


@pytest.mark.parametrize(("status", "code"), [(429, "REQUEST_LIMIT_EXCEEDED"), (503, "TEMPORARILY_UNAVAILABLE")])
def test_throttled_requests_are_repeated(sync, workspace, status, code):
    workspace.faults = [Fault(method, path, status, code) for method, path in ROUTES]
    sync()
    assert {one.status.rows for one in sync().values()} == {8, 9}
    assert [fault.times for fault in workspace.faults] == [0] * len(ROUTES)


@pytest.mark.parametrize("path", [f"{API}/endpoints", f"{API}/indexes"])
def test_what_was_created_though_the_answer_was_lost_is_taken(sync, workspace, path):
    workspace.faults.append(Fault("POST", path, 503, "TEMPORARILY_UNAVAILABLE", is_done_first=True))
    assert {one.status.rows for one in sync().values()} == {8, 9}
    assert len(workspace.asked("POST", path)) == {f"{API}/endpoints": 2, f"{API}/indexes": 6}[path]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"endpoint_name": "other"}, "the endpoint other, but fashion_assets is needed"),
        ({"primary_key": "sku"}, "the primary key sku, but product_id is needed"),
        ({"index_type": "DIRECT_ACCESS"}, "the type DIRECT_ACCESS, but DELTA_SYNC is needed"),
        ({"source_table": "shop.old.vectors"}, "the source shop.old.vectors, but shop.fashion.product_embeddings"),
        ({"pipeline_type": "CONTINUOUS"}, "the pipeline CONTINUOUS, but TRIGGERED is needed"),
        ({"name": "image_embedding"}, "the vector column image_embedding, but text_embedding is needed"),
        ({"embedding_dimension": 512}, "the dimension 512, but 4 is needed"),
    ],
)
def test_an_index_of_another_definition_is_refused_and_left(sync, workspace, vector_search, change, words):
    sync()
    index = vector_search.indexes[TEXT]
    spec = index.definition["delta_sync_index_spec"]
    of_vector = {"name", "embedding_dimension"}
    for part in [index.vector] if change.keys() <= of_vector else [index.definition, spec]:
        part.update({key: value for key, value in change.items() if key in part})
    with pytest.raises(WorkspaceError, match=f"The index '{TEXT}' exists with {words}.*FASHION_DATABRICKS_SCHEMA"):
        sync()
    assert TEXT in vector_search.indexes
    assert workspace.asked("POST", f"{API}/indexes/.*/sync") == []


def test_a_failed_sync_says_why_and_what_to_do(sync, vector_search):
    vector_search.failure = "Column image_embedding holds a vector of 3 numbers"
    with pytest.raises(WorkspaceError, match=r"failed: OFFLINE_FAILED, Column image.*materialize `delta_sync_indexes`"):
        sync()


def test_a_sync_after_a_failed_one_is_given_time_to_start(sync, vector_search):
    sync()
    vector_search.failure = "The pipeline was stopped"
    with pytest.raises(WorkspaceError, match="ONLINE_PIPELINE_FAILED, The pipeline was stopped"):
        sync()
    with pytest.raises(WorkspaceError, match="ONLINE_PIPELINE_FAILED"):
        sync()  # it fails again
    vector_search.failure = ""
    assert {one.status.rows for one in sync().values()} == {8, 9}


def test_an_endpoint_that_is_never_online_says_what_to_do(sync, vector_search, clock):
    vector_search.looks_to_provision = 1000
    with pytest.raises(WorkspaceError, match=r"is still PROVISIONING after 10 min 0 s, .*FASHION_DATABRICKS_TIMEOUT"):
        sync(timeout_seconds=600)
    assert 600 <= clock.now < 700


def test_an_endpoint_that_is_offline_is_not_waited_for(sync, vector_search, clock):
    status = {"state": "OFFLINE", "message": "Out of quota"}
    vector_search.endpoints["fashion_assets"] = {"name": "fashion_assets", "endpoint_status": status}
    with pytest.raises(WorkspaceError, match=r"is OFFLINE \(Out of quota\), .*FASHION_DATABRICKS_ENDPOINT"):
        sync()
    assert clock.now == 0


def test_a_table_that_is_not_registered_comes_with_the_statement_that_registers_it(sync, vector_search):
    vector_search.tables.clear()
    with pytest.raises(WorkspaceError, match=r"`CREATE TABLE shop\.fashion\.\w+ USING DELTA LOCATION 's3://bucket/"):
        sync()


def test_a_table_on_this_machine_cannot_be_registered(client, source, vector_search):
    vector_search.tables.clear()
    with pytest.raises(WorkspaceError, match=r"in the folder '/data/tables/x', .* set FASHION_TABLES"):
        sync_indexes(client, replace(PLACE, storage="/data/tables/x"), source, HOUR)


def test_revoked_tokens_are_told_without_the_secret(sync, workspace, caplog):
    sync()
    workspace.revoke_tokens()
    caplog.set_level("DEBUG")
    with pytest.raises(
        WorkspaceError, match=r"did not accept the credentials .*token was revoked.*CLIENT_SECRET"
    ) as told:
        sync()
    assert CLIENT_SECRET not in str(told.value) + caplog.text
    assert "Config:" not in str(told.value)


def test_missing_rights_are_told(sync, workspace):
    workspace.faults.append(Fault("POST", f"{API}/indexes", 403, "PERMISSION_DENIED"))
    with pytest.raises(WorkspaceError, match=f"may not create or look up the index '{FULL_NAMES[0]}' .*grant it"):
        sync()


def test_other_failures_are_told_with_what_was_asked(sync, workspace):
    workspace.faults.append(Fault("GET", f"{API}/indexes/.*", 500, "INTERNAL_ERROR"))
    with pytest.raises(WorkspaceError, match=r"could not create or look up the index .*The test sends INTERNAL_ERROR"):
        sync()


@pytest.mark.parametrize("lost", [0, 1])
def test_lost_rows_fail_the_check(sync, source, vector_search, lost):
    vector_search.rows_lost = lost
    judgement = judge_rows(sync(), source)
    assert judgement.outcome == ("failed" if lost else "passed")
    assert (judgement.counted, judgement.applicable) == (42 - 5 * lost, 42)
    assert ("vs_image_search holds 7 rows, where 8 to 9 are wanted" in judgement.reason) == bool(lost)


def test_an_empty_table_cannot_be_synced(store):
    with pytest.raises(SearchError, match="no embeddings to index yet"):
        source_rows(store)


def test_two_dimensions_cannot_be_synced(store):
    wide = rows_of(dict.fromkeys(VECTOR_COLUMNS, np.eye(1, 8)), product_id=[9])
    store.merge(EMBEDDINGS, pl.concat([color_rows("red"), wide]), BATCH_0)
    with pytest.raises(SearchError, match=r"dimensions \[4, 8\]"):
        source_rows(store)


def test_a_table_without_change_feed_comes_with_the_statement_that_turns_it_on(store):
    store.merge(EMBEDDINGS, color_rows("red"), BATCH_0)
    store.ensure(EMBEDDINGS).alter.set_table_properties({"delta.enableChangeDataFeed": "false"})
    with pytest.raises(SearchError, match=r"`ALTER TABLE \w+ SET TBLPROPERTIES \(delta.enableChangeDataFeed = true\)`"):
        source_rows(store)
