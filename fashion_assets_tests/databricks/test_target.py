"""One seam, two targets: Vector Search answers what LanceDB answers over the same table."""

import json
from functools import partial
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from PIL import Image

from fashion_assets.app.search import DATABRICKS
from fashion_assets.app.shop import Shop
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.errors import IndexMissing, SearchError, SettingsError, WorkspaceError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.databricks.indexes import IndexStatus
from fashion_assets.search.databricks.source import source_rows
from fashion_assets.search.databricks.sync import sync_indexes
from fashion_assets.search.databricks.target import (
    DeltaSyncBackend,
    DeltaSyncTarget,
    cosine_of,
    filters_json,
    id_conditions,
)
from fashion_assets.search.index.versions import INDEXES, open_live
from fashion_assets.search.query.backend import LanceBackend, SearchQuery
from fashion_assets.search.query.catalog_values import embedded_values
from fashion_assets.search.query.filters import Filters, parse_filters
from fashion_assets.search.query.search import DEFAULT_INDEX, search_vector
from fashion_assets.settings import load_settings
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.factories.embedding_rows import MODEL, build
from fashion_assets_tests.fakes.databricks.server import Fault
from fashion_assets_tests.fakes.databricks.vector_search import API, PLACE
from fashion_assets_tests.fakes.resources import with_fakes

QUERY = FakeEncoder().embed_texts(["green white"])[0]


@pytest.fixture
def databricks(client, embedded):
    sync_indexes(client, PLACE, source_rows(embedded), timeout_seconds=60)
    return DeltaSyncTarget(client, PLACE, MODEL, FakeEncoder().dimension)


@pytest.fixture
def lance(embedded, tmp_path):
    rows = embedded.read(EMBEDDINGS).filter(embedding_model=MODEL)
    uri = str(tmp_path / "index")
    table = open_live(uri, build(uri, rows).version)
    return SimpleNamespace(table=table, search_vector=partial(search_vector, table))


def test_both_targets_give_the_same_answers(databricks, lance):
    asked = [{"index": index} for index in INDEXES]
    asked += [{"index": DEFAULT_INDEX, **rest} for rest in ({"limit": 2}, {"excluded_ids": {4, 3}, "limit": 3})]
    filters = [
        Filters(gender=("Women",)),
        Filters(gender=("Men", "Women"), base_color=("Blue", "Green", "Red")),
        Filters(min_price=30.0, max_price=60.0),
        Filters(min_price=0.0),
        Filters(base_color=('O\'Neill "red"',)),
        Filters(base_color=('Blue" OR 1=1',)),
        Filters(season=("Summer",)),
    ]
    asked += [{"index": "vs_text_search", "filters": one} for one in filters]
    found = [(databricks.search_vector(QUERY, **one), lance.search_vector(QUERY, **one)) for one in asked]
    for question, (here, there) in zip(asked, found, strict=True):
        assert {hit.product_id: hit.product_display_name for hit in here} == {
            hit.product_id: hit.product_display_name for hit in there
        }, question
        assert [hit.score for hit in here] == pytest.approx([hit.score for hit in there], abs=1e-5), question
    counts = [len(here) for here, _ in found]
    assert counts == [7, 8, 7, 8, 7, 2, 3, 3, 3, 4, 7, 1, 0, 0]


def test_a_hit_carries_the_product(databricks):
    hit = databricks.search_vector(QUERY, index="vs_text_search", filters=Filters(base_color=("Blue",)))[0]
    assert (hit.product_id, hit.price, hit.gender, hit.description) == (2, 20.0, "Women", "blue shirt")
    assert isinstance(hit.product_id, int)


def test_vectors_of_another_model_are_not_found(databricks):
    ids = {hit.product_id for hit in databricks.search_vector(QUERY, index="vs_text_search")}
    assert ids == {1, 2, 3, 4, 5, 6, 7, 9}


def test_filters_are_data(databricks, workspace):
    filters = Filters(gender=("Men", "Women"), min_price=10)
    databricks.search_vector(QUERY, index="vs_text_search", filters=filters, limit=3, excluded_ids={1, 2})
    (body,) = workspace.asked("POST", f"{API}/indexes/.*/query")
    assert json.loads(body["filters_json"]) == {
        "embedding_model": MODEL,
        "gender": ["Men", "Women"],
        "price >=": 10.0,
    }
    assert body["num_results"] == 5
    assert body["query_vector"] == pytest.approx(QUERY.tolist())


def test_without_filters_only_the_model_is_asked_for():
    assert filters_json(None, "ViT") == '{"embedding_model": "ViT"}'


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 0.5, 1.0])
def test_scores_become_cosines(cosine):
    distance_squared = 2 - 2 * cosine
    assert cosine_of(1 / (1 + distance_squared)) == pytest.approx(cosine)


@pytest.mark.parametrize(
    ("vector", "asked", "words"),
    [
        (QUERY, {"index": "vs_sound_search"}, "no index 'vs_sound_search'"),
        (QUERY, {"index": DEFAULT_INDEX, "limit": 0}, "limit 0 is out of range"),
        (QUERY, {"index": DEFAULT_INDEX, "limit": 1001}, "limit 1001 is out of range"),
        (np.ones(3), {"index": DEFAULT_INDEX}, r"shape \(3,\)"),
        (np.zeros(4), {"index": DEFAULT_INDEX}, "zero or not finite"),
        (np.full(4, np.nan), {"index": DEFAULT_INDEX}, "zero or not finite"),
    ],
)
def test_both_targets_refuse_the_same(databricks, lance, vector, asked, words):
    for target in (databricks, lance):
        with pytest.raises(SearchError, match=words):
            target.search_vector(vector, **asked)


def test_an_index_that_is_not_there_says_how_to_make_it(client):
    target = DeltaSyncTarget(client, PLACE, MODEL, 4)
    with pytest.raises(
        IndexMissing,
        match=r"no index 'shop\.fashion.vs_text_search', but a search needs it; materialize `delta_sync_indexes`",
    ):
        target.search_vector(QUERY, index="vs_text_search")


def test_throttled_searches_are_repeated_and_refused_ones_told(databricks, workspace):
    workspace.faults = [Fault("POST", f"{API}/indexes/.*/query", 429, "REQUEST_LIMIT_EXCEEDED")]
    assert len(databricks.search_vector(QUERY, index="vs_text_search")) == 8
    workspace.faults = [Fault("POST", f"{API}/indexes/.*/query", 403, "PERMISSION_DENIED")]
    with pytest.raises(WorkspaceError, match=r"may not search the index 'shop\.fashion.vs_text_search'"):
        databricks.search_vector(QUERY, index="vs_text_search")


def test_words_and_photos_are_asked_at_any_backend(databricks, lance):
    red = Image.new("RGB", (8, 8), "red")
    for backend in (DeltaSyncBackend(databricks, FakeEncoder()), LanceBackend(lance.table, FakeEncoder())):
        queries = (
            SearchQuery(text="black", index="vs_text_search", limit=1),
            SearchQuery(photo=red, limit=1),
            SearchQuery(text="blue", photo=red, index="vs_image_search", limit=1),
        )
        assert [backend.search(query)[0].product_id for query in queries] == [5, 1, 7]
        with pytest.raises(SearchError, match="The query is empty"):
            backend.search(SearchQuery(text=" "))


def test_any_backend_leaves_out_what_is_withdrawn(databricks, lance):
    query = SearchQuery(text="black", index="vs_text_search", limit=1)
    for backend in (DeltaSyncBackend(databricks, FakeEncoder(), {5}), LanceBackend(lance.table, FakeEncoder(), {5})):
        assert 5 not in [hit.product_id for hit in backend.search(query)]


def test_any_backend_matches_filters_with_the_catalog(databricks, lance, embedded):
    values = partial(embedded_values, embedded)
    filters = parse_filters(["gender=WOMEN", "base_color=blue"])
    query = SearchQuery(text="blue", index="vs_text_search", filters=filters)
    for backend in (
        DeltaSyncBackend(databricks, FakeEncoder(), values=values),
        LanceBackend(lance.table, FakeEncoder()),
    ):
        assert [hit.product_id for hit in backend.search(query)] == [2]
        with pytest.raises(SearchError, match=r"no gender 'womens'.*use 'Women' or 'Men'"):
            backend.search(SearchQuery(text="blue", filters=Filters(gender=("womens",))))


def test_any_backend_finds_an_id_first(databricks, lance):
    for backend in (DeltaSyncBackend(databricks, FakeEncoder()), LanceBackend(lance.table, FakeEncoder())):
        hits = backend.search(SearchQuery(text="7", index="vs_text_search"))
        assert (hits[0].product_id, *hits[0].why.matched.values()) == (7, "7")
        assert [hit.product_id for hit in hits].count(7) == 1
        assert len(backend.search(SearchQuery(text="7", index="vs_text_search", limit=1))) == 1


def test_ids_are_looked_for_where_they_are_synced(monkeypatch):
    monkeypatch.setattr("fashion_assets.search.databricks.target.SYNCED_COLUMNS", ("product_id", "shop_id"))
    assert id_conditions("Ws1") == {"shop_id": ["Ws1", "ws1", "WS1"]}
    assert id_conditions(" 0012 ") == {"shop_id": ["0012"], "product_id": [12]}
    assert id_conditions("red dress") == id_conditions(" ") == id_conditions("9" * 200) == {}


def test_a_shop_searches_in_databricks_without_what_was_withdrawn(databricks, embedded, monkeypatch, tmp_path):
    on_sale = pl.DataFrame({"product_id": [1, 3]})
    embedded.merge(INGESTED_PRODUCTS, conform(on_sale, INGESTED_PRODUCTS), BATCH_0)
    settings = load_settings(
        profile="databricks", databricks_catalog=PLACE.catalog, databricks_schema=PLACE.schema, home=embedded.uri
    )
    monkeypatch.setattr(type(settings), "tables_uri", embedded.uri)
    with Shop(settings, with_fakes(settings)) as shop:
        found = shop.search("green", filters=["gender=Men"], backend=DATABRICKS)
    assert [hit.product_id for hit in found] == [3, 1]
    with pytest.raises(SettingsError, match=r"FASHION_PROFILE is 'local'.*set FASHION_PROFILE=databricks"):
        Shop.open(load_settings(profile="local")).search("green", backend=DATABRICKS)


@pytest.mark.parametrize(
    ("state", "is_ready", "is_busy", "has_failed"),
    [
        ("", True, False, False),
        ("", False, True, False),
        ("OFFLINE", False, True, False),
        ("PROVISIONING_INITIAL_SNAPSHOT", False, True, False),
        ("ONLINE_UPDATING_PIPELINE_RESOURCES", True, True, False),
        ("ONLINE_NO_PENDING_UPDATE", True, False, False),
        ("ONLINE_PIPELINE_FAILED", True, False, True),
        ("OFFLINE_FAILED", False, False, True),
    ],
)
def test_states_are_busy_failed_or_at_rest(state, is_ready, is_busy, has_failed):
    status = IndexStatus(state, is_ready, rows=1, version=None, message="")
    assert (status.is_busy, status.has_failed) == (is_busy, has_failed)
