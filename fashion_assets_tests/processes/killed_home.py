"""Killed by SIGKILL at any moment: one command in a shop's home, which tells in which phase it is; see `test_kills.py`.

The process that all others are forked from loads this module and nothing else, so its imports are all they need.
LanceDB is not among them: it does not survive a fork.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import alembic.command  # noqa: F401  - loaded once here, not in each process
import pyarrow.dataset  # noqa: F401
import scipy.stats  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401
import torch  # noqa: F401
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage  # noqa: F401
from pydantic import SecretStr

import fashion_assets.app.alerts as alerts_app
import fashion_assets.app.decisions as decisions
import fashion_assets.app.index_versions as index_versions
import fashion_assets.embeddings.assets as embeddings_assets
import fashion_assets.extraction.assets as extraction_assets
import fashion_assets.orchestration.batches
import fashion_assets.search.index.refresh as refresh
from fashion_assets import Shop
from fashion_assets.alerts.channels import parse_channels
from fashion_assets.app.corrections import Corrections
from fashion_assets.app.journal import ResponseJournal
from fashion_assets.app.pipeline import Pipeline
from fashion_assets_tests.fakes.resources import with_fakes
from fashion_assets_tests.fakes.shop import PER_BATCH, FakeShop

parse_channels("json://127.0.0.1")  # loads all services of the library

STOPPED = "batch_00000"
"""The batch that its gates stop, and a person lets continue."""


class Phase(StrEnum):
    """What a command is doing; `START` is all until the first other phase: tables, locks and Dagster's databases."""

    START = "start"
    INGEST = "ingest"
    ASKING = "asking"
    EMBEDDING = "embedding"
    BUILDING = "index building"
    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    IMPORT = "import"
    OVERRIDE = "override"
    COMPACTION = "compaction"
    ALERTS = "alert sending"


_PLACES: tuple[tuple[object, str, Phase], ...] = (
    (Pipeline, "ingest", Phase.INGEST),
    (extraction_assets, "extract_attributes", Phase.ASKING),
    (embeddings_assets, "compute_embeddings", Phase.EMBEDDING),
    (refresh, "_build", Phase.BUILDING),
    (index_versions, "roll_back", Phase.ROLLBACK),
    (Corrections, "import_file", Phase.IMPORT),
    (decisions, "override_verdict", Phase.OVERRIDE),
    (ResponseJournal, "compact", Phase.COMPACTION),
    (alerts_app, "send_alerts", Phase.ALERTS),
)
"""The function that each phase is; promotion has its first and its last step, which follow each other."""


class Moment(NamedTuple):
    """A phase began or ended; `at` is a time of the system's monotonic clock, in seconds."""

    phase: Phase
    is_begin: bool
    at: float


class _Story:
    """Tells the parent what begins and what ends."""

    def __init__(self, parent: Connection):
        self._parent = parent
        self._tell(Phase.START, True)
        self._is_starting = True

    def _tell(self, phase: Phase, is_begin: bool) -> None:
        self._parent.send(Moment(phase, is_begin, time.monotonic()))

    def begin(self, phase: Phase) -> None:
        if self._is_starting:
            self._tell(Phase.START, False)
            self._is_starting = False
        self._tell(phase, True)

    def end(self, phase: Phase) -> None:
        self._tell(phase, False)

    @contextmanager
    def during(self, phase: Phase) -> Iterator[None]:
        self.begin(phase)
        yield
        self.end(phase)

    def tell_of_all(self) -> None:
        """Put a mark around each of `_PLACES`, in this process alone."""
        for place, name, phase in _PLACES:
            _around(place, name, lambda real, phase=phase: self._marked(real, phase))
        _around(refresh, "promote", lambda real: _after(lambda: self.begin(Phase.PROMOTION), real))
        _around(refresh, "list_files", lambda real: _before(real, lambda: self.end(Phase.PROMOTION)))

    def _marked(self, real: Callable[..., object], phase: Phase) -> Callable[..., object]:
        def marked(*arguments: object, **named: object) -> object:
            with self.during(phase):
                return real(*arguments, **named)

        return marked


def _around(place: object, name: str, make: Callable[[Callable[..., object]], Callable[..., object]]) -> None:
    setattr(place, name, make(getattr(place, name)))


def _after(first: Callable[[], None], real: Callable[..., object]) -> Callable[..., object]:
    def call(*arguments: object, **named: object) -> object:
        first()
        return real(*arguments, **named)

    return call


def _before(real: Callable[..., object], then: Callable[[], None]) -> Callable[..., object]:
    def call(*arguments: object, **named: object) -> object:
        result = real(*arguments, **named)
        then()
        return result

    return call


def _roll_back(shop: Shop) -> None:
    """As one who looks first whether it is done."""
    live = next(version for version in shop.index.versions() if version.is_live)
    if not live.reason.startswith("rolled back"):
        shop.index.roll_back(by="a person", reason="a test")


def _override(shop: Shop) -> None:
    """As one who looks first whether it is done."""
    if any(plan.batch == STOPPED and plan.is_blocked for plan in shop.batches()):
        shop.override(STOPPED, by="a person", reason="a test")


COMMANDS: Mapping[str, Callable[[Shop], object]] = {
    "run": lambda shop: shop.run(),
    "import": lambda shop: shop.corrections.import_file(shop.settings.home.parent / "corrections.csv", by="a person"),
    "override": _override,
    "roll back": _roll_back,
    "compact": lambda shop: shop.journal.compact(),
    "send": lambda shop: shop.alerts.send(),
}


def obey(folder: Path, command: str, addresses: str, parent: Connection) -> None:
    """Run one of `COMMANDS` in the shop of this folder, with alerts to these addresses."""
    story = _Story(parent)
    story.tell_of_all()
    fashion_assets.orchestration.batches.BATCH_SIZE = PER_BATCH
    settings = FakeShop.settings_in(folder).model_copy(update={"alerts": SecretStr(addresses)})
    with Shop(settings, with_fakes(settings)) as shop:
        COMMANDS[command](shop)
