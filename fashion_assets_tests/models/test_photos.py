import io
import random

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image, ImageCms

from fashion_assets.models.photo_bounds import MAX_PIXELS
from fashion_assets.models.photos import PhotoProblem, decode_photo, letterbox, open_photo
from fashion_assets_tests.factories.photo_files import png_header, product, save

WHITE, RED = (255, 255, 255), (255, 0, 0)
SRGB = ImageCms.createProfile("sRGB")


def problem(path) -> PhotoProblem:
    with pytest.raises(PhotoProblem) as caught:
        open_photo(path)
    return caught.value


@pytest.mark.parametrize(
    ("image", "name", "options", "pixel"),
    [
        (Image.new("RGB", (1, 1), RED), "one.png", {}, RED),
        (Image.new("L", (4, 4), 90), "grey.png", {}, (90, 90, 90)),
        (Image.new("1", (4, 4), 1), "bits.png", {}, WHITE),
        (Image.new("CMYK", (4, 4), (0, 0, 0, 0)), "print.jpg", {}, WHITE),
        (Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "clear.png", {}, WHITE),
        (Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "half_clear.png", {}, (127, 127, 127)),
        (Image.new("LA", (4, 4), (0, 0)), "clear_grey.png", {}, WHITE),
        (Image.new("P", (4, 4)), "clear_palette.png", {"transparency": 0}, WHITE),
        (Image.new("RGB", (4, 4)), "clear_color.png", {"transparency": (0, 0, 0)}, WHITE),
        (Image.new("RGB", (4, 4), RED), "photo.webp", {"lossless": True}, RED),
    ],
)
def test_every_mode_becomes_rgb_on_white(tmp_path, image, name, options, pixel):
    photo = open_photo(save(image, tmp_path / name, **options))
    assert (photo.mode, photo.size) == ("RGB", image.size)
    assert photo.getpixel((0, 0)) == pixel


@pytest.mark.parametrize("name", ["deep.png", "deep.tiff"])
def test_sixteen_bits_are_scaled_whatever_range_the_photo_uses(tmp_path, name):
    values = np.array([[60_000, 60_000], [65_535, 32_768]], dtype=np.uint16)
    photo = open_photo(save(Image.fromarray(values), tmp_path / name))
    assert np.abs(np.asarray(photo)[..., 0] - values / 257).max() <= 1


def test_float_greys_are_stretched_to_their_range(tmp_path):
    photo = open_photo(save(Image.fromarray(np.array([[0.0, 0.5, 1.0]], dtype=np.float32)), tmp_path / "float.tiff"))
    assert np.asarray(photo)[0, :, 0].tolist() == [0, 127, 255]
    flat = open_photo(save(Image.fromarray(np.full((2, 2), 7, dtype=np.int32)), tmp_path / "flat.tiff"))
    assert flat.getpixel((0, 0)) == (0, 0, 0)


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("RGB", (4, 4), RED), Image.new("RGB", (4, 4), WHITE)]
    photo = open_photo(save(frames[0], tmp_path / "moves.gif", save_all=True, append_images=frames[1:]))
    assert photo.getpixel((0, 0)) == RED


def test_a_photo_taken_sideways_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert open_photo(save(Image.new("RGB", (8, 4)), tmp_path / "side.jpg", exif=exif)).size == (4, 8)


@pytest.mark.parametrize("name", ["none.jpg", "no/folder.jpg", "", "nul\0.jpg"])
def test_no_file_is_missing(tmp_path, name):
    assert problem(tmp_path / name).code == "photo_missing"


def test_a_name_too_long_for_the_file_system_is_a_problem_and_no_crash(tmp_path):
    assert problem(tmp_path / ("x" * 5_000)).code == "photo_undecodable"


@pytest.mark.parametrize("content", [b"", b"not a photo", b"<html>404</html>", b"\xff\xd8\xff"])
def test_what_is_no_image_is_undecodable_and_names_no_folder(tmp_path, content):
    (tmp_path / "bad.jpg").write_bytes(content)
    assert problem(tmp_path / "bad.jpg").code == "photo_undecodable"
    assert str(tmp_path) not in problem(tmp_path / "bad.jpg").reason


@pytest.mark.parametrize("form", ["EPS", "PDF", "ICO", "PPM", "TGA", "PCX", "ICNS", "SGI", "DDS"])
def test_nothing_but_photo_formats_is_opened_whatever_its_name(tmp_path, form):
    product(1, (64, 64)).save(tmp_path / "1.jpg", form)
    assert problem(tmp_path / "1.jpg").code == "photo_undecodable"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "an empty file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 60 60\n", "a PostScript file"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "a PostScript file"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"<!DOCTYPE HTML><title>404</title>", "a web page"),
        (b"\n<html></html>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\xef\xbb\xbf<svg/>", "an SVG drawing"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "a HEIC file"),
    ],
)
def test_what_is_no_photo_is_named(content, kind):
    with pytest.raises(PhotoProblem) as refusal:
        decode_photo(content)
    assert refusal.value.reason == f"not a photo but {kind}"
    assert "JPEG" in str(refusal.value)


def test_postscript_is_never_handed_to_ghostscript(tmp_path, monkeypatch):
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("PostScript was run"))
    product(1).save(tmp_path / "1.jpg", "EPS")
    assert problem(tmp_path / "1.jpg").reason == "not a photo but a PostScript file"


@pytest.mark.parametrize("form", ["JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"])
def test_every_photo_format_is_opened_whatever_its_name(tmp_path, form):
    product(1, (64, 80)).save(tmp_path / "1.txt", form)
    assert open_photo(tmp_path / "1.txt").getpixel((0, 0)) == pytest.approx(WHITE, abs=6)


def test_a_phone_s_photo_of_two_frames_gives_the_first(tmp_path):
    product(1).save(tmp_path / "1.jpg", "MPO", save_all=True, append_images=[product(2)])
    product(1).save(tmp_path / "2.jpg")
    assert open_photo(tmp_path / "1.jpg").tobytes() == open_photo(tmp_path / "2.jpg").tobytes()


def test_lab_colours_become_rgb(tmp_path):
    lab = ImageCms.createProfile("LAB")
    red = ImageCms.profileToProfile(Image.new("RGB", (4, 4), (200, 30, 40)), SRGB, lab, outputMode="LAB")
    assert red is not None
    red.info.clear()  # of a profile, so that the file says nothing but its mode
    assert open_photo(save(red, tmp_path / "lab.tiff")).getpixel((0, 0)) == pytest.approx((200, 30, 40), abs=3)


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png"])
def test_a_truncated_photo_is_undecodable(tmp_path, name):
    path = save(product(0), tmp_path / name)
    path.write_bytes(path.read_bytes()[:-300])
    assert problem(path).code == "photo_undecodable"


@pytest.mark.parametrize("size", [(10_000, 5_001), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_by_its_header(tmp_path, size):
    assert size[0] * size[1] > MAX_PIXELS
    assert problem(png_header(tmp_path / "bomb.png", *size)).code == "photo_undecodable"


@pytest.mark.filterwarnings("ignore")  # Pillow warns of much damage that it reads all the same
def test_damage_of_any_kind_is_a_problem_and_no_crash(tmp_path):
    chance = random.Random(0)
    path = tmp_path / "damaged"
    for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "JPEG2000"):
        stored = io.BytesIO()
        product(1, (40, 30)).save(stored, form)
        for _ in range(60):
            content = bytearray(stored.getvalue())
            for _ in range(4):
                content[chance.randrange(min(len(content), chance.choice([60, len(content)])))] = chance.randrange(256)
            path.write_bytes(content)
            try:
                assert open_photo(path).mode == "RGB"
            except PhotoProblem as refusal:
                assert refusal.code == "photo_undecodable" and refusal.reason


def test_letterbox_centres_on_a_white_square_and_leaves_squares_alone():
    square = letterbox(Image.new("RGB", (2, 6), RED))
    assert square.size == (6, 6)
    assert [square.getpixel((x, 3)) for x in range(6)] == [WHITE, WHITE, RED, RED, WHITE, WHITE]
    assert letterbox(Image.new("RGB", (5, 2), RED)).size == (5, 5)
    image = Image.new("RGB", (3, 3))
    assert letterbox(image) is image


def test_a_very_long_photo_makes_no_huge_square():
    square = letterbox(Image.new("RGB", (30_000, 20)))
    assert square.size == (2048, 2048)
