"""Processes that write at the same time lose no row and write none twice, the first writes to a table included."""

import multiprocessing

import pytest

from fashion_assets.extraction.journal import Journal, content_key
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.storage.writers import (
    IDENTITY,
    ROWS,
    STOCK,
    VERDICTS,
    common_batch,
    own_batch,
    photos,
    question,
    stock,
    write_all,
)

WRITERS = 8
ROUNDS = 7
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> TableStore:
    """A store into which all writers have written all their rounds, and whose tables none had created."""
    store = TableStore(str(tmp_path_factory.mktemp("parallel") / "tables"))
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(WRITERS)
    writers = [context.Process(target=write_all, args=(store.uri, number, ROUNDS, start)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(PATIENCE_SECONDS)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    return store


def test_there_were_200_commits(written):
    assert sum(written.version(table) for table in (STOCK, VERDICTS, RESPONSE_JOURNAL)) >= 200


@pytest.mark.parametrize("writer", range(WRITERS))
def test_each_batch_holds_the_last_rows_of_its_writer(written, writer):
    expected = stock(own_batch(writer), ROUNDS - 1, writer)
    assert written.read(STOCK, own_batch(writer)).drop("batch").rows() == expected.rows()


@pytest.mark.parametrize("writer", range(0, WRITERS, 2))
def test_a_batch_of_two_writers_holds_the_rows_of_one_of_them_and_no_mixture(written, writer):
    batch = common_batch(writer)
    last = written.read(STOCK, batch).drop("batch").rows()
    # The slower one's last write is the last of all.
    assert last in [stock(batch, ROUNDS - 1, either).rows() for either in (writer, writer + 1)]


def test_no_verdict_is_lost_or_doubled(written):
    rows = written.read(VERDICTS, columns=["batch", "round"]).sort("batch", "round").rows()
    assert rows == [(own_batch(writer), number) for writer in range(WRITERS) for number in range(ROUNDS)]


def test_no_answer_is_lost_or_doubled_and_each_photo_has_one(written):
    asked = question()
    given = sorted(
        (photo, f"{writer} {photo}")
        for writer in range(WRITERS)
        for number in range(ROUNDS)
        for photo in photos(writer, number)
    )
    rows = written.read(RESPONSE_JOURNAL, columns=["photo_sha256", "answer_text"])
    assert sorted(rows.rows()) == given
    keys = {content_key(photo, asked, IDENTITY) for photo, _ in given}
    found = Journal(written).find(asked, IDENTITY, keys)
    assert sorted(found["content_key"]) == sorted(keys)
    assert len(keys) == WRITERS * ROUNDS * ROWS * 3 // 4
