"""Photo paths that the shop makes from other columns, such as `images/{article_id:.3}/{article_id}.jpg`."""

import re
from collections.abc import Collection
from string import Formatter
from typing import NamedTuple
from urllib.parse import quote

import polars as pl
from rapidfuzz import process

from fashion_assets.catalog.values.distinct import read_distinct
from fashion_assets.catalog.values.paths import photo_paths
from fashion_assets.errors import SettingsError
from fashion_assets.shop.folding import fold

EXAMPLE = "write it like 'images/{id}.jpg' or 'images/{sku:.3}/{sku}.jpg'"

_FORMAT = re.compile(r"(?:(?P<fill>.)?(?P<align>[<>]))?(?P<zero>0)?(?P<width>\d{1,3})?(?:\.(?P<first>\d{1,3}))?")
_PARENT = r"(^|/)\.\.(/|$)"


class _Field(NamedTuple):
    literal: str
    """What stands before the column's value."""
    column: str | None
    format: str


def photo_template_columns(template: str, names: Collection[str]) -> list[str]:
    """The columns of `names` that the template needs, in the order of their first use.

    Raises SettingsError if it needs another, none at all, or a format that is not understood.
    """
    columns = [field.column for field in _fields(template, names) if field.column is not None]
    return list(dict.fromkeys(columns))


def render_photo_paths(template: str, columns: pl.DataFrame) -> pl.DataFrame:
    """The photo of each row, as `photo_paths` gives it: path, is_address, reason.

    `{name}` is the value of the column as text, `{name:.3}` its first three characters, `{name:010}` the value with
    zeros before it up to ten characters, `{name:x>10}` with another character (`<`: after it). `columns` has the
    shop's ids as `id`. A path is null where a value is null or empty; a value with `..` would lead to another folder
    and gives a reason. In the template of an address, values are percent-encoded.

    Raises SettingsError as `photo_template_columns` does.
    """
    fields = _fields(template, columns.columns)
    is_address = bool(re.match(r"(?:https?:)?//", template, re.IGNORECASE))
    parts: list[pl.Expr] = []
    for literal, column, spec in fields:
        parts.append(pl.lit(literal))
        if column is not None:
            values = columns[column].cast(pl.String).replace("", None)
            parts.append(pl.lit(_quoted(_formatted(values, spec)) if is_address else _formatted(values, spec)))
    rendered = columns.select(pl.concat_str(parts).alias("path"))["path"]
    places = photo_paths(rendered)
    if re.search(_PARENT, template):
        return places
    leaves = rendered.str.replace_all(r"\\", "/", literal=False).str.contains(_PARENT)
    reason = pl.format("photo path '{}' leaves its folder", rendered.str.head(80))
    return places.with_columns(
        pl.when(leaves).then(None).otherwise("path").alias("path"),
        pl.when(leaves).then(False).otherwise("is_address").alias("is_address"),
        pl.when(leaves).then(reason).otherwise("reason").alias("reason"),
    )


def _fields(template: str, names: Collection[str]) -> list[_Field]:
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise _refusal(template, f"its brackets cannot be read ({error})", EXAMPLE) from error
    fields = []
    for literal, name, spec, conversion in parsed:
        if name is None:
            fields.append(_Field(literal, None, ""))
            continue
        whole = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
        name, spec = (whole, "") if whole in names else (name, spec or "")  # columns may have colons in their names
        if name not in names:
            raise _unknown_column(template, name, names)
        if (conversion and name != whole) or not _FORMAT.fullmatch(spec):
            raise _refusal(template, f"the format '{spec or conversion}' of '{name}' is not understood", EXAMPLE)
        fields.append(_Field(literal, name, spec))
    if all(field.column is None for field in fields):
        raise _refusal(template, "it names no column, so that every product has the same photo", EXAMPLE)
    return fields


def _unknown_column(template: str, name: str, names: Collection[str]) -> SettingsError:
    nearest = process.extractOne(name, list(names), processor=fold, score_cutoff=60)
    remedy = f"write {{{nearest[0]}}}" if nearest else EXAMPLE
    return _refusal(template, f"'{name}' is none of the columns {', '.join(sorted(names))}", remedy)


def _refusal(template: str, rule: str, remedy: str) -> SettingsError:
    return SettingsError(value=f"The photo path is '{template}'", rule=rule, remedy=remedy)


def _formatted(values: pl.Series, spec: str) -> pl.Series:
    format_ = _FORMAT.fullmatch(spec)
    if not format_:
        return values
    if format_["first"]:
        values = values.str.head(int(format_["first"]))
    if not format_["width"]:
        return values
    width, fill = int(format_["width"]), format_["fill"] or ("0" if format_["zero"] else " ")
    is_before = format_["align"] == ">" or (format_["align"] is None and bool(format_["zero"]))
    return values.str.pad_start(width, fill) if is_before else values.str.pad_end(width, fill)


def _quoted(values: pl.Series) -> pl.Series:
    return read_distinct(values, lambda text: (quote(text, safe=""),), pl.Schema({"quoted": pl.String}))["quoted"]
