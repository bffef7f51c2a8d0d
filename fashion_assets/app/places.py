"""The places of the settings: whether they can be used, found out before anything is written, and by whom at a time."""

import os
import tempfile
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_assets.errors import OptionError, SettingsError, StorageError
from fashion_assets.orchestration.dagster_place import DAGSTER_HOME
from fashion_assets.settings import Settings
from fashion_assets.shop.file import load_shop_settings
from fashion_assets.storage import places
from fashion_assets.storage.object_store import is_object_store
from fashion_assets.storage.places import DELTA_TABLES, file_system_errors, is_about_space, require_usable
from fashion_assets.storage.store import TableStore


def chosen_settings(settings: Settings | None, home: Path | str | None) -> Settings:
    """These settings, or those of environment, `.env` and shop's file; `home` replaces their FASHION_HOME.

    Raises SettingsError for a value that cannot work, OptionError for both arguments.
    """
    if settings is None:
        return load_shop_settings() if home is None else load_shop_settings(home=Path(home))
    if home is not None:
        raise OptionError(
            value=f"Both settings and the home '{home}' are given",
            rule="settings already have a home",
            remedy="give one of them",
        )
    return settings


def open_store(settings: Settings) -> TableStore:
    """The tables of the settings; raises SettingsError for places that cannot be used."""
    require_usable_places(settings)
    return TableStore(settings.tables_uri)


def require_usable_places(settings: Settings) -> None:
    """Raise SettingsError when a folder is one that Dagster or Delta Lake cannot use; LanceDB can use any.

    Delta Lake uses the folder that symbolic links lead to, Dagster the one that is named.
    """
    home = str(settings.home.absolute())
    require_usable("FASHION_HOME", home, str(settings.dagster_home), DAGSTER_HOME)
    if not is_object_store(settings.tables_uri):
        name, named = ("FASHION_TABLES", settings.tables) if settings.tables else ("FASHION_HOME", home)
        require_usable(name, named, os.path.realpath(settings.tables_uri), DELTA_TABLES)


def unwritable_place(error: BaseException | None) -> StorageError | None:
    """What the operating system refused in an error or its causes, as to write to a full disk; None for any other."""
    while error is not None:
        named = getattr(error, "filename", None)
        if isinstance(error, Exception) and (named or not isinstance(error, OSError) or is_about_space(error)):
            refused = places.refused_by_file_system(error, str(named or tempfile.gettempdir()))
            if refused is not None:
                return refused
        error = error.__cause__ or error.__context__
    return None


def lock_home(settings: Settings) -> FileLock:
    """The acquired lock of FASHION_HOME, which is made if it does not exist.

    Raises SettingsError while another process has it, and StorageError for a folder that cannot be written.
    """
    lock = FileLock(settings.home / "pipeline.lock")
    try:
        with file_system_errors(str(settings.home)):
            settings.home.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
    except Timeout as error:
        raise SettingsError(
            value=f"Another `fashion` command is running the pipeline in FASHION_HOME '{settings.home}'",
            rule="only one may",
            remedy="wait until it has ended, or use another FASHION_HOME",
        ) from error
    return lock
