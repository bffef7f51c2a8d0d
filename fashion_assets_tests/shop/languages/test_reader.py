"""A language comes by its name, or from a file; a mistake in the file is one sentence."""

from importlib.resources import files

import pytest

from fashion_assets.errors import SettingsError
from fashion_assets.shop.languages.reader import load_language

FORM = files("fashion_assets.shop.languages").joinpath("de.toml").read_text("utf-8")


@pytest.fixture
def written(tmp_path):
    """The file of a language: German with a piece replaced."""

    def write(old: str = "", new: str = ""):
        assert old in FORM
        file = tmp_path / "nl.toml"
        file.write_text(FORM.replace(old, new, 1) if old else FORM, encoding="utf-8")
        return file

    return write


@pytest.mark.parametrize(
    ("name", "code"),
    [("en", "en"), ("English", "en"), ("german", "de"), ("Deutsch", "de"), (" DE ", "de")],
)
def test_shipped_languages_have_names(name, code):
    assert load_language(name).code == code


def test_a_file_is_a_language(written):
    file = written('name = "German"', 'name = "Nearly German"')
    assert load_language(file).name == load_language(str(file)).name == "Nearly German"
    assert load_language(written()) == load_language("de")
    assert hash(load_language(written())) == hash(load_language("de"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('leather = "Leder"\n', "", "no phrase for the material 'leather'.*add it under .phrases.material."),
        ('code = "de"', "", "a mistake in 'code', but field required"),
        ('code = "de"', 'code = "de"\ncolour = "x"', "a mistake in 'colour', but unexpected keyword argument"),
        ('stemmer = "German"', 'stemmer = "Klingon"', "a mistake in 'full_text.stemmer', but input should be 'Arabic'"),
        ('visible = ". Details: {}"', 'visible = "."', "has '.' as description.visible, but it must contain one {}"),
        ('"article", "color"', '"color", "color"', "repeats a part in description.opening"),
        ("'(?<=...)", "'(?<=..", "has an error in query.word_ending"),
        ("most_words = 36", "most_words = ", "is not valid TOML: .*line"),
    ],
)
def test_a_mistake_is_one_sentence(written, old, new, words):
    file = written(old, new)
    with pytest.raises(SettingsError, match=words) as caught:
        load_language(file)
    assert str(file) in str(caught.value)


def test_a_name_that_does_not_ship_says_which_do():
    with pytest.raises(SettingsError, match=r"'Klingon' does not ship.*English \(en\) and German \(de\)"):
        load_language("Klingon")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"fr\.toml' cannot be read"):
        load_language(tmp_path / "fr.toml")
    (tmp_path / "fr.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"must be a text in UTF-8"):
        load_language(tmp_path / "fr.toml")
