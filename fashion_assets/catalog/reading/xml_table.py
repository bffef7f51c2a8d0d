"""XML feeds as a table: an item of a Google Merchant feed (RSS or Atom), or of another feed, is a row.

An item's children are columns, called as their tags without the namespace; where a tag occurs with and without Google's
namespace, Google's wins. Children that repeat are joined as lists are; those with children of their own are JSON.
Attributes of the item are columns, too, if no child has their name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fashion_assets.catalog.reading.encoding import Encoding
from fashion_assets.catalog.reading.kinds import no_table
from fashion_assets.catalog.reading.table import RawPart, Row, SourceTable, as_json, joined, parts_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ITEMS = ("item", "entry", "product", "offer", "shopitem")
"""Tags of items, in lower case: RSS, Atom, and what feeds of marketplaces have."""

GOOGLE = "http://base.google.com/ns/1.0"


def open_xml(content: Path, path: Path, encoding: Encoding | None = None) -> SourceTable:
    """The XML file `content`, called `path` in messages; `encoding` is one that overrides the file's declaration.

    Raises SourceError if it is not well-formed, defines entities of its own, or has no item.
    """
    source = _XmlSource(content, path, encoding and encoding.codec.removesuffix("-sig"))
    columns: dict[str, None] = {}
    nested: dict[str, str] = {}
    for item in source:
        cells = _cells(item)
        columns |= dict.fromkeys(cells)
        nested |= {name: "XML" for name, cell in cells.items() if not isinstance(cell, str)}
    if not columns:
        raise no_table(path, f"is XML without items (elements called {', '.join(ITEMS)})")
    return SourceTable(
        path, tuple(columns), partial(source.parts, tuple(columns)), encoding.notes if encoding else (), nested=nested
    )


@dataclass(frozen=True)
class _XmlSource:
    content: Path
    path: Path
    encoding: str | None

    def __iter__(self) -> Iterator["Element"]:
        from xml.etree.ElementTree import ParseError

        from defusedxml import DefusedXmlException

        try:
            yield from self._items()
        except DefusedXmlException as error:
            raise no_table(self.path, "is XML that defines entities of its own", "export it without them") from error
        except (ParseError, LookupError, ValueError) as error:
            raise no_table(self.path, f"is not well-formed XML ({error})", "export it again") from error

    def parts(self, columns: tuple[str, ...], rows: int) -> Iterator[RawPart]:
        yield from parts_of((_row(number, item) for number, item in enumerate(self, start=1)), columns, rows)

    def _items(self) -> Iterator["Element"]:
        from defusedxml.ElementTree import DefusedXMLParser, iterparse

        parser = DefusedXMLParser(encoding=self.encoding)
        above: list[Any] = []
        item = None
        with self.content.open("rb") as file:
            for event, element in iterparse(file, events=("start", "end"), parser=parser):
                if event == "start":
                    above.append(element)
                    if item is None and len(above) > 1 and _name(element.tag).lower() in ITEMS:
                        item = element
                    continue
                above.pop()
                if element is item:
                    yield element
                    item = None
                if item is None and above:
                    above[-1].remove(element)  # memory stays flat


def _row(number: int, item: "Element") -> Row:
    cells = _cells(item)
    texts = {name: cell if isinstance(cell, str) else as_json(cell) for name, cell in cells.items()}
    return Row(number, as_json(cells), {name: text or None for name, text in texts.items()})


def _cells(item: "Element") -> dict[str, Any]:
    """Text, or what will be JSON, by column."""
    children: dict[str, list[Element]] = {}
    for child in item:
        children.setdefault(_name(child.tag), []).append(child)
    cells = {name: _cell(alike) for name, alike in children.items()}
    return cells | {_name(name): value for name, value in item.attrib.items() if _name(name) not in cells}


def _cell(alike: list["Element"]) -> Any:
    """The cell of children with one name."""
    googles = [child for child in alike if child.tag.startswith(f"{{{GOOGLE}}}")]
    values = [_value(child) for child in googles or alike]
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values):
        return joined([text for text in texts if text])
    return values[0] if len(values) == 1 else values


def _value(element: "Element") -> Any:
    """The text of an element, or the values of its children; for an Atom link its address."""
    if len(element) and not (element.text or "").strip():
        values: dict[str, list[Any]] = {}
        for child in element:
            values.setdefault(_name(child.tag), []).append(_value(child))
        return {name: alike[0] if len(alike) == 1 else alike for name, alike in values.items()}
    return "".join(element.itertext()).strip() or element.get("href", "")


def _name(tag: Any) -> str:
    return str(tag).rpartition("}")[2]
