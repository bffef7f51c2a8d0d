"""Processes that write at the same time lose no row and write none twice, the first writes to a table included."""

import multiprocessing
from dataclasses import dataclass

import pytest

from fashion_assets.extraction.journal import Journal, content_key
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.storage.writers import (
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

PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Written:
    """A store into which `writers` processes have written all their `rounds`, and whose tables none had created."""

    store: TableStore
    writers: int
    rounds: int


@pytest.fixture(scope="module")
def in_folder(tmp_path_factory) -> Written:
    return write_in_parallel(str(tmp_path_factory.mktemp("parallel") / "tables"), writers=8, rounds=7)


@pytest.fixture(scope="module")
def in_object_store(s3_server) -> Written:
    with pytest.MonkeyPatch.context() as patch:
        s3_server.lead_to(patch)
        yield write_in_parallel("s3://shop/parallel/tables", writers=4, rounds=3)


@pytest.fixture(params=["folder", "object_store"])
def written(request) -> Written:
    return request.getfixturevalue(f"in_{request.param}")


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


def test_there_were_200_commits(in_folder):
    assert sum(in_folder.store.version(table) for table in (STOCK, VERDICTS, RESPONSE_JOURNAL)) >= 200


def test_each_batch_holds_the_last_rows_of_its_writer(written):
    for writer in range(written.writers):
        expected = stock(own_batch(writer), written.rounds - 1, writer)
        assert written.store.read(STOCK, own_batch(writer)).drop("batch").rows() == expected.rows()


def test_a_batch_of_two_writers_holds_the_rows_of_one_of_them_and_no_mixture(written):
    for writer in range(0, written.writers, 2):
        batch = common_batch(writer)
        last = written.store.read(STOCK, batch).drop("batch").rows()
        # The slower one's last write is the last of all.
        assert last in [stock(batch, written.rounds - 1, either).rows() for either in (writer, writer + 1)]


def test_no_verdict_is_lost_or_doubled(written):
    rows = written.store.read(VERDICTS, columns=["batch", "round"]).sort("batch", "round").rows()
    assert rows == [
        (own_batch(writer), number) for writer in range(written.writers) for number in range(written.rounds)
    ]


def test_no_answer_is_lost_or_doubled_and_each_photo_has_one(written):
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
    found = Journal(written.store).find(asked, IDENTITY, keys)
    assert sorted(found["content_key"]) == sorted(keys)
    assert len(keys) == len(given) * 3 // 4
