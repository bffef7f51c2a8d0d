"""Reading `shop.toml`: every mistake in it is one sentence with file, line, value, rule and remedy.

What its sections mean is in `catalog_rules.py`; writing a first one is `fashion init`.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fashion_assets.errors import SettingsError
from fashion_assets.fashion_error import shorten
from fashion_assets.settings import Settings, load_settings
from fashion_assets.shop.catalog_rules import CatalogRules, IdRules
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.languages.reader import load_language
from fashion_assets.shop.limits import IndexLimits, Limits
from fashion_assets.shop.profile import ShopProfile
from fashion_assets.shop.text_files import UnusableFile, parse_toml, read_text_file

LARGEST_FILE = 2_000_000
"""Bytes; a shop's file with 1,000 categories has 50,000."""

_MOST_MISTAKES = 20
_LONGEST_QUOTE = 200
_SECTION = re.compile(r"\s*\[+(?P<name>[^]]+)\]+")


def load_shop_settings(**overrides: object) -> Settings:
    """The settings of this process, with the catalog that the shop's file describes, if there is one.

    Raises SettingsError as `load_settings` and `read_shop_file` do.
    """
    settings = load_settings(**overrides)
    if settings.shop_file is not None:
        rules = read_shop_file(settings.shop_file)
        if rules.source.table is not None:
            source, photos = rules.source, rules.photos
            settings.take_catalog(rules.source.table, source.preset, photos.folder, photos.fetch)
    return settings


def catalog_rules(settings: Settings) -> CatalogRules:
    """What the shop's file says about the catalog, if there is one, overridden by the settings.

    Raises SettingsError as `read_shop_file` does.
    """
    rules = CatalogRules() if settings.shop_file is None else read_shop_file(settings.shop_file)
    columns = {ours: (theirs,) for ours, theirs in settings.columns.items()}
    update: dict[str, object] = {"columns": {**rules.columns, **columns}}
    if "product_id" in columns:
        update["ids"] = IdRules()
    if settings.preset:
        update["source"] = rules.source.model_copy(update={"preset": settings.preset})
    if settings.photo_path:
        update["photos"] = rules.photos.model_copy(update={"path": settings.photo_path})
    return rules.model_copy(update=update)


def shop_profile(settings: Settings) -> ShopProfile:
    """Everything that the shop of these settings decides; raises SettingsError as `read_shop_file` does."""
    rules = catalog_rules(settings)
    folder = settings.shop_file.absolute().parent if settings.shop_file else Path()
    limits = Limits(index=IndexLimits(least_effect=rules.search.least_effect))
    return ShopProfile(limits=limits, language=language_of(rules.language.descriptions, folder), catalog=rules)


def language_of(name: str, folder: Path) -> Language:
    """The language of that name, or of that file, whose path starts from `folder`; raises SettingsError."""
    return load_language(folder / name if name.endswith(".toml") else name)


def read_shop_file(file: Path) -> CatalogRules:
    """The rules of `file`; relative paths in it start from its folder.

    Raises SettingsError for a file that cannot be read, unknown keys, wrong types and values that contradict each
    other; its `further` are the other mistakes of the same file.
    """
    text, values = _read(file)
    try:
        rules = CatalogRules.model_validate(values)
    except ValidationError as error:
        first, *further = (_mistake(file, text, problem) for problem in error.errors()[:_MOST_MISTAKES])
        first.further = tuple(further)
        raise first from error
    _refuse_contradictions(file, text, rules)
    return _with_absolute_paths(rules, file.absolute().parent)


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = read_text_file(file, LARGEST_FILE)
    except UnusableFile as error:
        raise SettingsError(
            value=f"The shop's file '{file}' {error}",
            rule=f"it must be TOML in UTF-8, of at most {LARGEST_FILE} bytes",
            remedy="correct FASHION_SHOP, or write a new file with `fashion init`",
        ) from error
    try:
        return text, parse_toml(text)
    except UnusableFile as error:
        raise SettingsError(
            value=f"'{file}' {shorten(str(error), _LONGEST_QUOTE)}",
            rule="texts stand in quotes, and each key occurs once",
            remedy="correct that line",
        ) from error


def _mistake(file: Path, text: str, problem: Mapping[str, Any]) -> SettingsError:
    path = [str(part) for part in problem["loc"] if not isinstance(part, int)]
    at = f"'{file}', line {line_of(text, path)}"
    name = shorten(".".join(path), _LONGEST_QUOTE)
    if problem["type"] == "extra_forbidden":
        allowed = _keys_of(path[:-1])
        near = difflib.get_close_matches(path[-1][:_LONGEST_QUOTE], allowed, n=1)
        what = "section" if len(path) == 1 and isinstance(problem["input"], dict) else "key"
        return SettingsError(
            value=f"{at}: there is no {what} '{name}'",
            rule=f"it must be one of {', '.join(allowed)}",
            remedy=f"write '{near[0]}'" if near else "remove it, or correct its name",
        )
    message = problem["msg"].removeprefix("Value error, ")
    return SettingsError(
        value=f"{at}: {name} is {shorten(repr(problem['input']), _LONGEST_QUOTE)}",
        rule=message[:1].lower() + message[1:],
        remedy="correct it as docs/own-catalog.md describes",
    )


def _keys_of(path: Sequence[str]) -> list[str]:
    model: Any = CatalogRules
    for name in path:
        model = model.model_fields[name].annotation
    return list(model.model_fields)


def line_of(text: str, path: Sequence[str]) -> int:
    """The line, counted from 1, where the key at `path` stands in a TOML text, or its section if it is not found."""
    section, last = list(path[:-1]), path[-1] if path else ""
    here: list[str] = []
    at_section = 1
    for number, line in enumerate(text.splitlines(), 1):
        if match := _SECTION.match(line):
            here = [part.strip().strip("\"'") for part in match["name"].split(".")]
            if here == list(path):
                return number
            at_section = number if here == section else at_section
        elif here == section and re.match(rf"""\s*["']?{re.escape(last)}["']?\s*=""", line):
            return number
    return at_section


def _refuse_contradictions(file: Path, text: str, rules: CatalogRules) -> None:
    own = rules.columns.get("product_id")
    if own and rules.ids.product and rules.ids.product not in own:
        raise SettingsError(
            value=f"'{file}', line {line_of(text, ['ids', 'product'])}: ids.product is {rules.ids.product!r} and "
            f"columns.product_id is {', '.join(own)!r}",
            rule="one column identifies what is sold",
            remedy="remove one of the two lines",
        )
    if rules.ids.product and rules.ids.derived:
        raise SettingsError(
            value=f"'{file}', line {line_of(text, ['ids', 'derived'])}: ids.derived is true and ids.product is "
            f"{rules.ids.product!r}",
            rule="ids are either those of a column or derived",
            remedy="remove one of the two lines",
        )
    both = set(rules.variants.visible) & set(rules.variants.hidden)
    if both:
        raise SettingsError(
            value=f"'{file}', line {line_of(text, ['variants', 'hidden'])}: {min(both)!r} is both visible and hidden",
            rule="an option either shows in a photo or does not",
            remedy="remove it from one of the two lists",
        )


def _with_absolute_paths(rules: CatalogRules, folder: Path) -> CatalogRules:
    table, photos = rules.source.table, rules.photos.folder
    return rules.model_copy(
        update={
            "source": rules.source.model_copy(update={"table": table and folder / table}),
            "photos": rules.photos.model_copy(update={"folder": photos and folder / photos}),
        }
    )
