"""Shared by all tests: no setting of the developer's leaks in, and nothing reaches the network (see pyproject.toml)."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch is imported: spinning threads starve each other
if workers := os.environ.get("PYTEST_XDIST_WORKER_COUNT"):  # the workers share the cores
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(workers))))

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from filelock import FileLock

from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.storage.store import TableStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM_OPTIONS = (
    "--no-sandbox",  # which cannot be had as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

hypothesis.settings.register_profile(
    "short",
    max_examples=40,
    derandomize=True,  # the same examples in each run
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("long", hypothesis.settings.get_profile("short"), max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="more examples, kills, rounds and rows where a test has a short form"
    )
    parser.addoption(
        "--require-browser",
        action="store_true",
        help="fail what needs a Chromium where there is none, instead of skipping it",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long_form: has more to do with --long; `make test-long` runs these")
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "short")


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    """Whether tests that have a short and a long form are to take the long one."""
    return pytestconfig.getoption("--long")


def chromium() -> str | None:
    """Where Chromium is: as PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH says, else as the system's path has it."""
    named = os.environ.get("PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH")
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return named or next(filter(None, found), None)


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> Iterator["Browser"]:
    """The system's Chromium. Not for the whole session: its event loop would be in the way of other modules'."""
    executable = chromium()
    if executable is None:
        missing = "needs a browser: no chromium, chromium-browser or google-chrome is on the path"
        (pytest.fail if pytestconfig.getoption("--require-browser") else pytest.skip)(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside_for_what_tests_share():
    with pytest.MonkeyPatch.context() as patch:
        _forget_settings(patch)
        yield


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch, tmp_path):
    _forget_settings(monkeypatch)
    monkeypatch.chdir(tmp_path)


def _forget_settings(patch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("FASHION_") or name == "DAGSTER_HOME":
            patch.delenv(name)


@pytest.fixture
def store(tmp_path) -> TableStore:
    return TableStore(str(tmp_path / "tables"))


@pytest.fixture(scope="session")
def s3_server():
    """An S3-compatible server with the buckets `shop` and `careless`."""
    from fashion_assets_tests.fakes.s3_server import serving

    with serving() as server:
        yield server


@pytest.fixture
def s3(s3_server, monkeypatch):
    """The server, and the environment that leads to it."""
    s3_server.lead_to(monkeypatch)
    return s3_server


@pytest.fixture(scope="session")
def questions():
    return load_questions(default_prompts_folder())


@pytest.fixture(scope="session")
def repository() -> Path:
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Call it with a name and what fills a folder: all workers of a run share that folder, and the first fills it."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder, is_filled = shared / name, shared / f"{name}.filled"
        with FileLock(shared / f"{name}.lock"):
            if not is_filled.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a worker that failed at it
                folder.mkdir()
                fill(folder)
                is_filled.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def finished_home(made_once) -> Path:
    """FASHION_HOME of a `FakeShop` whose batches are all run and indexed; to be copied, never changed."""
    import fashion_assets.orchestration.batches
    from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop, run_changed

    def run(folder: Path) -> None:
        with pytest.MonkeyPatch.context() as patch, FakeShop(folder).open() as pipeline:
            patch.setattr(fashion_assets.orchestration.batches, "BATCH_SIZE", PER_BATCH)
            run_changed(pipeline)

    return made_once("finished_shop", run) / "home"


@pytest.fixture(scope="session")
def finished_demo(made_once) -> Path:
    """FASHION_HOME of a demo catalog of 100 products, run with the shipped models; to be copied, never changed."""
    from fashion_assets.app.pipeline import Pipeline
    from fashion_assets.app.run import run_pipeline
    from fashion_assets.settings import load_settings

    def run(folder: Path) -> None:
        with Pipeline(load_settings(home=folder, demo_products=100, device="cpu")) as pipeline:
            run_pipeline(pipeline)

    return made_once("finished_demo", run)


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A `FakeShop` of two batches; imported here, since it needs the whole project."""
    import fashion_assets.orchestration.batches
    from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop

    monkeypatch.setattr(fashion_assets.orchestration.batches, "BATCH_SIZE", PER_BATCH)
    return FakeShop(tmp_path / "shop")


@pytest.fixture
def finished_shop(shop, finished_home):
    """The `FakeShop` with its batches run and indexed."""
    shutil.copytree(finished_home, shop.settings.home)
    return shop
