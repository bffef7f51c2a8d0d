"""What a person states about a table for `fashion init`, instead of having it guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from pydantic import ValidationError

from fashion_assets.catalog.fetching.addresses import read_host
from fashion_assets.errors import OptionError
from fashion_assets.shop.catalog_rules import CatalogRules, Preset
from fashion_assets.shop.file import language_of

_OPTIONS = {"descriptions": "language", "folder": "photos"}
"""Names of options that are others in the shop's file."""


@dataclass(frozen=True)
class InitOptions:
    """What a person states about a table instead of having it guessed; None is guessed or detected."""

    photos: Path | None = None
    preset: str | None = None
    columns: Mapping[str, str] | None = None
    currency: str | None = None
    fetch: bool | None = None
    language: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    private_hosts: Sequence[str] = ()


def check_options(options: InitOptions, folder: Path) -> None:
    """Raises OptionError or SettingsError for options that cannot be; paths start from the file's `folder`."""
    presets = get_args(Preset)
    if options.preset is not None and options.preset not in presets:
        raise OptionError(
            value=f"The preset (--preset) is '{options.preset}'",
            rule=f"it must be one of {', '.join(presets)}",
            remedy="correct it, or leave it out to have the table recognized",
        )
    if options.photos is not None and not options.photos.is_dir():
        raise OptionError(
            value=f"photos (--photos) is '{options.photos}'",
            rule="it must be a folder",
            remedy="correct it, or leave it out if paths start from the table's folder",
        )
    for host in options.private_hosts:
        if read_host(host) is None:
            raise OptionError(
                value=f"The host (--private-host) is '{host}'",
                rule="it must be a name or an IP address, perhaps with a port, without scheme and path",
                remedy="write it as nas.local or 127.0.0.1:8000",
            )
    if options.language is not None:
        language_of(options.language, folder)


def with_options(rules: CatalogRules, table: Path, options: InitOptions) -> CatalogRules:
    """The rules with what the options state in place of what was guessed; raises OptionError."""
    values = rules.model_dump()
    values["source"] |= {"table": table} | _given(
        preset=options.preset, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet
    )
    values["photos"] |= _given(
        folder=options.photos, fetch=options.fetch, private_hosts=tuple(options.private_hosts) or None
    )
    values["price"] |= _given(currency=options.currency)
    values["language"] |= _given(descriptions=options.language)
    for ours, theirs in (options.columns or {}).items():
        if ours == "product_id":
            values["ids"] = {"product": theirs}
        else:
            values["columns"] = {**values["columns"], ours: (theirs,)}
    try:
        return CatalogRules.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        name = _OPTIONS.get(str(problem["loc"][-1]), str(problem["loc"][-1]))
        raise OptionError(
            value=f"{name} (--{name}) is '{problem['input']}'",
            rule=problem["msg"][:1].lower() + problem["msg"][1:],
            remedy="correct it, or leave it out",
        ) from error


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
