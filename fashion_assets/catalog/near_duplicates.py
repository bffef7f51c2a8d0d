"""Which photos show the same thing: saved again, scaled, but not merely alike.

A fingerprint is a pHash, which sees shapes but no colour, and the mean colour, which sees no shapes.
"""

import imagehash
import numpy as np
import polars as pl
from PIL import Image

HASH_SIDE = 16
"""The pHash has HASH_SIDE squared bits. The usual 64 confuse products that are cut out on white: of the 10 pairs that
they call equal among 2,000 photos of the reference catalog 4 show different products, and a distance of 4 chains 93
shoes of six kinds into one group."""

MAX_DISTANCE = 6
"""Bits in which near duplicates may differ. Measured on the same photos: copies saved again as JPEG of quality 60
differ by 6 at most, 99 % of copies at half the size by 4, different products by 16 or more."""

MAX_COLOR_DIFFERENCE = 2
"""Steps of 255 in which the mean red, green or blue of near duplicates may differ: tells one cut in two
colours apart. The copies differ by 1 or less."""

HASH_BYTES, COLOR_BYTES = HASH_SIDE**2 // 8, 3


def fingerprint(photo: Image.Image) -> str:
    """The pHash and the mean colour of an RGB photo, in hex: 64 digits and rrggbb."""
    mean_color = photo.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return f"{imagehash.phash(photo, HASH_SIDE)}{bytes(mean_color).hex()}"


def duplicate_groups(product_ids: pl.Series, fingerprints: pl.Series) -> pl.Series:
    """For each product the smallest id among the photos that duplicate its own, directly or by way of others.

    Null for unique photos and where the fingerprint is null.
    """
    # Equal photos first: a placeholder picture that thousands of products share must not become millions of pairs.
    photos = (
        pl.DataFrame({"product_id": product_ids, "fingerprint": fingerprints})
        .drop_nulls("fingerprint")
        .group_by("fingerprint")
        .agg(pl.col("product_id").min().alias("smallest"), pl.len().alias("products"))
        .sort("fingerprint")
    )
    groups = photos.with_columns(pl.Series("group", _components(photos["fingerprint"]))).select(
        "fingerprint",
        pl.when(pl.col("products").sum().over("group") > 1).then(pl.col("smallest").min().over("group")).alias("group"),
    )
    return fingerprints.to_frame("fingerprint").join(groups, on="fingerprint", how="left", maintain_order="left")[
        "group"
    ]


def _components(fingerprints: pl.Series) -> np.ndarray:
    """The number of each distinct fingerprint's group, shape (n,)."""
    from scipy.sparse import coo_array  # 0.7 s to import, and Dagster loads this module with every definition
    from scipy.sparse.csgraph import connected_components

    left, right = _near_pairs(fingerprints)
    count = len(fingerprints)
    links = coo_array((np.ones(len(left), dtype=bool), (left, right)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _near_pairs(fingerprints: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all pairs of fingerprints that are near: two arrays of equal length.

    Hashes that differ in at most MAX_DISTANCE bits are equal in at least one of MAX_DISTANCE + 1 bands, so only
    photos that share a band are compared.
    """
    raw = np.frombuffer(bytes.fromhex("".join(fingerprints)), dtype=np.uint8).reshape(-1, HASH_BYTES + COLOR_BYTES)
    hashes, colors = raw[:, :HASH_BYTES], raw[:, HASH_BYTES:].astype(np.int16)
    bands = np.array_split(np.unpackbits(hashes, axis=1), MAX_DISTANCE + 1, axis=1)
    found = [_near_in_band(band, hashes, colors) for band in bands]
    return np.concatenate([left for left, _ in found]), np.concatenate([right for _, right in found])


def _near_in_band(band: np.ndarray, hashes: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    value = band @ (1 << np.arange(band.shape[1], dtype=np.int64))
    photos = pl.DataFrame({"at": np.arange(len(value)), "value": value})
    pairs = photos.join(photos, on="value").filter(pl.col("at") < pl.col("at_right"))
    left, right = pairs["at"].to_numpy(), pairs["at_right"].to_numpy()
    distance = np.bitwise_count(hashes[left] ^ hashes[right]).sum(axis=1)
    color_difference = np.abs(colors[left] - colors[right]).max(axis=1)
    is_near = (distance <= MAX_DISTANCE) & (color_difference <= MAX_COLOR_DIFFERENCE)
    return left[is_near], right[is_near]
