"""The first file of a shop: whatever names its columns have, the text that is written reads back as the same rules."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.recognition.guess import Guess, Understood
from fashion_assets.catalog.recognition.proposals import Proposal
from fashion_assets.catalog.recognition.shop_file import MOST_CATEGORIES, ToConfirm, shop_file_text
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


unmapped = st.lists(st.tuples(texts, st.integers(1, 9_999)), max_size=3)
proposals = st.lists(st.builds(Proposal, texts, texts, st.integers(1, 9_999), st.just(("names",))), max_size=2)
hosts = st.dictionaries(st.from_regex(r"[a-z0-9.-]{1,9}(:[0-9]{2})?", fullmatch=True), st.integers(1, 9), max_size=2)


NOTHING = ToConfirm()


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
        "search": {"least_effect": draw(st.sampled_from([0.0, 0.005, 0.01, 0.5, 1.0]))},
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


@given(rules(), st.builds(ToConfirm, unmapped, proposals, hosts), st.lists(texts, max_size=3), st.booleans())
def test_what_is_written_reads_back_as_the_same_rules(folder, rules, to_confirm, reasons, is_sure):
    rules = absolute(rules, folder)
    understood = [
        Understood(ours, theirs[0], reason, is_sure)
        for (ours, theirs), reason in zip(rules.columns.items(), reasons, strict=False)
    ]
    text = shop_file_text(Guess(rules, tuple(understood), ()), rules, to_confirm, folder)
    file = folder / "shop.toml"
    file.write_text(text, encoding="utf-8", newline="")
    assert read_shop_file(file) == rules


def written(rules: CatalogRules, folder: Path, to_confirm=NOTHING, understood=()) -> str:
    return shop_file_text(Guess(rules, tuple(understood), ()), rules, to_confirm, folder)


def test_paths_below_the_files_folder_are_relative(tmp_path):
    inside = CatalogRules.model_validate({"source": {"table": tmp_path / "data" / "list.csv"}})
    assert 'table = "data/list.csv"' in written(inside, tmp_path)
    outside = CatalogRules.model_validate({"source": {"table": tmp_path.parent / "list.csv"}})
    assert f'table = "{tmp_path.parent}/list.csv"' in written(outside, tmp_path)


def test_unmapped_categories_stand_in_the_file_as_comments(tmp_path):
    text = written(CatalogRules(), tmp_path, ToConfirm([("Xyzzy > Plugh", 1200), ('5" heels', 1)]))
    assert '# "Xyzzy > Plugh" = ""  # 1,200 products' in text
    assert '# "5\\" heels" = ""  # 1 product' in text.splitlines()


def test_a_proposal_is_confirmed_by_taking_the_sign_away(tmp_path):
    proposals = [
        Proposal("Lieblingsstücke", "Sweaters", 12, ("names", "photos")),
        Proposal("Zzz", "Topwear", 1, ("photos",)),
    ]
    to_confirm = ToConfirm([("Xyzzy", 20), ("Lieblingsstücke", 12), ("Zzz", 1)], proposals)
    file = tmp_path / "shop.toml"
    file.write_text(written(CatalogRules(), tmp_path, to_confirm), encoding="utf-8")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert '# "Lieblingsstücke" = "Sweaters"  # 12 products; proposed by CLIP from names and photos' in lines
    assert '# Zzz = "Topwear"  # 1 product; proposed by CLIP from photos' in lines
    assert read_shop_file(file).categories == {}
    file.write_text("\n".join(line.removeprefix("# ") if "proposed" in line else line for line in lines))
    assert read_shop_file(file).categories == {"Lieblingsstücke": "Sweaters", "Zzz": "Topwear"}


def test_of_very_many_words_the_most_frequent_and_those_with_a_proposal_are_listed(tmp_path):
    unmapped = [(f"word{number}", 5) for number in range(MOST_CATEGORIES + 3)]
    text = written(CatalogRules(), tmp_path, ToConfirm(unmapped, [Proposal(unmapped[-1][0], "Jeans", 5, ("photos",))]))
    listed = [line.split(" ")[1] for line in text.splitlines() if line.startswith("# word")]
    assert listed == [words for words, _ in unmapped[:MOST_CATEGORIES]] + [unmapped[-1][0]]


def test_hosts_of_a_private_network_stand_in_the_file_as_a_comment(tmp_path):
    rules = CatalogRules.model_validate({"photos": {"fetch": True}})
    refused = ToConfirm(refused_hosts={"127.0.0.1:8000": 7, "nas.local": 1})
    file = tmp_path / "shop.toml"
    text = written(rules, tmp_path, refused)
    line = next(line for line in text.splitlines() if "private_hosts" in line)
    assert line.startswith('# private_hosts = ["127.0.0.1:8000", "nas.local"]  # ')
    assert "127.0.0.1:8000 (7 products), nas.local (1 product)" in line
    file.write_text(text)
    assert read_shop_file(file).photos.private_hosts == ()
    file.write_text(text.replace("# private_hosts", "private_hosts"))
    assert read_shop_file(file).photos.private_hosts == ("127.0.0.1:8000", "nas.local")
    named = written(CatalogRules.model_validate({"photos": {"private_hosts": "nas.lan"}}), tmp_path, refused)
    assert 'private_hosts = ["nas.lan"]  # not: 127.0.0.1:8000 (7 products), nas.local (1 product)' in named


def test_what_a_column_was_taken_for_stands_beside_it(tmp_path):
    rules = CatalogRules.model_validate({"columns": {"price": "Preis", "brand": "Marke"}})
    understood = [
        Understood("price", "Preis", "as in '5'", is_sure=False),
        Understood("brand", "Marke", "as in 'A'", True),
    ]
    text = written(rules, tmp_path, understood=understood)
    assert "price = \"Preis\"  # not sure: as in '5'" in text
    assert "brand = \"Marke\"  # as in 'A'" in text


@pytest.mark.parametrize(
    ("least_effect", "line"), [(0.01, "# least_effect = 0.01  # "), (0.02, "least_effect = 0.02  # ")]
)
def test_what_a_new_index_may_lose_is_named_also_where_it_is_the_default(least_effect, line, tmp_path):
    rules = CatalogRules.model_validate({"search": {"least_effect": least_effect}})
    text = shop_file_text(Guess(rules, (), ()), rules, NOTHING, tmp_path)
    assert f"\n[search]\n{line}" in text
