"""Which encoding a text file is in: as its byte order mark says, UTF-8 if most of it is, else the likeliest one."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from fashion_assets.errors import SourceError

_CHUNK = 1 << 20
_SAMPLE = 1 << 17
"""Bytes in lines that are not ASCII, for guessing; more of them cost seconds and decide nothing."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_CANDIDATES = (
    "cp1252",
    "mac_roman",
    "cp1250",
    "cp1251",
    "cp1254",
    "cp1253",
    "cp1257",
    "iso8859_2",
    "cp850",
    "koi8_r",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
    "cp1255",
    "cp1256",
)
"""What exports are written in besides UTF-8, likeliest first: of equally likely ones the first is taken."""

_UNDECODABLE = re.compile("[\udc80-\udcff]")
_SIGN_IN_WORD = re.compile(r"[£¥¯¹³ºª¼½¾][^\W\d_]|[^\W\d_][¿¡£¥¯¹¼½¾]")
"""Signs of cp1252 and cp1254 that stand for letters in other encodings: in and before letters they are no signs."""


_TURKISH, _ICELANDIC = re.compile("[ýþðÝÞÐ]"), re.compile("[áíúæÁÍÚÆ]")
"""Where Turkish has ı, ş and ğ, cp1252 has letters of Icelandic, which has the others, too."""


@dataclass(frozen=True)
class Encoding:
    """`codec` is Python's name, `label` the one for people; `notes` say what was detected, if it is not UTF-8."""

    codec: str
    label: str = "UTF-8"
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> str:
        """How to decode what is not in the encoding: as surrogates, which keep the byte, where the codec can."""
        return _errors(self.codec)

    def problem(self, text: str) -> str | None:
        """What is wrong with a text of which some bytes could not be decoded; None if it is whole."""
        undecodable = _UNDECODABLE.search(text)
        if undecodable is None:
            return None if text.isascii() or _can_encode(text) else f"the line is not {self.label}"
        byte = ord(undecodable[0]) & 0xFF
        return f"byte 0x{byte:02x} is not {self.label}; save the source as UTF-8"


def stated_encoding(content: Path, path: Path, name: str) -> Encoding:
    """The encoding that a person names, whatever the file looks like.

    Raises SourceError if there is no such encoding, or if the file is not in it: more of its characters that are not
    ASCII cannot be decoded than can.
    """
    try:
        "".encode(name)
        codec = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise SourceError(
            value=f"The encoding is stated as '{name}'",
            rule="it must be one that Python knows, as utf-8, cp1252, latin-1 or shift_jis",
            remedy="state one of these, or leave it out to have it detected",
        ) from error
    if codec in ("utf-8", "utf-16"):  # the former may have a mark, and the latter none
        codec = {"utf-8": "utf-8-sig"}.get(codec) or _utf_16(content)
    is_wide = codec.startswith(("utf-16", "utf-32"))
    read = _Counts(0, 1) if is_wide and not _has_nul(content) else _count(content, codec)
    if read.undecodable > read.not_ascii:
        raise SourceError(
            value=f"'{path}' cannot be decoded as {_label(codec)}",
            rule="that is the encoding stated for it",
            remedy="state its real encoding, or leave it out to have it detected",
        )
    return Encoding(codec, _label(codec))


def detect_encoding(content: Path) -> Encoding:
    """The encoding of a text file; single bytes that are not in it are left to the rows that hold them."""
    with content.open("rb") as file:
        start = file.read(4096)
    codec = _marked(start) or _unmarked_utf_16(start)
    if codec is None:
        read = _count(content, "utf-8-sig")
        if not read.undecodable or read.not_ascii > read.undecodable:
            return UTF_8
        codec = _guess(content)
    if codec == UTF_8.codec:
        return UTF_8
    return Encoding(codec, _label(codec), (f"Read as {_label(codec)} (it is not UTF-8).",))


UTF_8 = Encoding("utf-8-sig")


class _Counts(NamedTuple):
    not_ascii: int
    undecodable: int


def _count(content: Path, codec: str) -> _Counts:
    """How many characters that are not ASCII are decoded, and how many bytes are not."""
    decoder = codecs.getincrementaldecoder(codec)(_errors(codec))
    not_ascii = undecodable = 0
    for chunk in _chunks(content):
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            not_ascii += len(text) - len(text.encode("ascii", "ignore"))
            undecodable += 0 if _can_encode(text) else len(_UNDECODABLE.findall(text))
    return _Counts(not_ascii - undecodable, undecodable)


def _chunks(content: Path) -> Iterator[bytes]:
    """The file's bytes, and at last an empty chunk."""
    with content.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
    yield b""


def _can_encode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_nul(content: Path) -> bool:
    return any(b"\0" in chunk for chunk in _chunks(content))


def _marked(start: bytes) -> str | None:
    return next((codec for mark, codec in _MARKS if start.startswith(mark)), None)


def _utf_16(content: Path) -> str:
    """The codec for a file that is said to be UTF-16, with a mark or without."""
    with content.open("rb") as file:
        start = file.read(4096)
    return "utf-16" if _marked(start) == "utf-16" else _unmarked_utf_16(start) or "utf-16-le"


def _unmarked_utf_16(start: bytes) -> str | None:
    """UTF-16 without a mark: of mostly Latin text, one byte in two is NUL."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) <= len(start) // 4 or min(even, odd) > max(even, odd) // 10:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(content: Path) -> str:
    """The likeliest of _CANDIDATES; cp1252, which nearly any bytes are, if none is likely."""
    from charset_normalizer import from_bytes

    sample = _lines_beyond_ascii(content)
    matches = list(from_bytes(sample, cp_isolation=list(_CANDIDATES)))
    ranks = {
        codec: (match.chaos, -match.coherence, _CANDIDATES.index(codec))
        for match in matches
        for codec in match.could_be_from_charset
        if codec in _CANDIDATES
    }
    western = sample.decode("cp1252", "ignore")
    if _SIGN_IN_WORD.search(western):
        ranks = {codec: rank for codec, rank in ranks.items() if codec not in ("cp1252", "cp1254")}
    if "cp1254" in ranks and _TURKISH.search(western) and not _ICELANDIC.search(western):
        return "cp1254"
    return min(ranks, key=lambda codec: ranks[codec], default="cp1252")


def _lines_beyond_ascii(content: Path) -> bytes:
    sample = b""
    with content.open("rb") as file:
        for line in iter(partial(file.readline, _SAMPLE), b""):
            if not line.isascii():
                sample += line
            if len(sample) > _SAMPLE:
                break
    return sample[:_SAMPLE]


def _errors(codec: str) -> str:
    return "replace" if codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _label(codec: str) -> str:
    windows = re.fullmatch(r"cp(125\d)", codec)
    names = {"utf-8-sig": "UTF-8", "mac_roman": "Mac Roman", "mac-roman": "Mac Roman"}
    return f"Windows-{windows[1]}" if windows else names.get(codec, codec.upper().replace("_", "-"))
