"""The grounding control: does the model look at the photos? It gets empty photos, and photos of other products.

No labels are needed. A model should not be sure of a material in an empty photo. And a product with another product's
photo should get the answers that fit the photo: a model that relies on anything else (the product, a cache, a habit)
keeps the product's own answers, or gives the same ones about everything. The swapped photo is mirrored and re-encoded,
so that its hash is in no cache.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from PIL import Image, ImageOps

from fashion_assets.models.photos import PhotoProblem, open_photo
from fashion_assets.shop.limits import PilotLimits
from fashion_assets.shop.profile import SHIPPED, ShopProfile

_SIDES = (480, 640)
_LARGEST_SIDE = 1024


@dataclass(frozen=True)
class Control:
    """Rows to infer, in the columns of the sample, with photos below `photos_root`.

    `swapped` are products of the sample with the photo of another one; `pairs` has `product_id` and `shown`, the
    product that the photo is of.
    """

    photos_root: Path
    blank: pl.DataFrame
    swapped: pl.DataFrame
    pairs: pl.DataFrame


@dataclass(frozen=True)
class Grounding:
    """The result of the control: counts, and the reasons if it `failed`."""

    blanks: int
    sure_about_blanks: int
    pairs: int
    different: int
    following: int
    staying: int
    reasons: tuple[str, ...]

    @property
    def failed(self) -> bool:
        return bool(self.reasons)


def make_control(
    sample: pl.DataFrame, photos_root: Path, folder: Path, limits: PilotLimits = SHIPPED.limits.pilot
) -> Control:
    """Write the control's photos into `folder`; the same sample gives the same files.

    Pairs are of products of different article types wherever there are two types.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blank = [
        row | _photo_of(_empty_photo(number, limits.empty_photos), folder, f"blank_{number}.jpg")
        for number, row in enumerate(sample.head(limits.empty_photos).iter_rows(named=True))
    ]
    swapped, pairs = [], []
    for row, other in _pairs(sample, limits.swapped_photos):
        try:
            photo = ImageOps.mirror(open_photo(photos_root / other["image_path"], other["photo_sha256"]))
        except PhotoProblem:  # its product is a failure of the sample already
            continue
        photo.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
        swapped.append(row | _photo_of(photo, folder, f"swapped_{row['product_id']}.jpg"))
        pairs.append({"product_id": row["product_id"], "shown": other["product_id"]})
    return Control(
        folder,
        pl.DataFrame(blank, schema=sample.schema),
        pl.DataFrame(swapped, schema=sample.schema),
        pl.DataFrame(pairs, schema={"product_id": pl.Int64, "shown": pl.Int64}),
    )


def judge_grounding(
    sample: pl.DataFrame,
    blank: pl.DataFrame,
    swapped: pl.DataFrame,
    pairs: pl.DataFrame,
    profile: ShopProfile = SHIPPED,
) -> Grounding:
    """Judge the control by the attributes of the sample, of the empty photos and of the swapped ones.

    The essential attributes are compared, which every product is asked.
    """
    taxonomy, limits = profile.taxonomy, profile.limits.pilot
    compared = [attribute.column for attribute in taxonomy.essential]
    is_sure = pl.col("confidence_material").is_in(taxonomy["confidence"].sure_values) & (
        pl.col("material") != taxonomy["material"].cannot_tell
    )
    sure = len(blank.filter("extraction_success", is_sure))
    answers = sample.filter("extraction_success").select("product_id", *compared)
    answered = (
        swapped.filter("extraction_success")
        .select("product_id", *compared)
        .join(pairs, on="product_id")
        .join(answers, on="product_id", suffix="_own")
        .join(answers.rename({"product_id": "shown"}), on="shown", suffix="_shown")
    )
    cells = pl.concat(
        [pl.DataFrame(schema={"answer": pl.String, "own": pl.String, "shown": pl.String})]
        + [answered.select(answer=name, own=f"{name}_own", shown=f"{name}_shown") for name in compared]
    ).filter(pl.col("own") != pl.col("shown"))
    following = len(cells.filter(pl.col("answer") == pl.col("shown")))
    staying = len(cells.filter(pl.col("answer") == pl.col("own")))
    reasons = []
    if len(blank) and sure / len(blank) > limits.most_sure_about_nothing:
        reasons.append(f"The model is sure of a material in {sure} of {len(blank)} empty photos.")
    types = sample["article_type"].n_unique()
    if len(pairs) and types > 1 and len(cells) < limits.fewest_different:
        reasons.append(
            f"The model gives nearly the same answers about everything: only {len(cells)} of "
            f"{len(compared) * len(pairs)} answers exist and differ between products of different article types."
        )
    elif len(cells) and following / len(cells) < limits.fewest_following:
        reasons.append(
            f"When products get other products' photos, only {following} of {len(cells)} answers follow the photo, and "
            f"{staying} stay with the product."
        )
    return Grounding(len(blank), sure, len(pairs), len(cells), following, staying, tuple(reasons))


def _empty_photo(number: int, count: int) -> Image.Image:
    """One of `count` even greys, from black to white."""
    return Image.new("RGB", _SIDES, (255 * number // max(count - 1, 1),) * 3)


def _pairs(sample: pl.DataFrame, count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    rows = sample.to_dicts()
    half = len(rows) // 2
    pairs = []
    for place, row in enumerate(rows[:count]):
        others = [rows[(place + half + step) % len(rows)] for step in range(len(rows))]
        unlike = [other for other in others if other["article_type"] != row["article_type"]]
        chosen = next(iter(unlike or [other for other in others if other is not row]), None)
        if chosen is not None:
            pairs.append((row, chosen))
    return pairs


def _photo_of(photo: Image.Image, folder: Path, name: str) -> dict[str, str]:
    photo.save(folder / name, "JPEG", quality=92)
    return {"image_path": name, "photo_sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
