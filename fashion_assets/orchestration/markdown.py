"""Text in the Dagster UI that stays text.

The UI renders Markdown of GitHub's kind in metadata and in the descriptions of check results: there, a product's name
could be a picture, which the browser of whoever looks requests, a link, or a cell of its own. Whatever comes from a
catalog, a model, a server or a file's name goes through `inert`.
"""

import html
import re

_ACTIVE = re.compile(r"[\\`*\[\]<|~]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w])")
"""What makes Markdown or HTML: these become character references, which mean themselves and nothing else. An underscore
within a word is none, so that names of columns and checks stay readable in logs too."""

_AT_THE_START = re.compile(r"^(?:>|#(?=#{0,5}(?:\s|$))|[-+](?=\s|$)|[-=](?=[-=\s]+$)|\d(?=\d{0,8}[.)](?:\s|$)))")
"""What begins a heading, a quotation, a list, or a line below a heading."""

_STARTS_OF_LINKS = re.compile(r"(?i)(?<=https:)(?=/)|(?<=http:)(?=/)|(?<=ftp:)(?=/)|(?<=www)(?=\.)|(?<=@)")
"""Where addresses of the web and of mail are told from other text, which needs no marks around them. It happens after
character references are read, so that only another character in between helps."""

_NO_LINK = "\u200b"
"""A space of no width: to the eye, the text is the same."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b\s]+")
_DIRECTIONS = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def inert(text: str) -> str:
    """`text` in one line as Markdown that shows it and does nothing: no link, no picture, no markup, no cell."""
    text = _DIRECTIONS.sub("", _CONTROL.sub(" ", text)).strip()
    text = _AT_THE_START.sub(_reference, _ACTIVE.sub(_reference, text))
    return _STARTS_OF_LINKS.sub(_NO_LINK, text)


def _reference(sign: re.Match[str]) -> str:
    return f"&#{ord(sign[0])};"


def readable(text: str) -> str:
    """What `inert` made this of, for other places than the UI."""
    return html.unescape(text.replace(_NO_LINK, ""))
