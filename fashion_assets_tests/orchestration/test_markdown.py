"""What comes from a catalog stays text in the Dagster UI: in previews and in the descriptions of check results."""

import ast
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import fashion_assets
from fashion_assets.gates.asset_checks import check_results
from fashion_assets.gates.gate import judge_condition
from fashion_assets.orchestration.markdown import inert, readable
from fashion_assets.orchestration.previews import table_preview

LIVE = [
    "![](http://beacon/a.png)",
    "![alt](//beacon/b.png 'title')",
    "![a][b]\n\n[b]: http://beacon/c.png",
    "[click](http://beacon/d)",
    "[click](javascript:alert(1))",
    "<http://beacon/e>",
    "<img src=http://beacon/f.png>",
    "<a href='http://beacon/g'>x</a>",
    "http://beacon/h",
    "HTTPS://beacon.com/i",
    "www.beacon.com/j",
    "see WWW.beacon.com",
    "mail me@beacon.com, mailto:me@beacon.com",
    "&#33;&#91;&#93;(http://beacon/k.png)",
    "&lt;img src=http://beacon/l.png&gt;",
    "a | b | ![](http://beacon/m.png)",
    "\\![](http://beacon/n.png) \\",
    "\\| x \\\\| y",
    "`![](http://beacon/o.png)` ``` x",
    "*a* __b__ ~~c~~ # d",
    "# e",
    "- [ ] f",
    "x\n---\n\n![](http://beacon/p.png)",
    "\u202e![](http://beacon/q.png)",
    "$$x$$ ^[a](http://beacon/r)",
    "[^1]\n[^1]: http://beacon/s",
]


def shown(markdown: str) -> list[str]:
    """The types of what a renderer makes of it, other than paragraphs of text."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    return [part.type for token in tokens for part in (token, *(token.children or []))]


HARMLESS = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@pytest.mark.parametrize("text", LIVE)
def test_nothing_in_a_text_is_live(text):
    assert set(shown(inert(text))) <= HARMLESS
    assert readable(inert(text)) == " ".join(text.replace("\u202e", "").split())


PIECES = [*"\\`*_[](){}<>&#|~!:/.@-+=$ '\"\n\t", "http", "www", "a", "1", "ä", "ह"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_no_text_is_live_and_each_is_readable_again(text):
    assert "\n" not in inert(text)
    assert set(shown(inert(text))) <= HARMLESS
    assert readable(inert(text)).split() == text.split()


@pytest.mark.parametrize("text", LIVE)
def test_a_preview_has_one_cell_a_value(text):
    rows = pl.DataFrame({"product_id": [1], "product_display_name": [text], "many": [[text, text]], text: [1]})
    types = shown(table_preview(rows, rows.columns))
    assert types.count("td_open") == types.count("th_open") == 4
    assert set(types) <= HARMLESS | {
        f"{name}_{end}" for name in ("table", "thead", "tbody", "tr", "td", "th") for end in ("open", "close")
    }


def test_the_reason_of_a_check_is_inert_and_short_names_stay_as_they_are():
    (result,) = check_results("products", [judge_condition("named", False, LIVE[0])])
    assert set(shown(result.description)) <= HARMLESS
    assert readable(result.description) == LIVE[0]
    assert inert("Men's shirt (blue), 49.90 %; 3/5") == "Men's shirt (blue), 49.90 %; 3/5"


def test_every_markdown_in_metadata_comes_from_a_function_that_makes_texts_inert():
    allowed, calls = {"table_preview", "pilot_in_markdown"}, []
    for module in Path(fashion_assets.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "MetadataValue.md":
                calls.append((module.name, ast.unparse(node.args[0]).partition("(")[0]))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "MetadataValue.url":
                assert module.name == "resources.py"
    previews = {("assets.py", "preview")}  # of `search`, made by `table_preview` or a sentence of its own
    assert {name for name in calls if name[1] not in allowed} == previews
    assert len(calls) > 8


ASSET = '''
import json, pathlib
import polars as pl
from dagster import AssetCheckResult, AssetCheckSpec, Definitions, MaterializeResult, MetadataValue, asset
from fashion_assets.orchestration.markdown import inert
from fashion_assets.orchestration.previews import table_preview

rows = pl.DataFrame({"name": json.loads(pathlib.Path(__file__).with_name("names.json").read_text())})

@asset(check_specs=[AssetCheckSpec("named", asset="beacon")])
def beacon():
    yield MaterializeResult(
        metadata={"preview": MetadataValue.md(table_preview(rows, ["name"], most_rows=99))},
        check_results=[AssetCheckResult(passed=False, description=" ".join(map(inert, rows["name"])))],
    )

@asset
def control():
    """What is not made inert, to see that the UI would show it."""
    live = pathlib.Path(__file__).with_name("control.md").read_text()
    return MaterializeResult(metadata={"preview": MetadataValue.md(live)})

defs = Definitions([beacon, control])
'''


class Beacon(BaseHTTPRequestHandler):
    requested: ClassVar[list[str]] = []

    def do_GET(self):
        self.requested.append(self.path)
        self.send_error(404)

    def log_message(self, *args):
        pass


@pytest.mark.long_form
def test_the_dagster_ui_requests_nothing_and_links_nowhere(is_long, browser, tmp_path, repository):
    if not is_long:
        pytest.skip("starts the Dagster UI: --long")
    beacon = ThreadingHTTPServer(("127.0.0.1", 0), Beacon)
    threading.Thread(target=beacon.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{beacon.server_port}"
    names = [text.replace("beacon.com", "beacon").replace("beacon", host) for text in LIVE]
    (tmp_path / "names.json").write_text(json.dumps(names))
    (tmp_path / "shown.py").write_text(ASSET)
    (tmp_path / "control.md").write_text(f"click ![](http://{host}/control.png)")
    (tmp_path / "home").mkdir()
    environment = {"DAGSTER_HOME": str(tmp_path / "home"), "PYTHONPATH": str(repository), "PATH": "/usr/bin:/bin"}
    module = ["-m", "dagster", "asset", "materialize", "--select", "*", "-f", "shown.py"]
    subprocess.run([sys.executable, *module], cwd=tmp_path, env=environment, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    command = [sys.executable, "-m", "dagster_webserver", "-f", "shown.py", "-p", str(port)]
    server = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/server_info")
        page = browser.new_page()
        links = _links_of(page, f"{address}/assets/beacon?view=overview", "[Show Markdown]")
        links += _links_of(page, f"{address}/assets/beacon?view=checks")
        requested = list(Beacon.requested)
        _links_of(page, f"{address}/assets/control?view=overview")
    finally:
        server.terminate()
        server.wait()
        beacon.shutdown()
    assert requested == []
    assert Beacon.requested == ["/control.png"]
    assert [link for link in links if host in link or "javascript" in link or "beacon.com" in link] == []


def _links_of(page, address: str, opener: str | None = None) -> list[str]:
    """Where the links of a page lead once its Markdown, which says "click", is shown."""
    page.goto(address)
    if opener is not None:
        link = page.get_by_text(opener).first
        link.wait_for(timeout=60_000)
        link.evaluate("link => link.click()")  # a greeting lies above it
    page.get_by_text("click").first.wait_for(timeout=60_000)
    page.wait_for_timeout(2000)
    return [link.get_attribute("href") or "" for link in page.locator("a").all()]


def _wait_for(address: str) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(address, timeout=5)
            return
        except OSError:
            time.sleep(1)
    raise TimeoutError(address)
