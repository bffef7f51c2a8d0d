"""docs/own-catalog.md walked through as a shop owner would, from top to bottom, with nothing but its blocks.

Tables are written, lines go into the shop's file, commands run, and each line that is shown must be printed by the
commands before it. A server on loopback stands for the shop's own host, fakes stand for the models.
"""

import csv
import json
import re
import shlex
import threading
import tomllib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from dagster import DagsterInstance
from typer.testing import CliRunner

from fashion_assets import Shop
from fashion_assets.app import pipeline
from fashion_assets.catalog.tables import PRODUCTS
from fashion_assets.cli.app import app
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.file import load_shop_settings
from fashion_assets_tests.factories.photo_files import product, save
from fashion_assets_tests.fakes.resources import with_fakes

HOST = "nordlicht.example"
BLOCK = re.compile(r"^```(bash|csv|text|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILES = {"ID": "export.csv", "sku": "corrections.csv"}


@pytest.fixture(scope="module")
def text() -> str:
    return (Path(__file__).parents[2] / "docs" / "own-catalog.md").read_text()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def with_own_host(text, tmp_path):
    """Gives a text of the page with the server's host in place of the shop's."""
    for number, name in enumerate(sorted(set(re.findall(rf"{HOST}/([\w-]+\.jpg)", text)))):
        save(product(number), tmp_path / "web" / name)
    handler = partial(_Quiet, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = f"127.0.0.1:{server.server_port}"
        yield lambda block: block.replace(f"https://{HOST}", f"http://{own}").replace(HOST, own)
        server.shutdown()


@pytest.fixture
def owner(tmp_path, monkeypatch):
    """A fresh folder as the current one, and fake models."""
    folder = tmp_path / "laden"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")

    def open_with_fakes(cls):
        settings = load_shop_settings()
        return cls(settings, with_fakes(settings))

    monkeypatch.setattr(Shop, "open", classmethod(open_with_fakes))
    monkeypatch.setattr(pipeline, "open_instance", lambda home: DagsterInstance.ephemeral())  # for its speed
    return folder


def test_the_page_leads_from_an_export_to_a_search(text, with_own_host, owner, caplog):
    caplog.set_level("INFO")
    printed, failed = "", []
    for kind, block in BLOCK.findall(text):
        block = with_own_host(block)
        if kind == "csv":
            write_rows(block)
        elif kind == "toml":
            add_to_shop_file(block)
        elif kind == "bash":
            printed, codes = run_commands(block, caplog)
            failed += [command for command, code in codes if code]
        else:
            missing = [line for line in block.splitlines() if line not in printed]
            assert missing == [], printed
    assert failed == ["fashion run"]
    assert_products()
    printed, _ = run_commands("fashion search HB-100-R-M -k 1", caplog)
    assert "HB-100/Rot" in printed


def write_rows(block: str) -> None:
    """Write a table, or put rows in the place of those with the same first cell."""
    header, *rows = csv.reader(block.splitlines())
    file = Path(FILES[header[0]])
    earlier = list(csv.reader(file.open(encoding="utf-8", newline="")))[1:] if file.exists() else []
    by_first_cell = {row[0]: row for row in (*earlier, *rows)}
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *by_first_cell.values()])


def add_to_shop_file(block: str) -> None:
    """Put the keys of a block into the file that `fashion init` wrote; loopback is a network of the shop's own."""
    sections = tomllib.loads(Path("shop.toml").read_text(encoding="utf-8"))
    for name, keys in tomllib.loads(block).items():
        sections[name] = sections.get(name, {}) | keys
        if name == "photos":
            sections[name]["private_hosts"] = keys["hosts"]
    lines = []
    for name, keys in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value)}" for key, value in keys.items()]
    Path("shop.toml").write_text("\n".join(lines), encoding="utf-8")


def run_commands(block: str, caplog) -> tuple[str, list[tuple[str, int]]]:
    """What the commands printed and logged, and the exit code of each."""
    caplog.clear()
    printed, codes = "", []
    for command in block.splitlines():
        result = CliRunner().invoke(app, shlex.split(command)[1:])
        assert isinstance(result.exception, SystemExit | None), f"{command}: {result.exception!r}"
        printed += result.output
        codes.append((command, result.exit_code))
    return printed + "\n".join(record.getMessage() for record in caplog.records), codes


def assert_products() -> None:
    products = Shop.open().store.read(PRODUCTS).sort("shop_id")
    assert dict(products.select("shop_id", "price").iter_rows()) == {
        "00123": 39.0,
        "HB-100/Rot": 59.9,
        "HB-100/Weiß": 79.9,
        "HB-310": 1099.0,
        "HB-320": 34.9,
        "HB-321": 29.9,
    }
    assert products["photo_status"].unique().to_list() == ["ok"]
    assert dict(products.select("shop_id", "article_type").iter_rows())["HB-310"] == "Sweaters"


def test_every_section_and_key_of_the_file_is_explained(text):
    for name, field in CatalogRules.model_fields.items():
        assert f"[{name}]" in text
        for key in getattr(field.annotation, "model_fields", {}):
            assert re.search(rf"`{key}\b|^{key} = ", text, re.MULTILINE), f"{name}.{key}"


def test_blocks_that_do_not_run_are_valid_toml_all_the_same(text):
    plain = re.findall(r"^```\n(\[.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert plain
    for block in plain:
        CatalogRules.model_validate(tomllib.loads(block))
