"""Getting a shop's own catalog in: a first shop's file for an unknown table, and checking a file against its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fashion_assets.app.category_proposals import NOTHING_PROPOSED, CategoryProposals, proposed_kinds
from fashion_assets.app.init_options import InitOptions, check_options, with_options
from fashion_assets.app.json_values import json_ready
from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.private_hosts import refusals, refused_hosts
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.reading.opening import open_table
from fashion_assets.catalog.reading.table import TableFormat
from fashion_assets.catalog.recognition.guess import Guess, guess
from fashion_assets.catalog.recognition.shop_file import ToConfirm, shop_file_text
from fashion_assets.catalog.recognition.survey import Survey, survey
from fashion_assets.catalog.source import open_source
from fashion_assets.errors import SettingsError, SourceError
from fashion_assets.models.clip.languages import language_warning
from fashion_assets.settings import DEMO, Settings
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.file import read_shop_file, shop_profile
from fashion_assets.shop.kinds import category_overrides
from fashion_assets.shop.languages.detection import names_language
from fashion_assets.shop.languages.reader import SHIPPED_CODES

SHOP_FILE = Path("shop.toml")

_NOT_PRINTED = dict.fromkeys(("categories", "names", "without_kind"))
"""Parts of the survey that are too long for people and programs."""


@dataclass(frozen=True)
class Understanding:
    """How a table is understood: the rules, what they rest on, what an ingest would give, and the file's folder."""

    table: Path
    guess: Guess
    rules: CatalogRules
    survey: Survey
    folder: Path
    language_warning: str | None = None
    """Why searches by words will find less, if the CLIP model does not read the language of the names."""
    proposed: CategoryProposals = NOTHING_PROPOSED
    """Kinds for `unmapped` words, which are not applied."""

    @property
    def text(self) -> str:
        """The shop's file."""
        to_confirm = ToConfirm(self.unmapped, self.proposed.proposals, self.refused_hosts)
        return shop_file_text(self.guess, self.rules, to_confirm, self.folder)

    @property
    def refused_hosts(self) -> dict[str, int]:
        """Hosts of a private network that a run will not ask, with their number of products, most first."""
        return refused_by(self.rules, self.survey)

    @property
    def refusal(self) -> str | None:
        """A sentence about `refused_hosts`, with the line of the file that allows them."""
        return refusals(self.refused_hosts)

    def fetching(self, may_fetch: bool, private_hosts: Sequence[str] = ()) -> "Understanding":
        """The same, where photos may be fetched or not, also from these hosts of a private network."""
        named = (*self.rules.photos.private_hosts, *private_hosts)
        photos = self.rules.photos.model_copy(update={"fetch": may_fetch, "private_hosts": named})
        return replace(self, rules=self.rules.model_copy(update={"photos": photos}))

    def with_proposals(self, settings: Settings, is_wanted: bool | None) -> "Understanding":
        """The same with kinds for `unmapped` words, from the CLIP model of the settings: see `proposed_kinds`."""
        return replace(self, proposed=proposed_kinds(self.survey, settings, is_wanted))

    @property
    def unmapped(self) -> list[tuple[str, int]]:
        """The shop's category words that mean no kind, with their number of products, most first."""
        return unmapped_categories(self.survey)

    def as_dict(self) -> dict[str, object]:
        """What `fashion init --json` prints."""
        return {
            "table": str(self.table),
            "rules": self.rules.model_dump(mode="json", exclude_defaults=True),
            "unused": list(self.guess.unused),
            "survey": json_ready({**vars(self.survey), **_NOT_PRINTED, "examples": self.survey.examples.to_dicts()}),
            "unmapped": dict(self.unmapped),
            "proposed": json_ready(self.proposed.proposals),
            "proposed_note": self.proposed.note,
            "refused_hosts": self.refused_hosts,
        }


def understand(table: Path, options: InitOptions, folder: Path, clip: str = DEMO) -> Understanding:
    """Guess the rules of `table` for a shop's file in `folder`, and read the table by them; nothing is written.

    `clip` is the CLIP model as set. Raises SourceError for a table that cannot be read, and OptionError or
    SettingsError for options that cannot be.
    """
    check_options(options, folder)
    opened = open_table(table, TableFormat(options.encoding, options.delimiter, options.sheet))
    guessed = guess(opened)
    rules = with_options(guessed.rules, table, options)
    _require_some_columns(rules, opened.columns, table)
    rules, surveyed = _surveyed(rules, guessed, table)
    _require_products(surveyed, table)
    if options.fetch is None and surveyed.photos.get("an address"):
        rules = rules.model_copy(update={"photos": rules.photos.model_copy(update={"fetch": True})})
    if surveyed.decimal and rules.price.decimal is None and not surveyed.is_decimal_ambiguous:
        rules = rules.model_copy(update={"price": rules.price.model_copy(update={"decimal": surveyed.decimal})})
    language = names_language(surveyed.names).code
    if options.language is None and language in SHIPPED_CODES:
        rules = rules.model_copy(update={"language": rules.language.model_copy(update={"descriptions": language})})
    return Understanding(table, guessed, rules, surveyed, folder, language_warning(clip, surveyed.names))


def _require_products(surveyed: Survey, table: Path) -> None:
    if surveyed.products:
        return
    reasons = [example for loss in (*surveyed.quarantined, *surveyed.excluded) for example in loss.examples]
    raise SourceError(
        value=f"None of the {surveyed.rows:,} rows of '{table}' gives a product ({(reasons or ['no rows'])[0]})",
        rule="a shop's file is written for a table that has some",
        remedy="name the product table, or say which columns are which with --column",
    )


def _require_some_columns(rules: CatalogRules, columns: Sequence[str], table: Path) -> None:
    if not rules.source.preset and not rules.columns:
        raise SourceError(
            value=f"No column of '{table}' is understood: they are {', '.join(columns)}",
            rule="a product needs at least a name or a photo",
            remedy="say which is which, as `--column product_display_name=...` and `--column image_path=...`",
        )


def _surveyed(rules: CatalogRules, guessed: Guess, table: Path) -> tuple[CatalogRules, Survey]:
    """The survey of the table, and the rules with columns of addresses in place of photo files that are not there."""
    root = rules.photos.folder or table.parent
    places = PhotoPlaces(root, root)
    surveyed = survey(open_source(table, rules), places)
    if guessed.addresses and surveyed.photos.get("missing", 0) * 2 > surveyed.products:
        columns = {**rules.columns, "image_path": guessed.addresses}
        rules = rules.model_copy(update={"columns": columns})
        surveyed = survey(open_source(table, rules), places)
    return rules, surveyed


def write_shop_file(understanding: Understanding, file: Path, overwrite: bool = False) -> None:
    """Write the shop's file; raises SettingsError if it cannot be, or there is one already, unless `overwrite`."""
    if not overwrite:
        require_no_file(file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(understanding.text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            value=f"The shop's file '{file}' cannot be written ({error.strerror})",
            rule="it must be a file in a folder that you may write to",
            remedy="name another one with --out",
        ) from error


def require_no_file(file: Path) -> None:
    """Raises SettingsError if there is a shop's file already."""
    if file.exists():
        raise SettingsError(
            value=f"There is a file '{file}' already",
            rule="what a person wrote in it is not replaced unasked",
            remedy="edit it and run `fashion check`, or pass --force to write it anew",
        )


@dataclass(frozen=True)
class Checked:
    """A shop's file that holds: its rules, what an ingest by them would give, and the settings that override it."""

    rules: CatalogRules
    survey: Survey
    language_warning: str | None
    touched: Mapping[str, int]
    """How many products (of `exclude`: rows) each line of the file touches, by `section.key`."""
    overridden: Sequence[str]
    """Settings of the environment that take precedence over the file."""

    @property
    def refused_hosts(self) -> dict[str, int]:
        """Hosts of a private network that a run will not ask, with their number of products, most first."""
        return refused_by(self.rules, self.survey)

    @property
    def refusal(self) -> str | None:
        """A sentence about `refused_hosts`, with the line of the file that allows them."""
        return refusals(self.refused_hosts)


def check_shop(settings: Settings) -> Checked:
    """Validate the shop's file against its table; raises SettingsError and SourceError with what is wrong."""
    rules = shop_profile(settings).catalog
    source = open_source(settings.require_source(), rules)
    surveyed = survey(source, PhotoPlaces(settings.photos_root, settings.source_photos_root))
    warning = language_warning(settings.clip or DEMO, surveyed.names)
    file = read_shop_file(settings.shop_file) if settings.shop_file else rules
    in_file = {
        "source": file.source.table,
        "preset": file.source.preset,
        "columns": {},
        "photos": file.photos.folder,
        "photo_path": None,
    }
    overridden = tuple(
        f"FASHION_{name.upper()}"
        for name, value in in_file.items()
        if name in settings.stated and getattr(settings, name) != value
    )
    return Checked(rules, surveyed, warning, touched_by(rules, surveyed), overridden if settings.shop_file else ())


_COLUMN_OF = {"image_path": "photos", "size": "sizes", "tags": "further_text", "sale_price": "list_price"}
"""The column of a product in which a column of the file ends up, where it has another name."""


def touched_by(rules: CatalogRules, surveyed: Survey) -> dict[str, int]:
    """How many products each line of the rules touches, by `section.key`; of `exclude`, how many rows."""
    filled = surveyed.filled
    touched = {f"columns.{ours}": filled.get(_COLUMN_OF.get(ours, ours), 0) for ours in rules.columns}
    touched |= {f"given.{name}": filled.get(f"given.{name}", 0) for name in rules.given}
    touched |= {f"text.{name}": filled.get("further_text", 0) for name in rules.text}
    for name in rules.exclude:
        reason = f"because {name} is "
        touched[f"exclude.{name}"] = sum(loss.count for loss in surveyed.excluded if reason in loss.what)
    for words, kind in rules.categories.items():
        maps = category_overrides({words: kind})
        touched[f"categories.{words}"] = sum(
            count for (own, _), count in surveyed.categories.items() if own and maps(own) is not None
        )
    return touched


def refused_by(rules: CatalogRules, surveyed: Survey) -> dict[str, int]:
    """The hosts of a private network that a run by these rules refuses; raises SettingsError for what is no host."""
    return refused_hosts(surveyed.private_hosts, FetchLimits.of_shop(rules.photos)) if rules.photos.fetch else {}


def unmapped_categories(surveyed: Survey) -> list[tuple[str, int]]:
    """The shop's category words that mean no kind, with their number of products, most first."""
    unmapped = [(own, count) for (own, kind), count in surveyed.categories.items() if own and not kind]
    return sorted(unmapped, key=lambda item: -item[1])
