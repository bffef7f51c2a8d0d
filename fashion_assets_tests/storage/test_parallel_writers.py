"""Processes that write at the same time lose no row and write none twice, the first writes to a table included."""

import multiprocessing
from dataclasses import dataclass

import pytest

from fashion_assets.extraction.journal import Journal, content_key
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.processes.parallel_writers import (
    IDENTITY,
    STOCK,
    VERDICTS,
    common_batch,
    own_batch,
    photos,
    question,
    stock,
    write_all,
)

PATIENCE_SECONDS = 300
LEAST_COMMITS_OF_A_ROUND = 3.5
"""Two merges, a verdict and answers are four."""


@dataclass(frozen=True)
class Written:
    """A store into which `writers` processes have written all their `rounds`, and whose tables none had created."""

    store: TableStore
    writers: int
    rounds: int


def write_in_parallel(uri: str, writers: int, rounds: int) -> Written:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(writers)
    processes = [context.Process(target=write_all, args=(uri, number, rounds, start)) for number in range(writers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_SECONDS)
    assert [process.exitcode for process in processes] == [0] * writers
    return Written(TableStore(uri), writers, rounds)


@pytest.mark.long_form
def test_processes_lose_double_and_mix_nothing_in_a_folder(tmp_path, is_long):
    writers, rounds = (8, 25) if is_long else (4, 6)
    written = write_in_parallel(str(tmp_path / "tables"), writers, rounds)
    commits = sum(written.store.version(table) for table in (STOCK, VERDICTS, RESPONSE_JOURNAL))
    assert commits >= writers * rounds * LEAST_COMMITS_OF_A_ROUND
    expect_all_that_was_written(written)


@pytest.mark.long_form
def test_processes_lose_double_and_mix_nothing_in_an_object_store(s3, is_long):
    written = write_in_parallel("s3://shop/parallel/tables", writers=4, rounds=10 if is_long else 2)
    expect_all_that_was_written(written)


def expect_all_that_was_written(written: Written) -> None:
    expect_the_last_rows_of_each_writer(written)
    expect_the_rows_of_one_of_two_writers(written)
    expect_every_verdict_once(written)
    expect_every_answer_once(written)


def expect_the_last_rows_of_each_writer(written: Written) -> None:
    for writer in range(written.writers):
        expected = stock(own_batch(writer), written.rounds - 1, writer)
        assert written.store.read(STOCK, own_batch(writer)).drop("batch").rows() == expected.rows()


def expect_the_rows_of_one_of_two_writers(written: Written) -> None:
    for writer in range(0, written.writers, 2):
        batch = common_batch(writer)
        last = written.store.read(STOCK, batch).drop("batch").rows()
        # The slower one's last write is the last of all.
        assert last in [stock(batch, written.rounds - 1, either).rows() for either in (writer, writer + 1)]


def expect_every_verdict_once(written: Written) -> None:
    rows = written.store.read(VERDICTS, columns=["batch", "round"]).sort("batch", "round").rows()
    assert rows == [
        (own_batch(writer), number) for writer in range(written.writers) for number in range(written.rounds)
    ]


def expect_every_answer_once(written: Written) -> None:
    asked = question()
    given = sorted(
        (photo, f"{writer} {photo}")
        for writer in range(written.writers)
        for number in range(written.rounds)
        for photo in photos(writer, number)
    )
    rows = written.store.read(RESPONSE_JOURNAL, columns=["photo_sha256", "answer_text"])
    assert sorted(rows.rows()) == given
    keys = {content_key(photo, asked, IDENTITY) for photo, _ in given}
    answers = Journal(written.store).find(asked, IDENTITY, keys)
    assert sorted(answers["content_key"]) == sorted(keys)
    assert len(keys) == len(given) * 3 // 4
