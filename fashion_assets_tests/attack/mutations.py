"""More hostile inputs from others: bytes changed, cut, repeated and replaced by what programs trip over."""

import random
from collections.abc import Sequence

_TRIPPING = [
    *(b"\0", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0", b"\x01\0\0\0\0\0\0\0"),
    *(
        b"\r\n",
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xe2\x80\xae",
        b"%s%n",
        b"{{",
        b"}}",
        b"{%",
        b"'\"`",
        b"<!--",
        b"]]>",
    ),
    *(
        b"1e999",
        b"-1",
        b"99999999999999999999",
        b"NaN",
        b"null",
        b"[" * 500,
        b"{" * 500,
        b"../" * 9,
        b"=1+1",
        b"\x1b[2J",
    ),
]
_MOST_CHANGES = 6
_LARGEST = 2_000_000
"""Bytes; only small inputs are changed, since large ones have one trick."""


def mutated(content: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """`content` after a few changes, with parts of `others` in it."""
    if len(content) > _LARGEST:
        return content
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        at, end = sorted((chance.randint(0, len(content)), chance.randint(0, len(content))))
        end = min(end, at + chance.choice((1, 4, 64, 4096)))
        match chance.randrange(6):
            case 0:
                content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
            case 1:
                content = content[:at] + content[end:]
            case 2:
                content = content[:end] + content[at:end] * chance.choice((1, 3, 200)) + content[end:]
            case 3:
                content = content[:at] + chance.choice(_TRIPPING) + content[at:]
            case 4:
                tripping = chance.choice(_TRIPPING)
                content = content[:at] + tripping + content[at + len(tripping) :]
            case _:
                other = chance.choice(others)[:_LARGEST]
                start = chance.randint(0, len(other))
                content = content[:at] + other[start : start + 4096] + content[end:]
    return content
