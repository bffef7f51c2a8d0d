"""`fashion journal`: what it prints of a journal, and errors that are one sentence."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from fashion_assets.app.journal import ResponseJournal, size_in_words
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS, INGESTED_PRODUCTS
from fashion_assets.cli.app import app
from fashion_assets.errors import FashionError
from fashion_assets.extraction.journal import Journal, journal_rows
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.settings import load_settings
from fashion_assets.storage.reader import TableFiles
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BATCH_0, product, products

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(questions):
    """Product 1 with a photo and two answers in two files, product 2 without a photo."""
    store = TableStore(load_settings().tables_uri)
    rows = products(product(1, photo_status="ok", photo_sha256="p1"), product(2))
    store.merge(INGESTED_PRODUCTS, rows, BATCH_0)
    store.merge(BATCH_ASSIGNMENTS, rows.select("product_id", "batch"))
    for at in (NOW, NOW.replace(hour=1)):
        answer = Answer('{"material": "[b]denim[/b]"}', {"material": 0.9}, {"material": 0.8}, 10, 5, 0.5)
        Journal(store).append(journal_rows(questions[0], FakeVisionLanguageModel().identity, ["p1"], [answer], at))
    return store


def run(*arguments) -> str:
    result = CliRunner().invoke(app, ["journal", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("command", ["stats", "show", "compact"])
def test_every_command_has_help_with_an_example(command):
    assert f"fashion journal {command}" in run(command, "--help")


def test_stats(shop, questions):
    statistics = json.loads(run("stats", "--json"))
    assert statistics["files"] == 2
    assert statistics["answers"][0]["question_id"] == questions[0].id
    assert (statistics["answers"][0]["answers"], statistics["answers"][0]["repeated"]) == (2, 1)
    assert "fake" in run("stats")


def test_an_empty_journal_is_no_error():
    assert "The journal is empty" in run("stats")
    assert "after: 0 files, 0.0 MB" in run("compact")


def test_answers_about_a_product(shop, questions):
    shown = json.loads(run("show", "1", "--json"))
    assert [answer["answered_at"][:13] for answer in shown] == ["2026-01-01 01", "2026-01-01 00"]
    assert (shown[0]["is_used"], shown[0]["probabilities"], shown[0]["seconds"]) == (False, '{"material": 0.9}', 0.5)
    assert "[b]denim[/b]" in run("show", "1")
    assert "No model has answered any question about the photo of product 2." in run("show", "2")
    with pytest.raises(FashionError, match="There is no product '3', but"):
        ResponseJournal(load_settings(), shop).answers("3")


def test_compaction_reports_the_files_and_keeps_the_answers(shop):
    before = shop.read(RESPONSE_JOURNAL)
    assert "before: 2 files" in run("compact")
    assert json.loads(run("compact", "--json"))["files_after"] == 1
    assert shop.read(RESPONSE_JOURNAL).equals(before)
    assert size_in_words(TableFiles(1, 2_340_000)) == "1 file, 2.3 MB"
