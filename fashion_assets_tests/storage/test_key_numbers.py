"""Rows are found by the hash of their key, whether they were written with its number, before there were numbers, or
share the number with others."""

from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.storage.hashing import hash_text
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.tables import LOG

NUMBERED = replace(LOG, looked_up_by="key")
KEYS = [hash_text(str(number)) for number in range(20)]


@pytest.fixture
def store(tmp_path):
    return TableStore(str(tmp_path))


def rows(keys: list[str], text: str = "a") -> pl.DataFrame:
    return pl.DataFrame({"key": keys}).with_columns(model=pl.lit("m"), text=pl.lit(text))


def found(store: TableStore, keys: list[str]) -> list[tuple[str, str]]:
    return store.read(NUMBERED, partition={"model": "m"}, columns=["key", "text"], among={"key": keys}).rows()


def test_only_the_wanted_keys_are_found_and_readers_see_no_numbers(store):
    store.append(NUMBERED, rows(KEYS))
    assert found(store, [*KEYS[3:5], hash_text("other")]) == sorted((key, "a") for key in KEYS[3:5])
    assert store.read(NUMBERED).columns == LOG.row_schema.names()


def test_a_key_with_the_same_first_digits_is_another_key(store):
    near = KEYS[0][:-1] + ("0" if KEYS[0][-1] != "0" else "1")
    store.append(NUMBERED, rows([KEYS[0], near]))
    assert found(store, [near]) == [(near, "a")]


@pytest.mark.parametrize("is_compacted", [False, True])
def test_rows_written_before_there_were_numbers_are_found(store, is_compacted):
    store.append(LOG, rows(KEYS[:10], "old"))
    store.append(NUMBERED, rows(KEYS[10:], "new"))
    if is_compacted:
        store.compact(NUMBERED)
    assert found(store, [KEYS[1], KEYS[11]]) == sorted([(KEYS[1], "old"), (KEYS[11], "new")])


def test_keys_that_are_no_hashes_are_found(store):
    store.append(NUMBERED, rows(["it's", "plain", KEYS[0]]))
    assert found(store, ["it's", KEYS[0]]) == sorted([("it's", "a"), (KEYS[0], "a")])
