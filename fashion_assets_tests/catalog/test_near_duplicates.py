import io
import time
from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from PIL import Image

from fashion_assets.catalog.near_duplicates import MAX_DISTANCE, as_bytes, duplicate_groups, fingerprint
from fashion_assets_tests.factories.photo_files import product


def groups(fingerprints: Sequence[str | None], product_ids: list[int] | None = None) -> list[int | None]:
    ids = product_ids or list(range(len(fingerprints)))
    return duplicate_groups(
        pl.Series(ids, dtype=pl.Int64), as_bytes(pl.Series(fingerprints, dtype=pl.String))
    ).to_list()


def saved_again(image: Image.Image, quality: int) -> Image.Image:
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=quality)
    return Image.open(stored).convert("RGB")


def with_bits(*flipped: int, color: str = "ffffff") -> str:
    bits = np.zeros(256, dtype=np.uint8)
    bits[list(flipped)] = 1
    return bytes(np.packbits(bits)).hex() + color


def test_a_fingerprint_is_a_256_bit_hash_and_the_mean_color():
    assert fingerprint(Image.new("RGB", (3, 5), (1, 2, 255)))[64:] == "0102ff"
    assert len(fingerprint(product(0))) == 70


@pytest.mark.parametrize(
    "copy", [lambda p: saved_again(p, 90), lambda p: saved_again(p, 60), lambda p: p.resize((80, 100))]
)
def test_copies_of_a_photo_are_one_group(copy):
    photos = [product(seed) for seed in range(5)]
    fingerprints = [fingerprint(photo) for photo in [*photos, *map(copy, photos)]]
    assert groups(fingerprints) == [*range(5), *range(5)]


def test_other_shapes_and_other_colors_are_no_duplicates():
    shapes = [fingerprint(product(seed)) for seed in range(30)]
    colors = [fingerprint(product(0, color=color)) for color in ((40, 40, 200), (20, 160, 60), (30, 30, 30))]
    blanks = [fingerprint(Image.new("RGB", (9, 9), color)) for color in ("white", "grey", "black", "red")]
    assert groups([*shapes, *colors, *blanks]) == [None] * 37


@pytest.mark.parametrize(
    ("bits", "is_near"), [(MAX_DISTANCE - 1, True), (MAX_DISTANCE, True), (MAX_DISTANCE + 1, False)]
)
def test_the_boundary_of_the_distance_wherever_the_bits_lie(bits, is_near):
    evenly = [int((number + 0.5) * 256 / bits) for number in range(bits)]  # one in each of as many bands
    for spread in (range(bits), evenly, range(3, 256, 37)):
        other = with_bits(*list(spread)[:bits])
        assert groups([with_bits(), other]) == ([0, 0] if is_near else [None, None])


@pytest.mark.parametrize(("color", "is_near"), [("fdfdfd", True), ("fcffff", False)])
def test_the_boundary_of_the_color(color, is_near):
    assert groups([with_bits(), with_bits(color=color)]) == ([0, 0] if is_near else [None, None])


def test_groups_chain_and_take_the_smallest_id():
    chain = [with_bits(), with_bits(*range(6)), with_bits(*range(12)), with_bits(*range(100, 200))]
    assert groups(chain, [30, 20, 40, 10]) == [20, 20, 20, None]


def test_nulls_and_nothing():
    assert groups([None, with_bits(), None, with_bits()]) == [None, 1, None, 1]
    assert groups([None]) == [None]
    assert groups([]) == []


def test_pairs_found_by_bands_are_those_found_by_comparing_all():
    chance = np.random.default_rng(0)
    bits = np.repeat(chance.integers(0, 2, (60, 256), dtype=np.uint8), 5, axis=0)
    for row in bits:
        row[chance.integers(0, 256, chance.integers(0, 6))] ^= 1
    actual = groups([bytes(row).hex() + "808080" for row in np.packbits(bits, axis=1)])
    expected = _by_comparing_all((bits[:, None] != bits[None]).sum(axis=2) <= MAX_DISTANCE)
    assert actual == expected


def _by_comparing_all(is_near: np.ndarray) -> list[int | None]:
    reach = is_near
    while not np.array_equal(reach, wider := (reach.astype(int) @ reach.astype(int)) > 0):
        reach = wider
    return [int(row.argmax()) if row.sum() > 1 else None for row in reach]


@pytest.mark.long_form
def test_a_large_catalog_is_grouped_in_seconds_even_with_a_shared_placeholder(is_long):
    others, seconds = (500_000, 60) if is_long else (34_424, 5)
    chance = np.random.default_rng(0)
    fingerprints = [row.tobytes().hex() for row in chance.integers(0, 256, (others, 35), dtype=np.uint8)]
    started = time.perf_counter()
    actual = groups([with_bits()] * 10_000 + fingerprints)
    assert actual == [0] * 10_000 + [None] * others
    assert time.perf_counter() - started < seconds
