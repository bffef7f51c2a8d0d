"""The grounding control: empty photos, and products with other products' photos."""

import polars as pl
import pytest

from fashion_assets.models.photos import open_photo
from fashion_assets.quality.pilot.grounding import judge_grounding, make_control
from fashion_assets_tests.factories import BLUE, RED, attributes, photographed, products

NO_PAIRS = pl.DataFrame(schema={"product_id": pl.Int64, "shown": pl.Int64})


@pytest.fixture
def sample(tmp_path):
    """Shirts with red and watches with blue photos."""
    return products(
        *(
            photographed(
                number,
                tmp_path,
                (200 - number, 0, 0) if number % 2 else (0, 0, 200 - number),
                article_type="Shirts" if number % 2 else "Watches",
            )
            for number in range(1, 51)
        )
    )


def test_the_control_has_empty_photos_and_mirrored_ones_of_other_types(sample, tmp_path):
    control = make_control(sample, tmp_path, tmp_path / "control")
    assert (len(control.blank), len(control.swapped)) == (10, 20)
    types = dict(sample.select("product_id", "article_type").iter_rows())
    assert all(types[own] != types[shown] for own, shown in control.pairs.iter_rows())
    own, shown = control.pairs.row(0)
    red, _, blue = open_photo(control.photos_root / f"swapped_{own}.jpg").resize((1, 1)).getpixel((0, 0))
    assert (red > blue) == (types[shown] == "Shirts")
    assert not set(control.swapped["photo_sha256"]) & set(sample["photo_sha256"])


def test_the_same_sample_gives_the_same_files(sample, tmp_path):
    first, again = (make_control(sample, tmp_path, tmp_path / name) for name in ("one", "two"))
    assert first.swapped.equals(again.swapped)
    assert first.blank.equals(again.blank)


def judged(said: str, own: str = "leather", shown: str = "metal", rows: int = 12, sure: int = 0):
    """`rows` pairs that all say `said` where `own` and `shown` would be right; `sure` of ten empty photos named."""
    ids = range(rows)
    of_sample = [
        {"product_id": n + shift, "article_type": kind, "material": material}
        for n in ids
        for shift, kind, material in ((0, "Shirts", own), (100, "Watches", shown))
    ]
    blank = [
        {"product_id": n, "material": "denim" if n < sure else "unknown", "confidence_material": "medium"}
        for n in range(10)
    ]
    swapped = [{"product_id": n, "material": said} for n in ids]
    pairs = pl.DataFrame({"product_id": ids, "shown": [n + 100 for n in ids]})
    return judge_grounding(attributes(*of_sample), attributes(*blank), attributes(*swapped), pairs)


def test_answers_that_follow_the_photo_pass():
    found = judged("metal")
    assert (found.different, found.following, found.staying, found.failed) == (12, 12, 0, False)


def test_answers_that_stay_with_the_product_fail():
    found = judged("leather")
    assert (found.following, found.staying) == (0, 12)
    assert "only 0 of 12 answers follow the photo, and 12 stay" in found.reasons[0]


def test_answers_that_do_neither_fail():
    assert judged("canvas").failed


def test_a_model_that_says_the_same_about_everything_fails():
    found = judged("metal", own="metal")
    assert "nearly the same answers about everything" in found.reasons[0]


@pytest.mark.parametrize(("sure", "failed"), [(5, False), (6, True)])
def test_half_of_the_empty_photos_may_be_named(sure, failed):
    assert judged("metal", sure=sure).failed is failed


def test_without_pairs_only_the_empty_photos_count():
    rows = attributes({"product_id": 1, "article_type": "Shirts"})
    assert not judge_grounding(rows, rows.clear(), rows.clear(), NO_PAIRS).failed


def test_a_shop_of_one_type_is_not_blamed_for_it(tmp_path):
    shirts = products(*(photographed(number, tmp_path, RED if number else BLUE) for number in range(5)))
    assert len(make_control(shirts, tmp_path, tmp_path / "control").pairs) == 5
    rows = attributes(*({"product_id": number, "article_type": "Shirts"} for number in range(5)))
    pairs = pl.DataFrame({"product_id": [0, 1], "shown": [1, 0]})
    assert not judge_grounding(rows, rows.clear(), rows, pairs).failed
