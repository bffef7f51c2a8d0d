"""Whole batches through an endpoint, with faults, interrupted, and with the demo model behind it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from fashion_assets.errors import ModelError
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.endpoint.threads import STOP_SECONDS
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.extraction.retries import failures_by_code
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BLUE, GREEN, photographed, products
from fashion_assets_tests.fakes.endpoint_client import CONCURRENCY, Server, failures, photos, stop

# When stopped from outside


def test_a_stopped_call_gives_what_was_answered_and_the_next_one_asks(server, material):
    server.plan(blue="rate_limit", retry_after="60")
    model = server.model()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(model.answer, [*photos(model, 2), *photos(model, 9, BLUE)], material)
        while server.stats()["requests"] < 2 + CONCURRENCY:
            time.sleep(0.01)
        model.stop()
        found = failures(call.result(timeout=2))
    assert found[:2] == [None] * 2
    assert set(found[2:]) <= {"endpoint_error", "endpoint_down"}
    asked = server.stats()["requests"]
    assert asked == 2 + CONCURRENCY
    assert failures(model.answer(photos(model, 9), material)) == [None] * 9


class Interrupted:
    """An extraction in a process of its own, which is interrupted as by Ctrl-C as soon as `has_come`."""

    def __init__(self, server: Server, folder, repository, colours, has_come: Callable[[dict], bool]):
        products(*(photographed(i, folder, colour) for i, colour in enumerate(colours))).write_parquet(
            folder / "products.parquet"
        )
        module = "fashion_assets_tests.processes.interrupted_extraction"
        command = [sys.executable, "-m", module, str(folder), str(server.port), str(CONCURRENCY)]
        process = subprocess.Popen(command, cwd=repository, stderr=subprocess.PIPE, text=True)
        try:
            while not has_come(stats := server.stats()):
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.01)
            self.requests_before = stats["requests"]
            process.send_signal(signal.SIGINT)
            started = time.monotonic()
            _, self.said = process.communicate(timeout=60)
            self.seconds = time.monotonic() - started
        finally:
            stop(process)
        self.requests = server.stats()["requests"]
        self.journal = TableStore(str(folder / "tables")).read(RESPONSE_JOURNAL)


def test_an_interrupted_batch_asks_no_more_and_keeps_all_answers(server, repository, tmp_path):
    server.plan(seconds=0.4)
    colours = [(200, index, 0) for index in range(100)]
    run = Interrupted(server, tmp_path, repository, colours, lambda stats: stats["requests"] >= 20)
    assert "KeyboardInterrupt" in run.said
    assert run.requests <= run.requests_before + CONCURRENCY
    assert len(run.journal) == run.requests
    assert run.seconds < 5


def test_an_interrupted_batch_does_not_wait_for_a_silent_endpoint(server, repository, tmp_path):
    server.plan(blue="slow")
    colours = [(200, index, 0) for index in range(6)] + [(0, index, 200) for index in range(50)]
    run = Interrupted(server, tmp_path, repository, colours, lambda stats: stats["faults"].get("slow") == CONCURRENCY)
    assert "KeyboardInterrupt" in run.said
    assert run.requests == run.requests_before
    assert len(run.journal) == run.requests - CONCURRENCY > 0
    assert run.seconds < STOP_SECONDS + 3


# Whole batches


@pytest.mark.long_form
def test_a_batch_with_faults_completes_with_every_product_answered_or_coded(
    server, questions, store, tmp_path, is_long
):
    count = 2_000 if is_long else 150
    shares = {"rate_limit": 0.08, "server_error": 0.08, "cut": 0.05, "broken_json": 0.04, "slow": 0.01, "garbage": 0.04}
    assert sum(shares.values()) == pytest.approx(0.3)
    server.plan(faults=shares, seconds=0.002)
    shades = [(index % 100, index // 100) for index in range(count)]
    colours = [(200, a, b) if index % 2 else (a, 200, b) for index, (a, b) in enumerate(shades)]
    frame = products(*(photographed(index, tmp_path, colour) for index, colour in enumerate(colours)))
    model = server.model(concurrency=8, timeout_seconds=0.5)
    batch = extract_batch(frame, tmp_path, questions, model, Journal(store))

    assert batch.rows["product_id"].to_list() == list(range(count))
    for row in batch.rows.iter_rows(named=True):
        assert row["extraction_success"] == (row["extraction_errors"] == [])
        if row["extraction_success"]:
            assert row["material"] == ("leather" if row["product_id"] % 2 else "denim")
    assert set(failures_by_code(batch.rows)) <= {"timeout", "endpoint_error", "answer_unparseable"}
    assert batch.rows["extraction_success"].mean() > 0.7
    stats = server.stats()
    assert 1 < stats["most_in_flight"] <= 8
    assert set(stats["faults"]) == set(shares)
    assert 0.25 < sum(stats["faults"].values()) / stats["requests"] < 0.35
    assert len(store.read(RESPONSE_JOURNAL)) == 3 * count - _count(batch, "timeout") - _count(batch, "endpoint_error")

    server.plan()
    again = extract_batch(frame, tmp_path, questions, server.model(), Journal(store))
    assert server.stats()["requests"] == _count(batch, "timeout") + _count(batch, "endpoint_error")
    assert set(failures_by_code(again.rows)) <= {"answer_unparseable"}


def test_a_batch_stopped_half_way_goes_on_from_there(server, material, store, tmp_path):
    frame = products(*(photographed(index, tmp_path, (200, index, 0)) for index in range(100)))
    server.plan(down_after=30)
    with pytest.raises(ModelError, match="answers so far are kept"):
        extract_batch(frame, tmp_path, [material], server.model(tries=2), Journal(store))
    assert len(store.read(RESPONSE_JOURNAL)) == 30
    server.plan()
    assert failures_by_code(extract_batch(frame, tmp_path, [material], server.model(), Journal(store)).rows) == {}
    assert server.stats()["requests"] == 70


def _count(batch, code: str) -> int:
    return failures_by_code(batch.rows).get(code, 0)


def test_the_canned_server_answers_as_the_fake(server, questions):
    model = server.model()
    for question in questions:
        (expected,) = FakeVisionLanguageModel().answer([Image.new("RGB", (8, 8), GREEN)], question)
        (answer,) = model.answer(photos(model, 1, GREEN), question)
        assert answer.text == expected.text


def test_the_demo_model_behind_an_endpoint_gives_the_taxonomy(processes, server, questions):
    from fashion_assets.demo.attributes import sample_product
    from fashion_assets.demo.render import render

    model = Server(processes["demo"]).model(timeout_seconds=60)
    photo = model.prepare(render(sample_product(1, 0, "balanced")))
    for question in questions:
        (answer,) = model.answer([photo], question)
        assert answer.failure is None
        assert parse_answer(answer.text, question).errors == []
