"""Photos of every awkward kind, from the file through the catalog's facts to the extraction's row.

Each is answered, or has its code in `extraction_errors`; its neighbours in the batch are answered in any case.
"""

import os
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from PIL import Image, ImageFile

from fashion_assets.catalog.photo_facts import photo_facts
from fashion_assets.catalog.photo_files import PhotoFiles
from fashion_assets.catalog.tables import PHOTOS
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import FakeVisionLanguageModel
from fashion_assets.models.photo_bounds import MAX_PIXELS
from fashion_assets.storage.conforming import conform
from fashion_assets_tests.factories import BLUE, GREEN, RED, product, products, shaded, write_photo

SIDEWAYS = 6
EXIF_ORIENTATION = 0x0112

# To the fake model red is leather, green denim and blue metal; white and grey, with no channel ahead, are leather.


def missing(path: Path) -> None:
    pass


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def empty(path: Path) -> None:
    path.touch()


def text(path: Path) -> None:
    path.write_text("<html>404 Not Found</html>")


def truncated(path: Path) -> None:
    Image.effect_noise((200, 200), 50).convert("RGB").save(path, "JPEG")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def bomb(path: Path) -> None:
    """A sound PNG of a few KB that would take hundreds of MB."""
    Image.new("1", (10_000, MAX_PIXELS // 10_000 + 1)).save(path, "PNG")


def header_only(path: Path) -> None:
    shaded(GREEN).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:33])


def without_end(path: Path) -> None:
    shaded(GREEN).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-2])


def postscript(path: Path) -> None:
    shaded(GREEN).save(path, "EPS")


def animated(form: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        first, *others = (shaded(colour) for colour in (GREEN, BLUE, RED))
        first.save(path, form, save_all=True, append_images=others, lossless=True)

    write.__name__ = f"animated_{form}"
    return write


def cmyk(path: Path) -> None:
    shaded(GREEN).convert("CMYK").save(path, "JPEG")


def transparent(path: Path) -> None:
    Image.new("RGBA", (20, 20), (*BLUE, 0)).save(path, "PNG")


def transparent_palette(path: Path) -> None:
    image = Image.new("P", (20, 20))
    image.putpalette(BLUE)
    image.save(path, "PNG", transparency=0)


def palette(path: Path) -> None:
    shaded(BLUE).quantize(4).save(path, "PNG")


def one_colour(path: Path) -> None:
    Image.new("RGB", (60, 80), "white").save(path, "JPEG")


def one_pixel(path: Path) -> None:
    Image.new("RGB", (1, 1), BLUE).save(path, "PNG")


def thin(path: Path) -> None:
    shaded(GREEN).resize((40, 3000)).save(path, "PNG")


def line(path: Path) -> None:
    shaded(GREEN).resize((3, 3000)).save(path, "PNG")


def deep_grey(path: Path) -> None:
    grey = shaded((160, 160, 160)).convert("L")
    grey.convert("I").point(lambda value: value * 257).convert("I;16").save(path, "PNG")


def sideways(path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = SIDEWAYS
    shaded(GREEN).save(path, "JPEG", exif=exif)


class Watching(FakeVisionLanguageModel):
    """Notes what it is shown."""

    def __init__(self):
        super().__init__()
        self.shown: list[tuple[str, tuple[int, int]]] = []

    def answer(self, photos, question):
        self.shown += [(photo.mode, photo.size) for photo in photos]
        return super().answer(photos, question)


@pytest.fixture
def extract(tmp_path, store):
    """Extracts a batch whose second product has the given photo; gives its three rows and what the model was shown."""

    def extract(write: Callable[[Path], None], questions) -> tuple[list[dict], Watching]:
        write_photo(tmp_path, "1.jpg", RED)
        write(tmp_path / "2.jpg")
        write_photo(tmp_path, "3.jpg", BLUE)
        rows = products(*(product(number, image_path=f"{number}.jpg") for number in (1, 2, 3)))
        facts = photo_facts(rows, PhotoFiles(tmp_path), conform(pl.DataFrame(), PHOTOS))
        rows = rows.with_columns(photo_status=facts["status"], photo_sha256=facts["sha256"])
        model = Watching()
        batch = extract_batch(rows, tmp_path, questions, model, Journal(store))
        return batch.rows.to_dicts(), model

    return extract


def outcome(row: dict) -> tuple[bool, list[str], str]:
    return row["extraction_success"], row["extraction_errors"], row["material"]


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (missing, "photo_missing"),
        (folder, "photo_missing"),
        (pipe, "photo_missing"),
        (empty, "photo_undecodable"),
        (text, "photo_undecodable"),
        (truncated, "photo_undecodable"),
        (header_only, "photo_undecodable"),
        (bomb, "photo_undecodable"),
        (animated("GIF"), "denim"),
        (animated("WEBP"), "denim"),
        (animated("PNG"), "denim"),
        (cmyk, "denim"),
        (without_end, "denim"),
        (postscript, "photo_undecodable"),
        (transparent, "photo_blank"),
        (transparent_palette, "photo_blank"),
        (one_colour, "photo_blank"),
        (one_pixel, "photo_blank"),
        (line, "photo_blank"),
        (palette, "metal"),
        (thin, "denim"),
        (deep_grey, "leather"),
        (sideways, "denim"),
    ],
)
def test_a_photo_is_answered_or_has_its_code_and_its_neighbours_are_answered(extract, questions, write, expected):
    (first, awkward, last), model = extract(write, questions)
    assert outcome(first) == (True, [], "leather")
    assert outcome(last) == (True, [], "metal")
    if expected.startswith("photo_"):
        assert outcome(awkward) == (False, [expected], "unknown")
        assert len(model.asked) == 2 * len(questions)
    else:
        assert outcome(awkward) == (True, [], expected)
        assert len(model.asked) == 3 * len(questions)
    assert {mode for mode, _ in model.shown} == {"RGB"}


def test_a_bomb_is_small_and_is_never_decoded(extract, questions, monkeypatch, tmp_path):
    decode, decoded = ImageFile.ImageFile.load, []

    def noted(image):
        decoded.append(image.width * image.height)
        return decode(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    (_, awkward, _), _ = extract(bomb, questions)
    assert (tmp_path / "2.jpg").stat().st_size < 50_000
    assert awkward["extraction_errors"] == ["photo_undecodable"]
    assert 0 < max(decoded) < MAX_PIXELS


def test_a_photo_taken_sideways_is_shown_upright(extract, questions):
    _, model = extract(sideways, questions)
    assert ("RGB", (80, 60)) in model.shown
