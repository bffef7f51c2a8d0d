"""Near duplicates: photos of the same picture, saved again or scaled, as opposed to photos that are merely similar.

A fingerprint is a pHash, which covers shapes but not colour, and the mean colour, which covers no shapes.
"""

from collections.abc import Iterator

import imagehash
import numpy as np
import polars as pl
from PIL import Image

HASH_SIDE = 16
"""The pHash has HASH_SIDE squared bits. The usual 64 confuse products that are cut out on white: of the 10 pairs with
equal hashes among 2,000 photos of the reference catalog 4 show different products, and a distance of 4 chains 93 shoes
of six kinds into one group."""

MAX_DISTANCE = 6
"""Bits in which near duplicates may differ. Measured on the same photos: copies saved again as JPEG of quality 60
differ by at most 6, 99 % of copies at half the size by at most 4, different products by 16 or more."""

MAX_COLOR_DIFFERENCE = 2
"""Steps of 255 by which the mean red, green or blue of near duplicates may differ: distinguishes the same cut in two
colours. The copies differ by at most 1."""

HASH_BYTES, COLOR_BYTES = HASH_SIDE**2 // 8, 3
_BYTES = HASH_BYTES + COLOR_BYTES


def fingerprint(photo: Image.Image) -> str:
    """The pHash and the mean colour of an RGB photo, in hex: 64 digits and rrggbb."""
    mean_color = photo.resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"{imagehash.phash(photo, HASH_SIDE)}{mean_color.hex()}"


def as_bytes(fingerprints: pl.Series) -> pl.Series:
    """Fingerprints in the form that `duplicate_groups` takes: half the size of hex."""
    return fingerprints.str.decode("hex").bin.reinterpret(dtype=pl.Array(pl.UInt8, _BYTES))


def duplicate_groups(product_ids: pl.Series, fingerprints: pl.Series) -> pl.Series:
    """For each product the smallest id among the near duplicates of its photo, direct or through others.

    `fingerprints` come from `as_bytes`. Null for unique photos and where the fingerprint is null.
    """
    is_known = fingerprints.is_not_null()
    # Equal photos first: a placeholder that thousands of products share must not become millions of pairs.
    distinct, which = _distinct(fingerprints.drop_nulls().to_numpy())
    group = _components(distinct)[which]
    smallest = np.full(len(distinct), np.iinfo(np.int64).max)
    np.minimum.at(smallest, group, product_ids.filter(is_known).to_numpy())
    is_shared = np.bincount(group)[group] > 1
    groups = pl.Series("group", [None], dtype=pl.Int64).new_from_index(0, len(is_known))
    return groups.scatter(np.flatnonzero(is_known.to_numpy())[is_shared], smallest[group][is_shared])


def _distinct(fingerprints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct rows in order, and the index of each row among them: `np.unique` with fewer copies."""
    # NumPy compares byte strings without trailing zeros, which cannot make values of one length equal.
    texts = np.ascontiguousarray(fingerprints).view(f"S{_BYTES}").ravel()
    order = np.argsort(texts)
    ordered = texts[order]
    del fingerprints, texts
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(is_first) - 1
    return ordered[is_first].view(np.uint8).reshape(-1, _BYTES), which


def _components(fingerprints: np.ndarray) -> np.ndarray:
    """The number of each distinct fingerprint's group, shape (n,), from their bytes, shape (n, 35)."""
    left, right = _near_pairs(fingerprints)
    count = len(fingerprints)
    if not len(left):
        return np.arange(count)
    from scipy.sparse import coo_array  # 0.7 s to import: not in a catalog without near duplicates
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _near_pairs(fingerprints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The positions of all near pairs of fingerprints: two arrays of equal length.

    Hashes that differ in at most MAX_DISTANCE bits are equal in at least one of MAX_DISTANCE + 1 bands, so only
    photos that share a band are compared.
    """
    hashes, colors = fingerprints[:, :HASH_BYTES], fingerprints[:, HASH_BYTES:]
    bands = np.array_split(np.arange(HASH_SIDE**2), MAX_DISTANCE + 1)
    pairs = [pair for bits in bands for pair in _near_in_band(_band(hashes, bits), hashes, colors)]
    return np.concatenate([left for left, _ in pairs]), np.concatenate([right for _, right in pairs])


def _band(hashes: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """These adjacent bits of each hash as one number, shape (n,); at most 57, so that their bytes fit into it."""
    first, last = int(bits[0]), int(bits[-1])
    number = np.zeros(len(hashes), dtype=np.uint64)
    for at in range(first // 8, last // 8 + 1):
        number = number << 8 | hashes[:, at]
    return number >> (7 - last % 8) & ((1 << len(bits)) - 1)


def _near_in_band(band: np.ndarray, hashes: np.ndarray, colors: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The near pairs among photos of equal `band`: sorted by band, each with the next, the one after that, ..."""
    order = np.argsort(band)
    ordered = band[order]
    at, step = np.arange(len(band)), 0
    while len(at) or step == 0:
        step += 1
        at = at[: np.searchsorted(at, len(band) - step)]
        at = at[ordered[at] == ordered[at + step]]
        left, right = order[at], order[at + step]
        distance = np.bitwise_count(hashes[left] ^ hashes[right]).sum(axis=1)
        color_difference = np.abs(colors[left].astype(np.int16) - colors[right]).max(axis=1)
        is_near = (distance <= MAX_DISTANCE) & (color_difference <= MAX_COLOR_DIFFERENCE)
        yield left[is_near], right[is_near]
