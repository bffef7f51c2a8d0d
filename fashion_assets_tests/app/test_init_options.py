"""What a person may state to `init`, and the language that it proposes."""

from pathlib import Path

import pytest

from fashion_assets.app.own_catalog import InitOptions, check_shop, understand, write_shop_file
from fashion_assets.errors import FashionError
from fashion_assets.shop.file import load_shop_settings

ENGLISH = "sku,name,price\nA-1,Red dress,19.90\nA-2,Blue shirt,29.90\n"
GERMAN = "SKU;Name;Preis\nA-1;Rotes Kleid für Damen;19,90\nA-2;Blaues Hemd mit Kragen;29,90\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """An empty folder, where commands are run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "home"))
    return tmp_path


def initialized(folder: Path, content: str, **options) -> Path:
    table = folder / "products.csv"
    table.write_text(content, encoding="utf-8")
    write_shop_file(understand(table, InitOptions(**options), folder), folder / "shop.toml")
    return table


def test_a_file_that_nothing_overrides_is_said_to_be_so(folder):
    initialized(folder, ENGLISH)
    assert check_shop(load_shop_settings()).overridden == ()


@pytest.mark.parametrize(
    ("content", "language"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        ("sku,name,price\nA-1,Robe rouge pour femmes,19.90\nA-2,Chemise bleue avec col,29.90\n", "en"),
        ("sku,name,price\nA-1,Xylo 1,19.90\nA-2,Xylo 2,29.90\n", "en"),
    ],
)
def test_descriptions_are_proposed_in_the_language_of_the_names_if_it_ships(folder, content, language):
    initialized(folder, content)
    assert f'descriptions = "{language}"' in (folder / "shop.toml").read_text()


def test_a_stated_language_takes_precedence(folder):
    initialized(folder, GERMAN, language="en")
    assert 'descriptions = "en"' in (folder / "shop.toml").read_text()


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (ENGLISH, {"preset": "shopfy"}, ["--preset", "'shopfy'", "shopify"]),
        (ENGLISH, {"photos": Path("nowhere")}, ["--photos", "'nowhere'"]),
        (ENGLISH, {"language": "Klingon"}, ["'Klingon'"]),
        (ENGLISH, {"columns": {"price": "Preis"}}, ["'Preis'", "sku, name, price"]),
        ("Dear Sir\nplease find our prices attached\n", {}, ["gives a product", "heading"]),
        ("sku,name,price\n,,\n,Shirt,5\n", {"columns": {"product_id": "sku"}}, ["the product id is missing"]),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence_and_writes_nothing(folder, content, options, words):
    with pytest.raises(FashionError) as error:
        initialized(folder, content, **options)
    assert all(word in str(error.value) for word in words), str(error.value)
    assert not (folder / "shop.toml").exists()


def test_a_file_that_cannot_be_written_is_one_sentence(folder):
    (folder / "file").write_text("")
    table = folder / "products.csv"
    table.write_text(ENGLISH)
    with pytest.raises(FashionError, match=r"cannot be written.*--out"):
        write_shop_file(understand(table, InitOptions(), folder), folder / "file" / "shop.toml")


def test_a_language_that_there_is_not_is_found_by_the_check(folder):
    initialized(folder, ENGLISH)
    file = folder / "shop.toml"
    file.write_text(file.read_text().replace('descriptions = "en"', 'descriptions = "tlh"'))
    with pytest.raises(FashionError, match="'tlh' does not ship"):
        check_shop(load_shop_settings())
