import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog import photo_files as module
from fashion_assets.catalog.photo_files import PhotoFiles

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Jupé") for form in ("NFC", "NFD"))


def write(root: Path, *paths: str) -> PhotoFiles:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return PhotoFiles(root)


@pytest.mark.parametrize(
    ("on_disk", "in_table"),
    [
        ("images/img_1.jpg", "images/IMG_1.JPG"),
        ("images/IMG_1.JPG", "images/img_1.jpg"),
        ("Images/Shirts/1.jpg", "images/SHIRTS/1.jpg"),
        ("1.jpg", "1.JPEG"),
        ("1.jpeg", "1.jpg"),
        ("1.WebP", "1.png"),
        ("1.webp", "1"),
        ("v1.2.jpg", "V1.2"),
        ("v1.2.jpg", "v1.2.png"),
        (f"{DECOMPOSED}.jpg", f"{COMPOSED}.jpg"),
        (f"{COMPOSED}.jpg", f"{DECOMPOSED}.JPG"),
        (f"{DECOMPOSED}/1.jpg", f"{COMPOSED.upper()}/1.jpg"),
        ("Straße.jpg", "STRASSE.jpg"),
        ("images/1.jpg", "./images//1.JPG"),
    ],
)
def test_a_file_is_found_however_it_is_spelt(tmp_path, on_disk, in_table):
    assert write(tmp_path, on_disk).find(in_table) == on_disk


@pytest.mark.parametrize(
    "in_table",
    ["2.jpg", "1.txt", "notes", "Jupe.jpg", "folder/1.jpg", "1.jpg/1.jpg", "", ".", "..", "../1.jpg", "/1.jpg", "a\0b"],
)
def test_another_file_is_not(tmp_path, in_table):
    files = write(tmp_path / "photos", "1.jpg", "notes.txt", f"{COMPOSED}.jpg")
    (tmp_path / "1.jpg").touch()
    assert files.find(in_table) is None


def test_a_name_of_its_own_case_goes_before_another_suffix_and_jpeg_before_other_formats(tmp_path):
    files = write(tmp_path, "1.PNG", "1.webp", "1.jpeg", "2.gif", "2.tif", "3.JPG", "3.jpg", "3.png")
    assert [files.find(name) for name in ("1.png", "1.jpg", "1", "2.jpg", "3.Jpg")] == [
        *("1.PNG", "1.jpeg", "1.jpeg", "2.tif", "3.JPG"),
    ]


def test_folders_links_and_pipes(tmp_path):
    files = write(tmp_path, "real.jpg", "folder.jpg/inside.jpg")
    (tmp_path / "LINK.jpg").symlink_to("real.jpg")
    (tmp_path / "DANGLING.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(tmp_path / "PIPE.jpg")
    paths = ("link.jpg", "dangling.jpg", "pipe.jpg", "folder.png", "FOLDER.jpg/inside.png")
    assert [files.find(path) for path in paths] == ["LINK.jpg", None, None, None, "folder.jpg/inside.jpg"]


def test_no_root(tmp_path):
    assert PhotoFiles(tmp_path / "none").find("1.jpg") is None


def test_a_folder_is_listed_once(tmp_path, monkeypatch):
    listed = []
    scandir = os.scandir

    def noted(folder):
        listed.append(Path(folder).relative_to(tmp_path).as_posix())
        return scandir(folder)

    monkeypatch.setattr(module.os, "scandir", noted)
    files = write(tmp_path, *(f"images/{number}.jpg" for number in range(20)))
    assert [files.find(f"IMAGES/{number}.png") for number in range(20)] == [f"images/{n}.jpg" for n in range(20)]
    assert files.find("other/1.jpg") is None
    assert listed == [".", "images"]


@given(name=st.text(min_size=1, max_size=12))
def test_no_name_makes_it_fail(name, tmp_path_factory):
    files = write(tmp_path_factory.getbasetemp(), "1.jpg")
    assert files.find(name) in (None, "1.jpg")
