"""From an unknown table to rules for it: which column is what, how sure that is, and what is not used."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from fashion_assets.catalog.reading.members import parent_of
from fashion_assets.catalog.reading.table import SourceTable
from fashion_assets.catalog.recognition.beside import further_levels, further_photos, level_of, stated_currency
from fashion_assets.catalog.recognition.column_names import known_names, match_of, words_of
from fashion_assets.catalog.recognition.contents import (
    BY_CONTENTS,
    LEAST,
    OTHERS_LEAST,
    TESTS,
    counts_rows,
    names,
    picture_addresses,
    present,
    uniqueness,
)
from fashion_assets.catalog.recognition.first_rows import first_rows
from fashion_assets.catalog.shapes.fields import FURTHER_TEXT, PRESET_FIELDS, in_header
from fashion_assets.catalog.shapes.headers import recognized_preset, shape_columns, standard_names
from fashion_assets.catalog.values.words import read_published
from fashion_assets.errors import SourceError
from fashion_assets.shop.catalog_rules import CatalogRules, IdRules, PriceRules, SourceRules, VariantRules

_SURE = 0.75
"""Of the name's match: below it, a column is named as one to look at."""

_LEAST_MATCH = 0.3
_LEAST_MATCH_OF_TOLD = 0.15
_LEAST_PRESENT = 0.75
"""The share of rows with an id in a column that is called one; the rest is quarantined."""

_PRICES = ("price", "sale_price", "list_price")
_TOLD_BY_CONTENTS = (*_PRICES, "image_path", "gender")
"""Columns of whose name a word is enough, as in "variant price": what they hold tells the rest."""

_OPTIONS = ("base_color", "size")
_SECTIONS = ("material", "pattern", "group", "status")
"""Names that are no columns of ours but sections of the file."""

_NOT_ONLY_CATEGORIES = frozenset(["type", "class", "label", "department"])
"""Names that tell a category only together with its words."""

_LEFT_OUT = frozenset(["draft", "archived", "inactive", "disabled", "hidden", "deleted", "discontinued", "unpublished"])
"""States in which a shop does not show a product."""


@dataclass(frozen=True)
class Understood:
    """One column of ours, the shop's column for it, and why."""

    ours: str
    theirs: str
    because: str
    is_sure: bool


@dataclass(frozen=True)
class Guess:
    """Rules for a table, what they rest on, and the columns that they do not use.

    `addresses` are those among the latter that hold web addresses of pictures.
    """

    rules: CatalogRules
    understood: tuple[Understood, ...]
    unused: tuple[str, ...]
    addresses: tuple[str, ...] = ()

    @property
    def unsure(self) -> tuple[Understood, ...]:
        return tuple(column for column in self.understood if not column.is_sure)


def guess(table: SourceTable) -> Guess:
    """The rules of the preset that the table's header shows, else what names and contents of its columns suggest.

    Raises SourceError for a table without rows, and for one that cannot be read.
    """
    sample = first_rows(table)
    if sample.is_empty():
        raise SourceError(
            value=f"The source '{table.path}' has a header and no products",
            rule="columns are understood by their contents too",
            remedy="export the products again",
        )
    preset = recognized_preset(table.columns)
    guessed = _of_columns(sample, table) if preset is None else _of_preset(preset, table)
    plain = [name for name in guessed.unused if name not in table.nested]
    addresses = [name for name in plain if picture_addresses(sample[name]) >= OTHERS_LEAST]
    return replace(guessed, addresses=tuple(addresses))


def _of_preset(preset: str, table: SourceTable) -> Guess:
    standard = standard_names(preset, table.columns)
    theirs = {name: column for column, name in standard.items()}
    fields = in_header(PRESET_FIELDS[preset], [*theirs])
    because = f"the header is that of the preset `{preset}`"
    understood = [
        Understood(ours, theirs[name], because, is_sure=True)
        for ours, names in fields.columns.items()
        for name in names
    ]
    understood += [
        Understood("category", theirs[name], because, is_sure=True) for path in fields.category for name in path
    ]
    unused = [column for column, name in standard.items() if name not in shape_columns(preset)]
    rules = CatalogRules(source=SourceRules.model_validate({"preset": preset}))
    return Guess(rules, tuple(understood), tuple(unused))


def _of_columns(sample: pl.DataFrame, table: SourceTable) -> Guess:
    chosen = _assigned(sample)
    has_id = "product_id" in chosen
    columns: dict[str, tuple[str, ...]] = {ours: (one.theirs,) for ours, one in chosen.items() if ours not in _SECTIONS}
    beside = _beside(sample, chosen, table.nested)
    for column in beside:
        columns[column.ours] = (*columns[column.ours], column.theirs)
    if "category" in columns:
        columns["category"] = tuple(sorted(columns["category"], key=level_of))
    given = {name: (chosen[name].theirs,) for name in ("material", "pattern") if name in chosen}
    rules = CatalogRules(
        columns={name: theirs for name, theirs in columns.items() if name != "product_id"},
        ids=IdRules(product=chosen["product_id"].theirs) if has_id else IdRules(derived=True),
        given=given,
        variants=_variants(sample, chosen),
        exclude=_exclude(sample, chosen),
        price=PriceRules(currency=stated_currency(sample, [chosen[name].theirs for name in _PRICES if name in chosen])),
    )
    understood = (*chosen.values(), *beside)
    used = {parent_of(column.theirs, table.nested) or column.theirs for column in understood}
    return Guess(rules, understood, tuple(name for name in table.columns if name not in used))


def _beside(sample: pl.DataFrame, chosen: Mapping[str, Understood], nested: Collection[str]) -> list[Understood]:
    """Further photos, and the other levels of the category."""
    used = {column.theirs for column in chosen.values()}
    columns = []
    if "image_path" in chosen:
        main = chosen["image_path"].theirs
        other_sizes = {
            name for name in sample.columns if (parent := parent_of(main, nested)) and parent_of(name, [parent])
        }
        photos = further_photos(sample, main, used | other_sizes)
        columns += [Understood("image_path", name, "further photos", is_sure=True) for name in photos]
    if "category" in chosen:
        levels = further_levels(sample, chosen["category"].theirs, used)
        columns += [Understood("category", name, "another level of the category", is_sure=True) for name in levels]
    return columns


def _assigned(sample: pl.DataFrame) -> dict[str, Understood]:
    """The best column for each of ours; a column is used once. Some may be found by their contents alone."""
    candidates = sorted(
        (
            (score, ours, theirs, fit)
            for ours in known_names()
            for theirs in sample.columns
            if (score := match_of(theirs, ours)) >= _least_match(ours)
            if (fit := _fit(sample[theirs], ours)) is not None
        ),
        key=lambda candidate: -candidate[0],
    )
    chosen: dict[str, Understood] = {}
    used: set[str] = set()
    for score, ours, theirs, fit in candidates:
        if ours not in chosen and theirs not in used:
            chosen[ours] = Understood(ours, theirs, _because(sample[theirs], ours, fit), score >= _SURE)
            used.add(theirs)
    if "product_id" not in chosen and (theirs := _id_with_gaps(sample, used)) is not None:
        gaps = len(sample) - len(present(sample[theirs]))
        chosen["product_id"] = Understood("product_id", theirs, f"{gaps:,} rows have no value", is_sure=False)
        used.add(theirs)
    if "category" not in chosen and (theirs := _category_of_own_words(sample, used)) is not None:
        why = "so named, but few of its words mean a kind"
        chosen["category"] = Understood("category", theirs, why, is_sure=False)
        used.add(theirs)
    for ours in BY_CONTENTS:
        if ours not in _stated(chosen):
            _choose_by_contents(ours, sample, chosen, used)
    if "group" in chosen and not set(_OPTIONS) & set(chosen):
        used.remove(chosen.pop("group").theirs)  # what rows have in common matters only if they differ in an option
    if "product_id" not in chosen and (theirs := _id_by_contents(sample, used)) is not None:
        chosen["product_id"] = Understood("product_id", theirs, "each row has another value", is_sure=False)
    return {ours: chosen[ours] for ours in known_names() if ours in chosen}


def _choose_by_contents(ours: str, sample: pl.DataFrame, chosen: dict[str, Understood], used: set[str]) -> None:
    """Add the column that fits best by its contents alone, if one does. A short description may be the name."""
    own = {chosen["description"].theirs} if ours == "product_display_name" and "description" in chosen else set()
    fits = {theirs: BY_CONTENTS[ours](sample[theirs]) for theirs in sample.columns if theirs not in used - own}
    theirs = max(fits, key=fits.__getitem__, default=None)
    if theirs is None or fits[theirs] < OTHERS_LEAST:
        return
    chosen[ours] = Understood(ours, theirs, _because(sample[theirs], ours, fits[theirs]), is_sure=False)
    used.add(theirs)
    if theirs in own:
        del chosen["description"]


def _least_match(ours: str) -> float:
    return _LEAST_MATCH_OF_TOLD if ours in _TOLD_BY_CONTENTS else _LEAST_MATCH


def _stated(chosen: Mapping[str, Understood]) -> set[str]:
    """What is chosen, with the price where another column of prices is."""
    return {*chosen, *(["price"] if set(_PRICES) & set(chosen) else [])}


def _fit(values: pl.Series, ours: str) -> float | None:
    """The share of values that fit, None if they are too few; 1 where only the name can tell."""
    if present(values).is_empty():
        return None
    if ours not in TESTS:
        return 1.0
    share = TESTS[ours](values)
    return share if share >= LEAST.get(ours, OTHERS_LEAST) else None


def _because(values: pl.Series, ours: str, fit: float) -> str:
    if ours == "product_id":
        return f"{values.n_unique():,} different values in {len(values):,} rows"
    example = present(values).first()
    shown = str(example) if len(str(example)) <= 40 else f"{str(example)[:40]}..."
    return f"as in {shown!r}" if ours not in TESTS else f"{fit:.0%} of the values fit, as {shown!r}"


def _id_with_gaps(sample: pl.DataFrame, used: set[str]) -> str | None:
    """The column that is called an id, although some rows have none."""
    named = sorted(((match_of(name, "product_id"), name) for name in sample.columns if name not in used), reverse=True)
    for score, name in named:
        if score >= _SURE and uniqueness(sample[name], _LEAST_PRESENT) >= LEAST["product_id"]:
            return name
    return None


def _category_of_own_words(sample: pl.DataFrame, used: set[str]) -> str | None:
    """The column that is called a category, although hardly any of its words means a kind: a person can map them."""
    named = sorted(((match_of(name, "category"), name) for name in sample.columns if name not in used), reverse=True)
    for score, name in named:
        if score >= _SURE and words_of(name) not in _NOT_ONLY_CATEGORIES and names(sample[name]) >= OTHERS_LEAST:
            return name
    return None


def _id_by_contents(sample: pl.DataFrame, used: set[str]) -> str | None:
    unique = [
        name
        for name in sample.columns
        if name not in used
        and uniqueness(sample[name]) == 1
        and not sample[name].str.contains(r"[\s/\[{\p{Sc}]|^\d+[.,]\d+$").any()
        and not counts_rows(sample[name])
    ]
    return unique[0] if unique and len(sample) > 1 else None


def _variants(sample: pl.DataFrame, chosen: Mapping[str, Understood]) -> VariantRules:
    """Groups, where a column of what rows have in common repeats its values."""
    if "group" not in chosen:
        return VariantRules()
    group = sample[chosen["group"].theirs].drop_nulls()
    if group.n_unique() == len(group):
        return VariantRules()
    visible = (chosen["base_color"].theirs,) if "base_color" in chosen else ()
    hidden = (chosen["size"].theirs,) if "size" in chosen else ()
    return VariantRules(group=chosen["group"].theirs, visible=visible, hidden=hidden)


def _exclude(sample: pl.DataFrame, chosen: Mapping[str, Understood]) -> dict[str, tuple[str, ...]]:
    """The states in which the shop does not show a product."""
    if "status" not in chosen:
        return {}
    column = chosen["status"].theirs
    states = present(sample[column]).unique(maintain_order=True)
    shown = read_published(states)
    left_out = [
        state
        for state, is_shown in zip(states, shown, strict=True)
        if is_shown is False or words_of(state) in _LEFT_OUT
    ]
    return {column: tuple(left_out)} if left_out and len(left_out) < len(states) else {}


def further_texts(rules: CatalogRules) -> Sequence[str]:
    """The columns whose words are searched besides the name."""
    own = [name for ours in FURTHER_TEXT for name in rules.columns.get(ours, ())]
    return [*own, *(name for names in rules.text.values() for name in names)]
