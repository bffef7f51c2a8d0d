"""Reads a language: one that ships, by its name, or another from a file of the same form."""

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from fashion_assets.errors import SettingsError
from fashion_assets.shop.folding import fold
from fashion_assets.shop.languages.language import Language
from fashion_assets.shop.shipped_taxonomy import shipped_taxonomy
from fashion_assets.shop.text_files import UnusableFile, parse_toml, read_text_file

SHIPPED_CODES = ("en", "de")
"""The languages that ship, each with a file of this name."""

LARGEST_FILE = 1_000_000
"""Bytes; those that ship have 10,000."""

TEMPLATES = ("material", "visible", "style", "audience")


def load_language(name_or_file: str | Path) -> Language:
    """The shipped language of that name ("German", "Deutsch", "de"), or the one in a TOML file.

    Raises SettingsError if there is none, the file cannot be read or has another form, or it has no phrase for one of
    the taxonomy's shipped values.
    """
    if isinstance(name_or_file, Path) or name_or_file.endswith(".toml"):
        return _from_file(Path(name_or_file))
    for language in shipped_languages():
        if fold(name_or_file.strip()) in map(fold, (language.code, language.name, language.own_name)):
            return language
    names = " and ".join(f"{language.name} ({language.code})" for language in shipped_languages())
    raise SettingsError(
        value=f"The language '{name_or_file}' does not ship with the project",
        rule=f"only {names} do",
        remedy="use one of these, or give a file of your own in the form of `fashion_assets/shop/languages/de.toml`",
    )


def shipped_languages() -> tuple[Language, ...]:
    """The languages that ship, English first."""
    return tuple(map(_shipped, SHIPPED_CODES))


def english() -> Language:
    """The language of the taxonomy that ships."""
    return _shipped("en")


@lru_cache
def _shipped(code: str) -> Language:
    file = f"{code}.toml"
    return _language(files("fashion_assets.shop.languages").joinpath(file).read_text("utf-8"), file)


def _from_file(file: Path) -> Language:
    try:
        return _language(read_text_file(file, LARGEST_FILE), str(file))
    except UnusableFile as error:
        raise SettingsError(
            value=f"The language file '{file}' {error}",
            rule=f"it must be a text in UTF-8, of at most {LARGEST_FILE} bytes",
            remedy="correct its name, or save it as such",
        ) from error


def _language(text: str, file: str) -> Language:
    try:
        data = parse_toml(text)
    except UnusableFile as error:
        raise SettingsError(
            value=f"The language file '{file}' {error}", rule="it must be", remedy="correct that line"
        ) from error
    try:
        language = TypeAdapter(Language).validate_python(data)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise SettingsError(
            value=f"The language file '{file}' has a mistake in '{place}'",
            rule=f"{problem['msg'][:1].lower()}{problem['msg'][1:]}",
            remedy="compare it with `fashion_assets/shop/languages/de.toml`",
        ) from error
    for value, rule, remedy in _problems(language):
        raise SettingsError(value=f"The language file '{file}' {value}", rule=rule, remedy=remedy)
    return language


def _problems(language: Language) -> Iterator[tuple[str, str, str]]:
    """What the types do not say: (value, rule, remedy) for each."""
    wording, query = language.description, language.query
    for name in TEMPLATES:
        if getattr(wording, name).count("{}") != 1:
            yield f"has '{getattr(wording, name)}' as description.{name}", "it must contain one {}", "add or remove {}"
    if len(set(wording.opening)) < len(wording.opening):
        yield "repeats a part in description.opening", "each must be there once", "remove the repetition"
    try:
        re.compile(query.word_ending)
    except re.error as error:
        yield f"has an error in query.word_ending ({error})", "it must be a regular expression", "correct it"
    for attribute in () if language.is_of_taxonomy else shipped_taxonomy().visible:
        for value in attribute.vocabulary:
            if not value.says_nothing and value.name not in language.phrases.get(attribute.key, {}):
                yield (
                    f"has no phrase for the {attribute.key} '{value.name}'",
                    'it needs one for every value that ships, and "" leaves a value out of descriptions',
                    f"add it under [phrases.{attribute.key}]",
                )
