"""Which files are photos: the formats that are decoded, their suffixes, and in words what other files are.

By content, never by name. Pillow reads forty formats more, among them programs (PostScript, which it hands to
Ghostscript): a file from outside is never opened as one of those.
"""

PHOTO_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000")
"""Names of Pillow's readers for the formats in which photos are stored; JPEG includes MPO, which phones write. HEIC is
missing, since Pillow has no decoder for it."""

PHOTO_SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".avif", ".jfif", ".jpe", ".mpo"),
    *(".tif", ".tiff", ".gif", ".bmp", ".jp2", ".j2k", ".jpf", ".jpx"),
)
"""Usual suffixes of such files, in lower case. Where one photo lies there in several formats, the first is used."""

_BEGINNINGS = {
    b"%!PS": "a PostScript file",
    b"\xc5\xd0\xd3\xc6": "a PostScript file",
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop file",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"\0\0\1\0": "an icon",
    b"\xd7\xcd\xc6\x9a": "a Windows metafile",
    b"<svg": "an SVG drawing",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
    b"<?xml": "an XML file",
}
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_READ = 256
"""Bytes that are looked at."""


def kind_in_words(content: bytes) -> str | None:
    """What a file that is no photo is instead: "a PDF document". None if its beginning does not tell."""
    if not content:
        return "an empty file"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return "a HEIC file"
    start = content[:_READ].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml") and b"<svg" in start:
        return "an SVG drawing"
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning) or start.lower().startswith(beginning.lower()):
            return kind
    return None
