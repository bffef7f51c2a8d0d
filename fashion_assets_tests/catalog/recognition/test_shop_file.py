"""The first file of a shop: whatever names its columns have, the text that is written reads back as the same rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.recognition.guess import Guess, Understood
from fashion_assets.catalog.recognition.shop_file import shop_file_text
from fashion_assets.catalog.shapes.fields import OUR_COLUMNS
from fashion_assets.shop.catalog_rules import PRESETS, CatalogRules
from fashion_assets.shop.file import read_shop_file

AWKWARD = (
    *('Preis "netto"', "Größe", "#", "a = b", "[x]", "a.b", "it's", "back\\slash", "two\nlines", "\r", "\t", "\x7f"),
    *(
        "",
        " ",
        '"""',
        "'''",
        "\\u0041",
        "true",
        "1",
        "-",
        "_",
        "ü",
        "日本",
        "\x00",
        "\x1b",
        "\u2028",
        "\ufeff",
        "#a\n[b]",
    ),
)
texts = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
some = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
names = st.lists(texts, min_size=1, max_size=3).map(tuple)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("shop")


@st.composite
def rules(draw) -> CatalogRules:
    visible, hidden = draw(st.lists(st.lists(texts, max_size=2), min_size=2, max_size=2))
    values = {
        "source": {
            "table": draw(st.sampled_from(["list.csv", "a b/Größe #1.csv", 'a"b.csv', "/elsewhere/list.csv"])),
            "preset": draw(st.none() | st.sampled_from(PRESETS)),
            "encoding": draw(st.none() | some),
            "delimiter": draw(st.none() | st.sampled_from([";", "\t", "|", '"', "\\"])),
            "sheet": draw(st.none() | texts.filter(bool)),
        },
        "columns": draw(
            st.dictionaries(st.sampled_from([name for name in OUR_COLUMNS if name != "product_id"]), names, max_size=3)
        ),
        "text": draw(st.dictionaries(texts, names, max_size=2)),
        "given": draw(st.dictionaries(texts, names, max_size=2)),
        "ids": draw(st.sampled_from([{}, {"derived": True}]) | texts.filter(bool).map(lambda name: {"product": name})),
        "variants": {
            "group": draw(st.none() | texts.filter(bool)),
            "visible": visible,
            "hidden": [name for name in hidden if name not in visible],
        },
        "price": {"decimal": draw(st.sampled_from([None, ".", ","])), "currency": draw(st.none() | some)},
        "photos": {
            "folder": draw(st.sampled_from([None, "photos", "a b/ü", "/elsewhere"])),
            "path": draw(st.none() | texts.filter(bool)),
            "separator": draw(st.none() | some),
            "fetch": draw(st.booleans()),
            "hosts": draw(st.lists(texts, max_size=2)),
            "private_hosts": draw(st.lists(texts, max_size=2)),
        },
        "categories": draw(st.dictionaries(texts, texts, max_size=3)),
        "exclude": draw(st.dictionaries(texts, st.lists(texts, min_size=1, max_size=2), max_size=2)),
        "language": {"descriptions": draw(st.sampled_from(["en", "de", "words.toml"]))},
    }
    return CatalogRules.model_validate(values)


def absolute(rules: CatalogRules, folder: Path) -> CatalogRules:
    """`rules` with their paths as a file in `folder` means them."""
    table, photos = rules.source.table, rules.photos.folder
    source = rules.source.model_copy(update={"table": folder / table} if table else {})
    return rules.model_copy(
        update={
            "source": source,
            "photos": rules.photos.model_copy(update={"folder": folder / photos} if photos else {}),
        }
    )


@given(
    rules(), st.lists(st.tuples(texts, st.integers(1, 9_999)), max_size=3), st.lists(texts, max_size=3), st.booleans()
)
def test_what_is_written_reads_back_as_the_same_rules(folder, rules, unmapped, reasons, is_sure):
    rules = absolute(rules, folder)
    understood = [
        Understood(ours, theirs[0], reason, is_sure)
        for (ours, theirs), reason in zip(rules.columns.items(), reasons, strict=False)
    ]
    text = shop_file_text(Guess(rules, tuple(understood), ()), rules, unmapped, folder)
    file = folder / "shop.toml"
    file.write_text(text, encoding="utf-8", newline="")
    assert read_shop_file(file) == rules


def written(rules: CatalogRules, folder: Path, unmapped=(), understood=()) -> str:
    return shop_file_text(Guess(rules, tuple(understood), ()), rules, unmapped, folder)


def test_paths_below_the_files_folder_are_relative(tmp_path):
    inside = CatalogRules.model_validate({"source": {"table": tmp_path / "data" / "list.csv"}})
    assert 'table = "data/list.csv"' in written(inside, tmp_path)
    outside = CatalogRules.model_validate({"source": {"table": tmp_path.parent / "list.csv"}})
    assert f'table = "{tmp_path.parent}/list.csv"' in written(outside, tmp_path)


def test_unmapped_categories_stand_in_the_file_as_comments(tmp_path):
    text = written(CatalogRules(), tmp_path, [("Xyzzy > Plugh", 1200), ('5" heels', 1)])
    assert '# "Xyzzy > Plugh" = ""  # 1,200 products' in text
    assert '# "5\\" heels" = ""  # 1 products' in text


def test_what_a_column_was_taken_for_stands_beside_it(tmp_path):
    rules = CatalogRules.model_validate({"columns": {"price": "Preis", "brand": "Marke"}})
    understood = [
        Understood("price", "Preis", "as in '5'", is_sure=False),
        Understood("brand", "Marke", "as in 'A'", True),
    ]
    text = written(rules, tmp_path, understood=understood)
    assert "price = \"Preis\"  # not sure: as in '5'" in text
    assert "brand = \"Marke\"  # as in 'A'" in text
