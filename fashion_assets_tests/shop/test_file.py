"""`shop.toml`: what it may say, and that each mistake in it is one sentence with file and line."""

import time
from pathlib import Path

import pytest

from fashion_assets.errors import SettingsError
from fashion_assets.shop.catalog_rules import CatalogRules
from fashion_assets.shop.file import (
    LARGEST_FILE,
    catalog_rules,
    line_of,
    load_shop_settings,
    read_shop_file,
    shop_profile,
)
from fashion_assets.shop.limits import Limits


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "shop.toml"


def mistake(file: Path, text: str) -> SettingsError:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        read_shop_file(file)
    return error.value


def test_an_empty_file_says_nothing(file):
    file.write_text("")
    assert read_shop_file(file) == CatalogRules()


def test_every_section_is_read(file):
    file.write_text(
        """
        [source]
        table = "list.csv"
        preset = "shopify"
        delimiter = ";"
        [columns]
        product_display_name = ["title", "headline"]
        price = "Preis"
        [text]
        more = "Notizen"
        [given]
        material = "Stoff"
        [ids]
        product = "SKU"
        [variants]
        group = "Modell"
        visible = "Farbe"
        hidden = ["Größe", "Länge"]
        [price]
        decimal = ","
        currency = "EUR"
        [photos]
        folder = "photos"
        path = "{sku:.3}/{sku}.jpg"
        fetch = true
        hosts = "cdn.example.com"
        [categories]
        "Damen > Kleider" = "Dresses"
        [exclude]
        Status = ["draft", 0, false]
        Online = false
        [language]
        descriptions = "de"
        [search]
        least_effect = 0.02
        """
    )
    rules = read_shop_file(file)
    assert rules.source.table == file.parent / "list.csv"
    assert rules.columns["product_display_name"] == ("title", "headline")
    assert rules.columns["price"] == ("Preis",)
    assert rules.variants.visible == ("Farbe",)
    assert rules.photos.folder == file.parent / "photos"
    assert dict(rules.exclude) == {"Status": ("draft", "0", "false"), "Online": ("false",)}
    assert dict(rules.categories) == {"Damen > Kleider": "Dresses"}
    assert rules.search.least_effect == 0.02


def test_relative_paths_start_from_the_files_folder(tmp_path, monkeypatch):
    (tmp_path / "a" / "b").mkdir(parents=True)
    file = tmp_path / "a" / "shop.toml"
    file.write_text('[source]\ntable = "../list.csv"\n[photos]\nfolder = "/abs/photos"\n')
    monkeypatch.chdir(tmp_path / "a" / "b")
    rules = read_shop_file(Path("../shop.toml"))
    assert rules.source.table is not None and rules.source.table.resolve() == tmp_path / "list.csv"
    assert rules.photos.folder == Path("/abs/photos")


def test_a_byte_order_mark_is_no_mistake(file):
    file.write_text('\ufeff[price]\ncurrency = "EUR"\n', encoding="utf-8")
    assert read_shop_file(file).price.currency == "EUR"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[sources]\ntable = "a"\n', 1, ["there is no section 'sources'", "write 'source'"]),
        ("[zzz]\n", 1, ["there is no section 'zzz'", "it must be one of source, columns, ", "remove it"]),
        ('table = "a.csv"\n', 1, ["there is no key 'table'", "source"]),
        ('\n[source]\n\ntabel = "a"\n', 4, ["there is no key 'source.tabel'", "write 'table'"]),
        ('[price]\n# note\n"curency" = "EUR"\n', 3, ["'price.curency'", "write 'currency'"]),
        ('[photos]\nfetch = "sometimes"\n', 2, ["photos.fetch is 'sometimes'", "boolean"]),
        ('[price]\ndecimal = ";"\n', 2, ["price.decimal is ';'", "'.' or ','"]),
        ('[source]\npreset = "magento"\n', 2, ["source.preset is 'magento'", "'reference'", "'articles'"]),
        ('[price]\ncurrency = "euros and cents"\n', 2, ["price.currency is 'euros and cents'", "at most 8 characters"]),
        ("[columns]\nprice = 5\n", 2, ["columns.price is 5"]),
        ("[columns]\nprice = [5]\n", 2, ["columns.price is 5", "string"]),
        ('columns = "a"\n', 1, ["columns is 'a'"]),
        ('[ids]\nderived = "maybe"\n', 2, ["ids.derived is 'maybe'"]),
        ("[search]\nleast_effect = 2\n", 2, ["search.least_effect is 2", "less than or equal to 1"]),
        ("[search]\nleast_effect = -0.1\n", 2, ["search.least_effect is -0.1", "greater than or equal to 0"]),
        ("[search]\nleast_efect = 0.1\n", 2, ["there is no key 'search.least_efect'", "write 'least_effect'"]),
        ('[variants]\n\nhidden = ["Size", "Color"]\nvisible = ["Color"]\n', 3, ["'Color' is both visible and hidden"]),
        (
            '[columns]\nproduct_id = "a"\n[ids]\nproduct = "b"\n',
            4,
            ["ids.product is 'b' and columns.product_id is 'a'", "remove one"],
        ),
        (
            '[ids]\nproduct = "b"\nderived = true\n',
            3,
            ["ids.derived", "'b'"],
        ),
    ],
)
def test_each_mistake_is_one_sentence_with_file_and_line(file, text, line, words):
    sentence = str(mistake(file, text))
    assert f"'{file}', line {line}: " in sentence
    assert all(word in sentence for word in words)
    assert "\n" not in sentence
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[price\n", ["is not valid TOML", "line 1"]),
        ("[price]\ncurrency = EUR\n", ["is not valid TOML", "line 2"]),
        ('[price]\ncurrency = "EUR"\ncurrency = "USD"\n', ["is not valid TOML", "line 3"]),
        ("[price]\n[price]\n", ["is not valid TOML", "line 2"]),
    ],
)
def test_invalid_toml_is_said_with_its_line(file, text, words):
    sentence = str(mistake(file, text))
    assert all(word in sentence for word in [f"'{file}'", *words])


def test_text_in_another_encoding_is_said(file):
    file.write_bytes('[price]\ncurrency = "€"\n'.encode("cp1252"))
    with pytest.raises(SettingsError, match=r"is not UTF-8 \(at byte \d+\), but it must be TOML in UTF-8"):
        read_shop_file(file)


def test_all_mistakes_of_a_file_are_kept(file):
    error = mistake(file, '[price]\ndecimal = ";"\n[sorce]\ntable = "a"\n')
    texts = [str(error), *map(str, error.further)]
    assert len(texts) == 2
    assert any("line 2: price.decimal" in text for text in texts)
    assert any("line 3: there is no section 'sorce'" in text for text in texts)


def test_a_file_that_is_named_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv("FASHION_SHOP", str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"none.toml' cannot be read \(No such file or directory\).*FASHION_SHOP"):
        catalog_rules(load_shop_settings())


def test_without_a_file_everything_is_as_the_settings_say(monkeypatch):
    assert catalog_rules(load_shop_settings(profile="local")) == CatalogRules()
    monkeypatch.setenv("FASHION_PRESET", "shopify")
    monkeypatch.setenv("FASHION_PHOTO_PATH", "{id}.png")
    rules = catalog_rules(load_shop_settings(profile="local"))
    assert (rules.source.preset, rules.photos.path) == ("shopify", "{id}.png")


def test_the_least_effect_of_the_file_is_a_limit_of_the_index():
    assert shop_profile(load_shop_settings()).limits == Limits()
    Path("shop.toml").write_text("[search]\nleast_effect = 0.5\n")
    limits = shop_profile(load_shop_settings()).limits
    assert limits.index.least_effect == 0.5
    assert limits.gates == Limits().gates


def test_settings_override_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shop.toml").write_text(
        '[source]\ntable = "list.csv"\npreset = "google"\n[ids]\nproduct = "SKU"\n[columns]\nprice = "a"\nbrand = "b"\n'
        '[photos]\npath = "a/{id}.jpg"\nfolder = "photos"\n'
    )
    settings = load_shop_settings()
    assert settings.source == tmp_path / "list.csv"
    assert settings.source_photos_root == tmp_path / "photos"
    assert catalog_rules(settings).ids.product == "SKU"

    monkeypatch.setenv("FASHION_PRESET", "articles")
    assert catalog_rules(load_shop_settings()).source.preset == "articles"
    monkeypatch.setenv("FASHION_PROFILE", "local")
    monkeypatch.setenv("FASHION_SOURCE", str(tmp_path / "other.csv"))
    monkeypatch.setenv("FASHION_PRESET", "shopify")
    monkeypatch.setenv("FASHION_PHOTOS", str(tmp_path / "pictures"))
    monkeypatch.setenv("FASHION_PHOTO_PATH", "b/{id}.jpg")
    monkeypatch.setenv("FASHION_COLUMNS", '{"product_id": "Nr", "price": "c"}')
    settings = load_shop_settings()
    rules = catalog_rules(settings)
    assert settings.source == tmp_path / "other.csv"
    assert settings.source_photos_root == tmp_path / "pictures"
    assert (rules.source.preset, rules.photos.path) == ("shopify", "b/{id}.jpg")
    assert dict(rules.columns) == {"product_id": ("Nr",), "price": ("c",), "brand": ("b",)}
    assert rules.ids.product is None


def test_the_line_of_a_key_is_found_as_it_is_written():
    text = 'a = 1\n[price]\n"currency" = "EUR"\n[categories]\n"Damen > Kleider" = "x"\n[exclude]\n\'Gift Card\' = 1\n'
    assert line_of(text, ["price"]) == 2
    assert line_of(text, ["price", "currency"]) == 3
    assert line_of(text, ["categories", "Damen > Kleider"]) == 5
    assert line_of(text, ["exclude", "Gift Card"]) == 7
    assert line_of(text, ["price", "decimal"]) == 2


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("[price]\nstep = " + "9" * 5000, "is not valid TOML: Exceeds the limit"),
        ("[price]\n" + "".join(f"k{number} = 1\n" for number in range(20_000)), "there is no key 'price.k0'"),
        (f"[{' ' * 100_000}price]\nx = 1\n", "there is no key 'price.x'"),
        (f'"{"x" * 100_000}" = 1\n', "there is no key 'xxx"),
        (f'[price]\ncurrency = "{"x" * 100_000}"\n', "price.currency is 'xxx"),
        ("x" * (LARGEST_FILE + 1), f"has more than {LARGEST_FILE} bytes"),
    ],
)
def test_a_file_of_too_much_is_refused_at_once_and_in_short(tmp_path, text, what):
    (tmp_path / "shop.toml").write_text(text)
    started = time.process_time()
    with pytest.raises(SettingsError) as refused:
        read_shop_file(tmp_path / "shop.toml")
    assert what in str(refused.value)
    assert all(len(line) < 1500 for line in str(refused.value).splitlines())
    assert len(refused.value.further) < 20
    assert time.process_time() - started < 5


def test_what_is_no_file_is_refused(tmp_path):
    for name in ("/dev/zero", str(tmp_path)):
        with pytest.raises(SettingsError, match=f"The shop's file '{name}' is not a file, but"):
            read_shop_file(Path(name))
