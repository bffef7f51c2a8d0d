"""`fashion review`: what it refuses before it serves anything, and that it serves what it says."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from fashion_assets.app.ports import free_port
from fashion_assets.cli.app import app
from fashion_assets.errors import FashionError, SettingsError, UnknownBatch
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BATCH_0, attributes


def review(*arguments: str):
    return CliRunner().invoke(app, ["review", *arguments], catch_exceptions=False)


@pytest.fixture
def extracted() -> None:
    TableStore(load_settings().tables_uri).merge(EXTRACTED_ATTRIBUTES, attributes({}), BATCH_0)


def test_somebody_must_review():
    assert "Missing option '--by'" in review().output
    with pytest.raises(SettingsError, match=r"by \(--by\) is empty"):
        review("--by", " ")


def test_without_products_there_is_nothing_to_review():
    with pytest.raises(FashionError, match=r"No product has been described yet, .*; run `fashion run` first"):
        review("--by", "NAME")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org"])
def test_other_machines_are_not_served(host):
    with pytest.raises(
        SettingsError, match=rf"host \(--host\) is '{host}', .* use one of 127.0.0.1, localhost, and an SSH tunnel"
    ):
        review("--by", "NAME", "--host", host)


def test_an_unknown_batch_is_an_error(extracted):
    with pytest.raises(
        UnknownBatch,
        match=r"batch \(--batch\) is 'batch_9', of which nothing was extracted.*; use one of batch_00000",
    ):
        review("--by", "NAME", "--batch", "batch_9")


def test_the_page_is_served_at_the_printed_address_until_it_is_interrupted(extracted, repository):
    port = free_port("127.0.0.1", None, first=3900)
    command = ["review", "--by", "NAME", "--port", str(port)]
    script = f"import sys; sys.argv[1:] = {command}; from fashion_assets.cli import main; main()"
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "FASHION_HOME": str(load_settings().home.absolute())}
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=repository, env=environment, stdout=subprocess.PIPE, text=True
    ) as served:
        try:
            assert address in served.stdout.readline()
            assert "<strong>NAME</strong>" in fetch(address)
        finally:
            served.send_signal(signal.SIGINT)
    assert served.returncode == 0


def fetch(address: str) -> str:
    """The page, as soon as the server listens."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read().decode()
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"nothing answers at {address}")
