"""A shop's product table, opened: its columns understood by the shop's rules, its rows as offers.

Reading files is in `reading/`, what columns of known tables mean in `shapes/`; which rows are good is decided in
`validation.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fashion_assets.catalog.reading.members import with_members
from fashion_assets.catalog.reading.opening import open_table
from fashion_assets.catalog.reading.table import SourceTable, TableFormat
from fashion_assets.catalog.shapes.fields import WITH_OPTIONS, Fields, fields_of, in_header
from fashion_assets.catalog.shapes.headers import recognized_preset, standard_names, with_standard_names
from fashion_assets.catalog.shapes.offers import missing_columns, offers
from fashion_assets.catalog.shapes.records import Repairs
from fashion_assets.catalog.validation import Judging
from fashion_assets.errors import SourceError
from fashion_assets.shop.catalog_rules import CatalogRules, SourceRules
from fashion_assets.shop.kinds import Kind, category_overrides, map_category

NAME = "product_display_name"


@dataclass(frozen=True)
class Source:
    """A source that can be read: the table, the columns that it has of `fields`, and how its rows are judged."""

    path: Path
    table: SourceTable
    fields: Fields
    rules: CatalogRules
    judging: Judging

    @property
    def notes(self) -> tuple[str, ...]:
        """What was detected, in sentences."""
        return self.table.notes

    def offers(self, repairs: Repairs) -> Iterator[pl.DataFrame]:
        """The rows as OFFERS, a part at a time, adding to `repairs`; raises SourceError if it cannot be read."""
        return offers(self.table, self.fields, self.rules, repairs)


def open_source(path: Path, rules: CatalogRules) -> Source:
    """Open the product table `path`.

    Raises SourceError if it cannot be read, or lacks what the rules name, and SettingsError for rules that cannot be.
    """
    wanted = fields_of(rules)
    written = table_format(rules.source)
    names, keys = wanted.columns.get(NAME, ()), wanted.product_id
    table = open_table(path, written, name_column=next(iter(names), None), key_column=next(iter(keys), None))
    table = with_members(table, sorted(wanted.named_columns()))
    standard = standard_names(rules.source.preset, table.columns)
    fields = in_header(wanted, [*standard.values()], standard)
    _check_columns(standard, wanted, fields, rules, path)
    table = with_standard_names(table, standard)
    _check_cells(table, fields, path)
    return Source(path, table, fields, rules, _judging(fields, rules))


def table_format(source: SourceRules) -> TableFormat:
    """How the shop's file says that the table is written."""
    return TableFormat(source.encoding, source.delimiter, source.sheet, source.quote, source.escape)


def _judging(fields: Fields, rules: CatalogRules) -> Judging:
    levels = [fields.columns.get(name) for name in ("master_category", "sub_category", "article_type")]
    return Judging(
        has_ids=bool(fields.product_id) and not rules.ids.derived,
        has_groups=bool(fields.hidden) or rules.source.preset in WITH_OPTIONS,
        has_levels=any(levels),
        kind_of=_kind_of(rules),
    )


def _kind_of(rules: CatalogRules) -> Callable[[str, str | None], Kind | None]:
    by_shop = category_overrides(rules.categories)

    def kind_of(category: str, name: str | None) -> Kind | None:
        return by_shop(category) or map_category(category, name=name)

    return kind_of


def _check_columns(
    standard: Mapping[str, str], wanted: Fields, present: Fields, rules: CatalogRules, path: Path
) -> None:
    columns = f"its columns are {', '.join(standard)}"
    preset = recognized_preset(standard)
    remedy = f"`fashion init {path}` finds out what its columns mean"
    if preset and preset != rules.source.preset:
        remedy = f"set FASHION_PRESET={preset}, as this looks like that kind of table, or run `fashion init {path}`"
    lacking = missing_columns(wanted, [*standard, *standard.values()])
    if lacking:
        raise SourceError(
            value=f"The source '{path}' has no column '{lacking[0]}': {columns}",
            rule="a column that the preset, the settings or the shop's file name must be there",
            remedy=f"correct its name; {remedy}",
        )
    if not present.product_id and not rules.ids.derived:
        named = ", ".join(repr(name) for name in wanted.product_id)
        raise SourceError(
            value=f"The source '{path}' has no column {named} for product_id: {columns}",
            rule="product_id is required",
            remedy=remedy,
        )
    if not present.named_columns() - set(present.product_id) and not present.photo_path:
        raise SourceError(
            value=f"The source '{path}' has no product columns besides the id: {columns}",
            rule="a product needs more than an id",
            remedy=remedy,
        )


def _check_cells(table: SourceTable, fields: Fields, path: Path) -> None:
    used = fields.named_columns()
    for name in table.repeated:
        if name in used:
            raise SourceError(
                value=f"The source '{path}' has the column '{name}' more than once",
                rule="a column that is used may occur once",
                remedy="rename or remove one",
            )
    for name, dtype in table.nested.items():
        if name in used and name not in fields.columns.get("image_path", ()):
            raise SourceError(
                value=f"The column '{name}' of '{path}' is of type {dtype}",
                rule="a product's columns are texts and numbers",
                remedy=f"name a member of it, as `{name}.value`, or another column in [columns] of the shop's file",
            )
