"""Fixtures of the extraction tests: a batch through a fake, and one endpoint server of each kind for all tests."""

import pytest

from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets_tests.fakes.endpoint_client import Server, start, stop


@pytest.fixture(scope="session")
def processes(repository):
    """By mode; the demo model loads while the tests of the other run."""
    started = {mode: start(repository, mode) for mode in ("canned", "demo")}
    yield started
    for process in started.values():
        stop(process)


@pytest.fixture(scope="session")
def running(processes):
    return Server(processes["canned"])


@pytest.fixture
def server(running, monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    running.plan()
    return running


@pytest.fixture
def material(questions):
    """The question about material and pattern."""
    return next(question for question in questions if "material" in question.keys)


@pytest.fixture
def photos(tmp_path):
    return tmp_path / "photos"


@pytest.fixture
def extract(store, photos, questions):
    """Extracts with a fresh fake; gives the batch and the fake."""

    def extract(frame, model=None, asked=questions):
        model = model or FakeVisionLanguageModel()
        return extract_batch(frame, photos, asked, model, Journal(store)), model

    return extract
