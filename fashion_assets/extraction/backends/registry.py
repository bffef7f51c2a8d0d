"""The registered back ends: those of this package, and those that other packages add by an entry point."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from fashion_assets.errors import SettingsError
from fashion_assets.extraction.answers import FORCED, OUT_OF_VOCABULARY, UNKNOWN_ITEM, UNPARSEABLE
from fashion_assets.extraction.attributes import NOT_ANSWERED
from fashion_assets.extraction.backends.backend import Backend
from fashion_assets.extraction.backends.endpoint.backend import ENDPOINT
from fashion_assets.extraction.backends.transformers.backend import TRANSFORMERS
from fashion_assets.extraction.backends.zero_shot.backend import ZERO_SHOT
from fashion_assets.settings import DEMO, Settings

AnyBackend = Backend[Any]

GROUP = "fashion_assets.vlm_backends"
"""The entry point group: each entry has the name of the back end and points to its `Backend`."""

SHIPPED: tuple[AnyBackend, ...] = (TRANSFORMERS, ENDPOINT, ZERO_SHOT)

DEFAULT: AnyBackend = TRANSFORMERS
"""Used if FASHION_VLM selects no other back end."""

_CODES_OF_ALL = {
    *(UNPARSEABLE, OUT_OF_VOCABULARY, UNKNOWN_ITEM, FORCED, NOT_ANSWERED),
    *("photo_missing", "photo_undecodable", "photo_blank", "photo_changed"),
}
"""Failure codes with the same meaning for all back ends."""


@lru_cache(maxsize=1)
def registered() -> tuple[AnyBackend, ...]:
    """Every back end, the shipped ones first.

    Raises SettingsError for an entry point that does not load or conflicts with another back end.
    """
    foreign = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    backends = list(SHIPPED)
    for point in foreign:
        backend = _load(point)
        _require_no_clash(backend, point, backends)
        backends.append(backend)
    return tuple(backends)


def chosen(settings: Settings) -> AnyBackend:
    """The back end that these settings select; raises SettingsError if FASHION_VLM names an unknown one."""
    selected = [backend for backend in registered() if backend is not DEFAULT and backend.chooses(settings)]
    if selected:
        return selected[0]
    vlm = settings.vlm or ""
    named = re.match(r"(\w{2,}):", vlm)  # a single letter is a drive
    if named and not Path(vlm).exists():
        others = ", ".join(backend.name for backend in registered() if backend.is_chosen is None)
        raise SettingsError(
            value=f"FASHION_VLM is '{vlm}'",
            rule=f"no back end is named '{named[1]}' (other packages registered {others or 'none'})",
            remedy="install the package that has it, or name a model id, a folder, `demo` or `clip`",
        )
    return DEFAULT


def setting_fields() -> dict[str, FieldInfo]:
    """The settings of all back ends, by their names in the environment."""
    return {name: info for backend in registered() for name, info in backend.setting_fields().items()}


def failure_meanings() -> Mapping[str, str]:
    """The meanings of all back ends' failure codes."""
    return {failure.code: failure.meaning for backend in registered() for failure in backend.failure_codes}


def _load(point: EntryPoint) -> AnyBackend:
    try:
        backend = point.load()
    except Exception as error:  # the module of another package may raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SettingsError(
            value=f"{_of_package(point)} does not load from '{point.value}' ({reason})",
            rule="every registered back end must load",
            remedy="fix or uninstall that package",
        ) from error
    if not isinstance(backend, Backend):
        raise SettingsError(
            value=f"{_of_package(point)} is '{point.value}', a {type(backend).__name__}",
            rule="it must be a Backend",
            remedy="correct the package's entry point, or uninstall it",
        )
    if backend.name != point.name:
        raise SettingsError(
            value=f"{_of_package(point)} calls itself '{backend.name}'",
            rule="both names must be the same",
            remedy="correct the package's entry point, or uninstall it",
        )
    return backend


def _require_no_clash(backend: AnyBackend, point: EntryPoint, others: Iterable[AnyBackend]) -> None:
    """Raise SettingsError if `backend` has a name, a setting or a failure code that already has another meaning."""
    others = list(others)
    meanings = {failure.code: failure.meaning for other in others for failure in other.failure_codes}
    taken = {f"FASHION_{name.upper()}" for name in Settings.model_fields}
    taken |= {name for other in others for name in other.setting_fields()}
    own_prefix = f"FASHION_{backend.name.upper()}_"
    if backend.name in {DEMO, *(other.name for other in others)}:
        clash = "its name is taken by another back end"
    elif clashing := sorted(taken & set(backend.setting_fields())):
        clash = f"its setting {clashing[0]} belongs to another"
    elif beyond := [name for name in backend.setting_fields() if not name.startswith(own_prefix)]:
        clash = f"its setting {beyond[0]} does not begin with {own_prefix}"
    elif wrong := [
        failure.code
        for failure in backend.failure_codes
        if failure.code in _CODES_OF_ALL or meanings.get(failure.code, failure.meaning) != failure.meaning
    ]:
        clash = f"its failure code '{wrong[0]}' already means something else"
    else:
        return
    raise SettingsError(
        value=f"{_of_package(point)} cannot be registered, because {clash}",
        rule="names of back ends, settings and failure codes must be unique",
        remedy="change it in that package, or uninstall it",
    )


def _of_package(point: EntryPoint) -> str:
    package = point.dist.name if point.dist is not None else point.module
    return f"The back end '{point.name}' of the package '{package}'"
