"""Examining a shop's home, and repairing what can be repaired without losing anything.

Each check yields findings, one line each: what was looked at, and either what is well or what is wrong and what to do.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fashion_assets.app.doctor_places import check_locks, check_places, check_versions
from fashion_assets.app.findings import Finding, well
from fashion_assets.app.places import lock_home
from fashion_assets.automation.tables import declared_tables
from fashion_assets.catalog.fetching.cache import PhotoCache
from fashion_assets.catalog.lost_places import restore_places
from fashion_assets.catalog.tables import BATCH_ASSIGNMENTS
from fashion_assets.errors import FashionError
from fashion_assets.orchestration.instance_repair import damaged_files, databases, set_damaged_aside
from fashion_assets.search.index.health import index_loss, unreadable
from fashion_assets.search.index.sole_writer import sole_writer
from fashion_assets.search.tables import live_promotion
from fashion_assets.settings import Settings
from fashion_assets.shop.file import shop_profile
from fashion_assets.storage.damage import examine
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.repair import repair
from fashion_assets.storage.set_aside import damaged_folder, set_aside
from fashion_assets.storage.store import TableStore
from fashion_assets.storage.table import BATCH, Origin, Table

_REPAIR = "run `fashion doctor --repair`"
_RUN = "run `fashion run`"


@dataclass(frozen=True)
class Diagnosis:
    """What was found, and what was repaired before that, in sentences."""

    findings: tuple[Finding, ...]
    repairs: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return all(finding.is_well for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        """What `fashion doctor --json` prints."""
        return {"is_well": self.is_well, "findings": self.findings, "repairs": self.repairs}


def examine_shop(settings: Settings, store: TableStore, repairs: Sequence[str] = ()) -> Diagnosis:
    """Look at everything, and change nothing."""
    profile = f"profile {settings.profile}, home {settings.home.absolute()}"
    findings = [
        well("settings", profile),
        *check_versions(),
        *check_places(settings),
        *check_locks(settings),
        *_check_tables(settings, store),
        *_check_index(settings, store),
        *_check_photos(settings),
        *_check_instance(settings),
    ]
    return Diagnosis(tuple(findings), tuple(repairs))


def repair_shop(settings: Settings, store: TableStore, now: datetime | None = None) -> Diagnosis:
    """Set aside what is damaged and keep the rest, then look at everything again.

    Raises SettingsError while another `fashion` command is running in the home, IndexBusy while another process is
    writing the index, and StorageError for a place that cannot be written.
    """
    with _alone(settings):
        return examine_shop(settings, store, _repair_all(settings, store, now or datetime.now(UTC)))


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    lock = lock_home(settings)
    try:
        yield
    finally:
        lock.release()


def _repair_all(settings: Settings, store: TableStore, now: datetime) -> list[str]:
    done = []
    tables = declared_tables(shop_profile(settings))
    examined = [(table, examine(store.location(table), table)) for table in tables]
    batches = _batches(store, [table for table, damages in examined if not damages])
    damaged = [(table, damages) for table, damages in examined if damages]
    done += [repair(store, table, damages, batches, now).in_words() for table, damages in damaged]
    if any(table is BATCH_ASSIGNMENTS for table, _ in damaged) and (restored := restore_places(store, now)):
        done.append(f"'{BATCH_ASSIGNMENTS.name}': {restored:,} lost rows were restored from tables of products.")
    done += _repair_index(settings, store, now)
    cache = PhotoCache(settings.home.absolute() / "photos")
    done += [
        f"Photo '{file}' was damaged and is now in '{place}'; the next run fetches it again."
        for file, place in cache.set_damaged_aside(damaged_folder(str(cache.folder), now))
    ]
    home = settings.dagster_home
    done += [
        f"Dagster's file '{file}' was damaged and was set aside; the next command makes a new one."
        for file in set_damaged_aside(home, damaged_folder(str(home), now))
    ]
    return done


def _repair_index(settings: Settings, store: TableStore, now: datetime) -> Iterator[str]:
    """Set aside an index some rows of which cannot be read, which a run need not notice."""
    live, folder = live_promotion(store), Path(settings.index_uri)
    if live is None or is_object_store(settings.index_uri) or not folder.exists():
        return
    with sole_writer(settings.index_uri, wait_seconds=0):
        loss = unreadable(settings.index_uri, live["index_version"], is_whole=True)
        if loss is not None:
            place = set_aside(folder, folder.parent, damaged_folder(settings.index_uri, now))
            yield f"The search index was damaged ({loss}) and is now in '{place}'; the next run builds it again."


def _batches(store: TableStore, whole: Sequence[Table]) -> set[str]:
    """All batches that undamaged derived tables, or the assignments, have rows of."""
    by_batch = [table for table in whole if table.origin is not Origin.RECORDED and BATCH in table.partition_by]
    return {batch for table in by_batch for batch in store.batches(table)}


def _check_tables(settings: Settings, store: TableStore) -> Iterator[Finding]:
    if is_object_store(store.uri):
        yield well("tables", f"in {store.uri}, whose provider keeps objects whole; not examined")
        return
    for table in declared_tables(shop_profile(settings)):
        what, damages = f"table {table.name}", examine(store.location(table), table)
        if damages:
            more = f" ({len(damages) - 1} more of its files are damaged)" if len(damages) > 1 else ""
            yield Finding(what, False, damages[0].in_words() + more, f"{_REPAIR}, and then `fashion run`")
        elif store.version(table) >= 0:
            yield well(what, f"{store.count(table):,} rows in {store.files(table).count:,} files")


def _check_index(settings: Settings, store: TableStore) -> Iterator[Finding]:
    try:
        live = live_promotion(store)
        loss = index_loss(store, settings.index_uri)
        if live is not None and loss is None:
            loss = unreadable(settings.index_uri, live["index_version"], is_whole=True)
    except FashionError as error:  # of the table that records what is live
        yield Finding("search index", False, f"which version is live cannot be read: {error.value}", error.remedy)
        return
    if live is None:
        yield well("search index", "none yet")
    elif loss is not None:
        yield Finding("search index", False, loss, f"{_RUN}, which builds it again")
    else:
        yield well("search index", f"version {live['index_version']} with {live['rows']:,} products")


def _check_photos(settings: Settings) -> Iterator[Finding]:
    cache, what = PhotoCache(settings.home.absolute() / "photos"), "fetched photos"
    if not cache.folder.is_dir():
        return
    damaged = list(cache.damaged())
    if damaged:
        problem = f"{len(damaged):,} files are damaged, the first of them '{damaged[0]}'"
        yield Finding(what, False, problem, f"{_REPAIR}, and then `fashion run`, which fetches them again")
    else:
        yield well(what, f"{cache.size() / 1e6:,.1f} MB")


def _check_instance(settings: Settings) -> Iterator[Finding]:
    home, what = settings.dagster_home, "Dagster's files"
    damaged = list(damaged_files(home))
    for file, why in damaged:
        yield Finding(what, False, f"'{file}' is damaged ({why})", f"{_REPAIR}: the next command makes a new one")
    if not damaged:
        yield well(what, f"{len(databases(home)):,} databases in {home}")
