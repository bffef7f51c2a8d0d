"""ICC profiles of a few hundred bytes, written by hand, so that tests need none of a system's or a vendor's."""

import struct
from collections.abc import Mapping, Sequence

ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""XYZ of red, green and blue as seen in the light D50, as Adobe's own profile has them."""
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
ADOBE_GAMMA = 2.19921875
_D50 = (0.9642, 1.0, 0.8249)
_RED_IN_LAB, _WHITE_IN_LAB = (135, 208, 195), (255, 128, 128)


def rgb_profile(primaries: Sequence[Sequence[float]], gamma: float) -> bytes:
    """An RGB profile with these XYZ values of its primaries and one gamma."""
    columns = {f"{name}XYZ": _xyz(values) for name, values in zip("rgb", primaries, strict=True)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", columns | {f"{name}TRC": _curve(gamma) for name in "rgb"})


def grey_profile(gamma: float) -> bytes:
    return _profile(b"mntr", b"GRAY", b"XYZ ", {"kTRC": _curve(gamma)})


def cmyk_profile() -> bytes:
    """The profile of a printer whose cyan ink is red and whose other inks are clear."""
    identity = bytes(range(256))
    corners = b"".join(bytes(_RED_IN_LAB if corner & 8 else _WHITE_IN_LAB) for corner in range(16))
    matrix = struct.pack(">9i", *(65536 * part for part in (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    table = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + identity * 4 + corners + identity * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {"A2B0": table})


def _profile(device: bytes, space: bytes, connection: bytes, tags: Mapping[str, bytes]) -> bytes:
    described = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)
    tags = {"desc": described, "wtpt": _xyz(_D50), "cprt": b"text\0\0\0\0none\0", **tags}
    at, directory, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        directory += name.encode() + struct.pack(">II", at + len(data), len(content))
        data += content
    head = struct.pack(">I4xI4s4s4s12x4s", at + len(data), 0x02400000, device, space, connection, b"acsp")
    head = head.ljust(68, b"\0") + struct.pack(">3i", *(round(65536 * part) for part in _D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + directory + data


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * value) for value in values))


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * gamma))
