"""Tables and index in an S3-compatible object store: as in a folder, or refused in one sentence."""

import time

import polars as pl
import pytest
from deltalake import DeltaTable

from fashion_assets.catalog.tables import INGESTED_PRODUCTS, PRODUCTS
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.errors import IndexMissing, StorageError
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES, RESPONSE_JOURNAL
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.search.index.versions import open_live
from fashion_assets.storage.reader import TableFiles
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.change_feed import changes_since
from fashion_assets_tests.factories.tables import LOG, THINGS, things
from fashion_assets_tests.fakes.shop import indexed_ids, run_changed

MOST_SECONDS = 10
TABLES = (
    INGESTED_PRODUCTS,
    PRODUCTS,
    EXTRACTED_ATTRIBUTES,
    CONSISTENCY_CHECKS,
    ENRICHED_DESCRIPTIONS,
    EMBEDDINGS,
)


def test_tables_are_written_read_and_listed_as_in_a_folder(s3):
    store, batch = TableStore("s3://shop/some/tables/"), "it's ü/100%"
    assert store.read(THINGS).is_empty()
    assert (store.version(THINGS), store.files(THINGS)) == (-1, TableFiles())
    store.merge(THINGS, things(1, 2), batch)
    assert store.merge(THINGS, things(2, 3), batch).total == 2
    store.merge(THINGS, things(4), "batch_00001")
    assert store.read(THINGS, batch, ["product_id"], among={"product_id": [2, 4]}).rows() == [(2,)]
    assert store.files(THINGS).count == 2
    assert changes_since(store, THINGS, 2)["product_id"].to_list() == [4]
    store.append(LOG, pl.DataFrame({"key": ["a", "b"], "model": ["x/y@z", "ü 100%"], "text": ["1", "2"]}))
    assert store.read(LOG, partition={"model": "x/y@z"}, among={"key": ["a", "b"]})["text"].to_list() == ["1"]


def test_a_shop_has_the_same_tables_and_index_as_in_folders(s3, shop, finished_home):
    shop.settings = shop.settings.model_copy(update={"tables": "s3://shop/run/tables", "index": "s3://shop/run/index"})
    with shop.open() as pipeline:
        run_changed(pipeline)
        assert indexed_ids(pipeline) == set(shop.rows)
    assert not (shop.settings.home / "tables").exists()
    assert not (shop.settings.home / "index").exists()
    stored, local = TableStore(shop.settings.tables_uri), TableStore(str(finished_home / "tables"))
    for table in (
        INGESTED_PRODUCTS,
        PRODUCTS,
        EXTRACTED_ATTRIBUTES,
        CONSISTENCY_CHECKS,
        ENRICHED_DESCRIPTIONS,
        EMBEDDINGS,
    ):
        columns = table.hashed_columns
        assert stored.read(table, columns=columns).equals(local.read(table, columns=columns)), table.name
    assert len(stored.read(EMBEDDINGS)) == len(shop.rows)
    answers = ["content_key", "answer_text"]
    assert stored.read(RESPONSE_JOURNAL, columns=answers).equals(local.read(RESPONSE_JOURNAL, columns=answers))


@pytest.mark.parametrize(
    ("uri", "variables", "words"),
    [
        ("s3://nowhere/a", {}, "its bucket does not exist"),
        ("s3://shop/b", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached, .* AWS_ENDPOINT_URL"),
        ("s3://shop/c", {"AWS_ALLOW_HTTP": "false"}, "set AWS_ALLOW_HTTP=true"),
        ("s3://shop/d", {"AWS_ACCESS_KEY_ID": None}, "has no credentials, .*; set AWS_ACCESS_KEY_ID"),
        ("s3://shop/e", dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")), "has no credentials"),
        ("ftp://shop/f", {}, "Unable to recognise URL"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_sentence_within_seconds(s3, monkeypatch, uri, variables, words):
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    for name, value in variables.items():
        monkeypatch.setenv(name, value) if value is not None else monkeypatch.delenv(name)
    expect_refusal(uri, words)


def test_wrong_credentials_are_one_sentence_without_credentials(s3):
    with s3.refusing_unknown_keys():
        expect_refusal("s3://shop/refused", "refuses the credentials in the environment")


def expect_refusal(uri: str, words: str) -> None:
    """Reading, writing and searching are refused with the same sentence."""
    start = time.monotonic()
    for attempt in (
        lambda: TableStore(uri).read(THINGS),
        lambda: TableStore(uri).merge(THINGS, things(1), "batch_00000"),
        lambda: open_live(uri),
    ):
        with pytest.raises(StorageError, match=words) as raised:
            attempt()
        assert f"The object store of '{uri}' cannot be used: " in str(raised.value)
        assert "\n" not in str(raised.value)
        assert "secret" not in str(raised.value).replace("AWS_SECRET_ACCESS_KEY", "")
    assert time.monotonic() - start < MOST_SECONDS


def test_a_store_that_ignores_conditions_is_read_but_not_written(s3):
    store = TableStore("s3://careless/tables")
    assert store.read(THINGS).is_empty()
    for write in (
        lambda: store.merge(THINGS, things(1), "batch_00000"),
        lambda: store.append(THINGS, things(1).with_columns(batch=pl.lit("b"))),
    ):
        with pytest.raises(StorageError, match="ignores conditional writes"):
            write()
    assert not DeltaTable.is_deltatable(store.location(THINGS))


def test_an_index_that_was_never_built_is_missing(s3):
    with pytest.raises(IndexMissing, match="There is no index at 's3://shop/unbuilt'"):
        open_live("s3://shop/unbuilt")


def test_an_object_store_is_not_compacted(s3):
    store = TableStore("s3://shop/some/log")
    with pytest.raises(StorageError, match="is in the object store 's3://shop/some/log'"):
        store.compact(LOG)
    assert not store.compact_if_fragmented(LOG, 0)
