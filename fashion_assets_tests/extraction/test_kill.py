"""`kill -9` at any moment loses at most one unflushed chunk, and duplicates nothing."""

import multiprocessing
import random
import signal
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from fashion_assets.extraction.extract import FLUSH_PRODUCTS
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import photographed, products
from fashion_assets_tests.processes.killed_extraction import AFTER_APPEND, DURING_ANSWER, DURING_APPEND, Kill, extract

PRODUCTS = 300
QUESTIONS = 3
WATCH_EVERY = 10
"""Each tenth product is a watch, of which the garment question is not asked."""

ANSWERS = PRODUCTS * QUESTIONS - PRODUCTS // WATCH_EVERY
LONGEST_DELAY_SECONDS = 0.03
"""Of the signal into an append: an append takes about as long."""

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def processes():
    """A context whose processes start in milliseconds: forked from one that has loaded the project and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fashion_assets_tests.processes.killed_extraction"])
    return context


@pytest.fixture(scope="module")
def batch(tmp_path_factory) -> tuple[Path, pl.DataFrame]:
    """The photos' folder and the products."""
    folder = tmp_path_factory.mktemp("photos")
    watch = {"master_category": "Accessories", "sub_category": "Watches"}
    return folder, products(
        *(
            photographed(n, folder, (n // 250 * 100 + 50, n % 250, 0), **({} if n % WATCH_EVERY else watch))
            for n in range(PRODUCTS)
        )
    )


class KilledExtraction:
    """One batch being extracted by one process after the other, in a folder of its own."""

    def __init__(self, folder: Path, photos: Path, frame: pl.DataFrame, processes, chance: random.Random):
        folder.mkdir()
        frame.write_parquet(folder / "products.parquet")
        self.folder = folder
        self.photos = photos
        self.processes = processes
        self.chance = chance

    def run(self, kill: Kill | None) -> bool:
        """Start a process and wait for its end; returns whether it was killed, which it is not if it is done before."""
        ours, its = self.processes.Pipe(duplex=False)
        process = self.processes.Process(target=extract, args=(self.folder, self.photos, kill, its))
        process.start()
        its.close()
        if ours.poll(PATIENCE_SECONDS):
            try:
                ours.recv()
            except EOFError:  # it ended without a report
                pass
            else:
                time.sleep(self.chance.uniform(0, LONGEST_DELAY_SECONDS))
                process.kill()
        process.join(PATIENCE_SECONDS)
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    def asked(self) -> Counter[str]:
        """How often each question was asked about each photo, by all processes so far."""
        return (
            Counter((self.folder / "asked").read_text().splitlines()) if (self.folder / "asked").exists() else Counter()
        )

    def journal(self) -> pl.DataFrame:
        return TableStore(str(self.folder / "tables")).read(RESPONSE_JOURNAL)

    def rows(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "rows.parquet").drop("extraction_timestamp")


def random_kills(chance: random.Random, count: int) -> list[Kill]:
    """Of every kind, anywhere within the first two or three chunks that a process works on."""
    kills = [Kill(DURING_ANSWER, chance.randint(1, 30)) for _ in range(count // 2)]
    kills += [Kill(moment, chance.randint(1, 2)) for moment in (DURING_APPEND, AFTER_APPEND) for _ in range(count // 4)]
    chance.shuffle(kills)
    return kills


@pytest.mark.long_form
def test_killed_again_and_again_it_loses_a_chunk_each_time_at_most_and_duplicates_nothing(
    tmp_path, batch, processes, is_long
):
    photos, frame = batch
    chance = random.Random(0)
    undisturbed = KilledExtraction(tmp_path / "undisturbed", photos, frame, processes, chance)
    assert not undisturbed.run(None)
    assert len(undisturbed.journal()) == undisturbed.asked().total() == ANSWERS

    kills = random_kills(chance, 100 if is_long else 12)
    while kills:
        extraction = KilledExtraction(tmp_path / f"before {len(kills)} kills", photos, frame, processes, chance)
        is_done, killed, asked, kept = False, 0, 0, 0
        while not is_done:
            is_done = not extraction.run(kills[-1] if kills else None)
            newly_asked, newly_kept = extraction.asked().total() - asked, len(extraction.journal()) - kept
            asked, kept = asked + newly_asked, kept + newly_kept
            if is_done:  # before its kill, which the next batch gets
                assert newly_asked == newly_kept
            else:
                assert 0 <= newly_asked - newly_kept <= FLUSH_PRODUCTS * QUESTIONS
                kills.pop()
                killed += 1
        assert extraction.journal()["content_key"].n_unique() == kept == ANSWERS
        assert max(extraction.asked().values()) <= 1 + killed
        assert extraction.rows().equals(undisturbed.rows())
