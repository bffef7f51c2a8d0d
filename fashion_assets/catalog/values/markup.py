"""HTML in a text: what is a tag or an entity and what only looks like it, and the words that remain without them.

No tree is built, as parsers of whole pages do: they move and drop the text of fragments and of broken tables, and take
"<" in "A <B" for a tag. Only elements that HTML has are tags, and only entities that it has, with their semicolon.
"""

import re
from html import unescape
from html.entities import html5


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INLINE = _words(
    "a abbr acronym b basefont bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output q rp rt "
    "ruby s samp small span strike strong sub sup time tt u var wbr"
)
"""Elements that may stand within a word."""

BLOCK = _words(
    "address applet area article aside audio base blink blockquote body br button canvas caption center col colgroup "
    "datalist dd details dialog dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 "
    "h5 h6 head header hgroup hr html iframe img input legend li link main map marquee menu meta meter nav noframes "
    "noscript object ol optgroup option p param picture pre progress script search section select source style summary "
    "svg template textarea title track ul video o:p"
)
"""Elements that separate words."""

CELL, ROW, TABLE = "\x1f", "\x1e", "\x1d"
"""Marks of what separates the texts of a table; no cleaned text has them."""

TABLES = {
    **dict.fromkeys(("td", "th"), CELL),
    **dict.fromkeys(("tr", "thead", "tbody", "tfoot"), ROW),
    "table": TABLE,
}

MARKUP = r"<[/!?A-Za-z]|&[#A-Za-z]"
"""What every tag, comment and entity begins with."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9A-Fa-f]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+")
"""An escaped "&", or several times escaped as in `&amp;amp;`."""

_HIDDEN = re.compile(
    r"<(script|style|template)(?=[\s/>])[^<>]*>.*?(?:</\1\s*>|\Z)|<!--(?:(?!<!--).)*?-->|<!doctype[^<>]*>|<\?xml[^<>]*\?>",
    re.IGNORECASE | re.DOTALL,
)
_CDATA = re.compile(r"<!\[CDATA\[((?:(?!<!\[CDATA\[).)*?)\]\]>", re.DOTALL)
_ATTRIBUTES = r"""(?:\s(?:(?:[^'"<>]++|"[^"]*+"|'[^']*+')*+(?=>)|[^<>]*+))?+"""
_TAG = re.compile(rf"<(/?)([A-Za-z][A-Za-z0-9:-]*){_ATTRIBUTES}/?>")
_BETWEEN_TEXTS = re.compile(rf"[\s{CELL}{ROW}{TABLE}]+")


def without_markup(text: str, *, any_element: bool = False) -> str:
    """The text with entities as characters, and without tags and comments, however often it was escaped.

    Tags that separate words become a space, cells of a table ", ", its rows "; ". With `any_element`, elements that
    HTML does not have are tags too, as `<x-price>`.
    """
    before = None
    while text != before:
        before, text = text, _less_markup(text, any_element)
    return text


def _less_markup(text: str, any_element: bool) -> str:
    text = _ENTITY.sub(_character, _AMPERSANDS.sub("&", text))
    text = _CDATA.sub(r"\1", _HIDDEN.sub(" ", text))
    text = _TAG.sub(lambda tag: _replacement(tag, text, any_element), text)
    return _BETWEEN_TEXTS.sub(_separator, text).strip()


def _character(entity: re.Match[str]) -> str:
    is_listed = entity[0][1] == "#" or entity[0][1:] in html5
    return unescape(entity[0]) if is_listed else entity[0]


def _replacement(tag: re.Match[str], text: str, any_element: bool) -> str:
    name = tag[2].lower()
    if name in TABLES:
        return TABLES[name]
    if name in INLINE:
        return tag[0] if _is_letter_in_brackets(tag, text) else ""
    return " " if any_element or name in BLOCK else tag[0]


def _is_letter_in_brackets(tag: re.Match[str], text: str) -> bool:
    """Whether it is a letter such as a size in "Shirt <S>", and not an element, which would be closed."""
    if not re.fullmatch("<[A-Z]>", tag[0]):
        return False
    return f"</{tag[2].lower()}>" not in text.lower()


def _separator(marks: re.Match[str]) -> str:
    is_at_end = marks.start() == 0 or marks.end() == len(marks.string)
    if is_at_end or TABLE in marks[0] or marks.string[marks.start() - 1] in ":;,":
        return " "
    return "; " if ROW in marks[0] else ", " if CELL in marks[0] else " "
