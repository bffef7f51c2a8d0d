"""From an unknown table to products on the command line: init, check, plan --ingest, show."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from fashion_assets.cli import init as init_module
from fashion_assets.cli.app import app
from fashion_assets.demo.render import jpeg
from fashion_assets.demo.stand_ins import Listed, stand_in
from fashion_assets.errors import FashionError, OptionError
from fashion_assets.shop.file import read_shop_file
from fashion_assets_tests.factories.photo_files import product, save

HEADER = "sku,name,price,color,category,image\n"
GOOD = [f"HS-{number},Red Shirt {number},19.90,Red,Shirts,{number}.jpg" for number in range(1, 6)]


def fashion(*arguments: str):
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The current folder, with photos of five shirts and the demo models set."""
    for number in range(1, 6):
        save(product(number), tmp_path / f"{number}.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASHION_DEVICE", "cpu")
    return tmp_path


def table(folder: Path, *rows: str, header: str = HEADER) -> str:
    (folder / "list.csv").write_text(header + "\n".join(rows))
    return "list.csv"


def test_init_writes_the_file_that_the_next_commands_take_up(folder):
    written = fashion("init", table(folder, *GOOD), "--yes")
    assert written.exit_code == 0, written.output
    for words in ("How list.csv is understood", "5 rows give 5 products", "Photos: 5 there", "HS-1", "fashion run"):
        assert words in written.output
    assert Path("shop.toml").is_file()
    assert not Path(".fashion").exists()

    checked = fashion("check")
    assert checked.exit_code == 0 and "5 rows give 5 products" in checked.output

    planned = fashion("plan", "--ingest")
    assert planned.exit_code == 0, planned.output
    assert "batch_00000" in planned.output
    assert "Quarantined" not in planned.output

    shown = fashion("show", "hs-3", "--json")
    assert json.loads(shown.stdout)["ingested_products"][0]["product_display_name"] == "Red Shirt 3"
    nothing = fashion("quarantine")
    assert nothing.exit_code == 0 and "Nothing was lost" in nothing.output


def test_losses_are_said_at_once_and_the_exit_code_is_1(folder):
    fashion("init", table(folder, *GOOD, ",Nameless,5,Red,Shirts,1.jpg", "HS-9,Bad,-5,Red,Shirts,1.jpg"), "--yes")
    planned = fashion("plan", "--ingest")
    assert planned.exit_code == 1
    for words in ("Quarantined: 2 rows", "line 7: the product id is missing", "line 8: price '-5' is negative"):
        assert words in planned.output
    assert "Too much was lost" in planned.output
    assert "nothing would be" not in planned.output


def test_missing_photos_are_said_at_once(folder):
    fashion("init", table(folder, *GOOD[:2], *(f"X-{number},Tie,5,Red,Ties,none.jpg" for number in range(3))), "--yes")
    planned = fashion("plan", "--ingest")
    assert planned.exit_code == 1
    assert "Without a usable photo: 3 products" in planned.output and "none.jpg" in planned.output


def test_without_any_photo_it_is_not_said_that_nothing_is_to_be_asked(folder):
    fashion("init", table(folder, "X-1,Tie,5,Red,Ties,none.jpg"), "--yes")
    planned = fashion("plan", "--ingest")
    assert "None of the 1 products has a usable photo" in planned.output
    assert "nothing would be" not in planned.output


def test_rows_that_are_left_out_on_purpose_are_said_and_are_no_loss(folder):
    rows = [f"{row},active" for row in GOOD] + ["HS-6,Blue Shirt,5,Blue,Shirts,1.jpg,draft"]
    fashion("init", table(folder, *rows, header=HEADER.replace("\n", ",status\n")), "--yes")
    planned = fashion("plan", "--ingest")
    assert planned.exit_code == 0
    assert "Left out on purpose: 1 row" in planned.output


def test_an_existing_file_is_kept_without_force(folder):
    Path("shop.toml").write_text("# mine\n")
    refused = fashion("init", table(folder, *GOOD), "--yes")
    assert isinstance(refused.exception, FashionError) and "--force" in str(refused.exception)
    assert Path("shop.toml").read_text() == "# mine\n"
    assert fashion("init", "list.csv", "--yes", "--force").exit_code == 0
    assert "[source]" in Path("shop.toml").read_text()


def test_an_existing_file_is_said_before_the_table_is_read(folder):
    """A person who has answered questions does not lose the answers."""
    Path("shop.toml").write_text("# mine\n")
    refused = fashion("init", "no-such-table.csv", "--yes")
    assert "shop.toml" in str(refused.exception)


def test_json_is_one_object_and_writes_the_file_too(folder):
    printed = fashion("init", table(folder, *GOOD), "--json")
    assert json.loads(printed.stdout)["survey"]["products"] == 5
    assert Path("shop.toml").is_file()
    checked = json.loads(fashion("check", "--json").stdout)
    assert (checked["unmapped"], checked["overridden"], checked["products"]) == ({}, [], 5)
    assert checked["touched"]["columns.price"] == 5


def test_flags_take_the_place_of_guesses(folder):
    written = fashion(
        *("init", table(folder, *GOOD), "--yes", "--column", "description=category", "--currency", "EUR"),
        *("--photos", str(folder), "--no-fetch", "--language", "de", "--out", "conf/shop.toml"),
    )
    assert written.exit_code == 0, written.output
    text = Path("conf/shop.toml").read_text()
    for line in ('description = "category"', 'currency = "EUR"', 'descriptions = "de"', "fetch = false"):
        assert line in text


@pytest.mark.parametrize("pair", ["price", "price=", "=x", "price= "])
def test_a_column_flag_that_is_no_pair_is_refused(folder, pair):
    refused = fashion("init", table(folder, *GOOD), "--column", pair)
    assert isinstance(refused.exception, OptionError)
    assert f"column (--column) is '{pair}', but it must be ours=yours" in str(refused.exception)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.csv",), "does not exist"),
        (("list.csv", "--column", "colour=color"), "the names on its left must be ours"),
        (("list.csv", "--column", "price=cost"), "no column 'cost'"),
        (("list.csv", "--preset", "magento"), "magento"),
        (("list.csv", "--photos", "no-such-folder"), "no-such-folder"),
        (("list.csv", "--currency", "a very long currency"), "currency"),
    ],
)
def test_mistakes_are_one_sentence(folder, arguments, words):
    table(folder, *GOOD)
    refused = fashion("init", *arguments, "--yes")
    assert isinstance(refused.exception, FashionError), refused.output
    assert words in str(refused.exception) and "\n" not in str(refused.exception)
    assert not Path("shop.toml").exists()


@pytest.fixture
def answers(monkeypatch):
    """Answers of a person at a terminal, by a word of the question; returns the questions."""

    def given(**by_word: bool) -> list[tuple[str, bool]]:
        asked = []

        def ask(text: str, default: bool) -> bool:
            asked.append((text, default))
            return next(answer for word, answer in by_word.items() if word in text)

        monkeypatch.setattr(init_module, "output", Console(force_terminal=True, width=120))
        monkeypatch.setattr(init_module.Confirm, "ask", ask)
        return asked

    return given


@pytest.mark.parametrize(("answer", "fetch"), [(True, "true"), (False, "false")])
def test_at_a_terminal_only_fetching_is_asked(folder, answers, answer, fetch):
    asked = answers(Fetch=answer)
    rows = ["A,Red Shirt,5,Red,Shirts,https://c.example/1.jpg"]
    assert fashion("init", table(folder, *rows)).exit_code == 0
    assert len(asked) == 1 and "1 products" in asked[0][0]
    assert f"fetch = {fetch}" in Path("shop.toml").read_text()


PRIVATE = [
    "A,Red Shirt,5,Red,Shirts,http://127.0.0.1:8000/1.jpg",
    "B,Red Shirt,5,Red,Shirts,http://127.0.0.1:8000/2.jpg",
    "C,Red Shirt,5,Red,Shirts,http://nas/3.jpg",
    "D,Red Shirt,5,Red,Shirts,https://c.example/4.jpg",
]
LINE = 'private_hosts = ["127.0.0.1:8000", "nas"]'
REFUSED = (
    "2 products have photos on 127.0.0.1:8000, 1 product has photos on nas: hosts of a private network, which are "
    f"asked only where `{LINE}` in [photos] of the shop's file says that they are yours."
)


@pytest.mark.parametrize("arguments", [["--yes"], [], ["--yes", "--fetch"]])
def test_photos_on_a_private_network_are_said_and_not_allowed_by_yes_alone(folder, arguments):
    written = fashion("init", table(folder, *PRIVATE), *arguments)
    assert written.exit_code == 0 and REFUSED in written.output
    text = Path("shop.toml").read_text()
    assert f"\n# {LINE}" in text and "fetch = true" in text
    assert read_shop_file(Path("shop.toml")).photos.private_hosts == ()

    assert REFUSED in fashion("check").output
    assert json.loads(fashion("check", "--json").stdout)["refused_hosts"] == {"127.0.0.1:8000": 2, "nas": 1}
    Path("shop.toml").write_text(text.replace(f"# {LINE}", LINE))
    assert "private" not in fashion("check").output


def test_a_run_that_refuses_a_host_of_a_private_network_names_the_same_line(folder):
    """Nobody listens there, and nobody is asked."""
    written = fashion("init", table(folder, *PRIVATE[:2]), "--yes")
    said = 'asked only where `private_hosts = ["127.0.0.1:8000"]` in [photos] of the shop\'s file says that it is yours'
    assert said in written.output
    planned = fashion("plan", "--ingest")
    assert planned.exit_code == 1
    assert f"2 a host of a private network, which is {said}: http://127.0.0.1:8000/1.jpg" in planned.output


def test_hosts_of_a_private_network_are_allowed_by_a_flag(folder):
    flags = ["--private-host", "127.0.0.1:8000", "--private-host", "nas"]
    written = fashion("init", table(folder, *PRIVATE), "--yes", *flags)
    assert written.exit_code == 0 and "private network" not in written.output
    assert f"\n{LINE}" in Path("shop.toml").read_text()
    assert read_shop_file(Path("shop.toml")).photos.private_hosts == ("127.0.0.1:8000", "nas")


def test_one_host_of_two_is_allowed(folder):
    written = fashion("init", table(folder, *PRIVATE), "--json", "--private-host", "nas")
    assert json.loads(written.stdout)["refused_hosts"] == {"127.0.0.1:8000": 2}
    assert json.loads(written.stdout)["survey"]["private_hosts"] == {"127.0.0.1:8000": 2, "nas:80": 1}
    assert '\nprivate_hosts = ["nas"]  # not: 127.0.0.1:8000 (2 products)' in Path("shop.toml").read_text()


def test_where_nothing_is_fetched_no_host_is_refused(folder):
    written = fashion("init", table(folder, *PRIVATE), "--no-fetch")
    assert "private" not in written.output and "private" not in Path("shop.toml").read_text()


@pytest.mark.parametrize("host", ["http://nas", "nas/photos", "10.0.0.0/8", ""])
def test_what_is_no_host_is_refused(folder, host):
    refused = fashion("init", table(folder, *PRIVATE), "--private-host", host)
    assert isinstance(refused.exception, OptionError)
    assert f"The host (--private-host) is '{host}'" in str(refused.exception)
    assert not Path("shop.toml").exists()


@pytest.mark.parametrize("is_allowed", [True, False])
def test_at_a_terminal_a_private_network_is_asked_for_by_itself(folder, answers, is_allowed):
    asked = answers(Fetch=True, private=is_allowed)
    assert fashion("init", table(folder, *PRIVATE)).exit_code == 0
    (_, (text, default)) = asked
    assert "127.0.0.1:8000, nas" in text and default is False
    allowed = ("127.0.0.1:8000", "nas") if is_allowed else ()
    assert read_shop_file(Path("shop.toml")).photos.private_hosts == allowed


def test_at_a_terminal_who_fetches_nothing_is_asked_no_more(folder, answers):
    asked = answers(Fetch=False)
    assert fashion("init", table(folder, *PRIVATE)).exit_code == 0
    assert len(asked) == 1 and not read_shop_file(Path("shop.toml")).photos.fetch


WITHOUT_KIND = [f"Z-{number},Modell {number},5,Red,Zzz,{number}.jpg" for number in (1, 2, 3)]


@pytest.fixture
def watches(folder):
    for number in (1, 2, 3):
        listed = Listed(number, f"{number}.jpg", "Accessories", "Watches", "Watches", None)
        (folder / f"{number}.jpg").write_bytes(jpeg(stand_in(listed)))
    return table(folder, *WITHOUT_KIND, GOOD[4])


def test_a_kind_is_proposed_and_applied_only_when_a_person_confirms_it(watches):
    line = '# Zzz = "Watches"  # 3 products; proposed by CLIP from photos'
    written = fashion("init", watches, "--yes", "--propose")
    assert written.exit_code == 0, written.output
    assert "  Zzz: Watches, from photos" in written.output and "[categories]" in written.output
    text = Path("shop.toml").read_text()
    assert line in text.splitlines()
    assert json.loads(fashion("check", "--json").stdout)["unmapped"] == {"Zzz": 3}
    Path("shop.toml").write_text(text.replace(line, line.removeprefix("# ")))
    checked = json.loads(fashion("check", "--json").stdout)
    assert (checked["unmapped"], checked["touched"]["categories.Zzz"]) == ({}, 3)

    printed = json.loads(fashion("init", watches, "--force", "--json", "--propose").stdout)
    assert printed["proposed"] == [{"words": "Zzz", "kind": "Watches", "products": 3, "evidence": ["photos"]}]
    assert printed["rules"].get("categories") is None and printed["unmapped"] == {"Zzz": 3}


def test_the_demo_model_proposes_nothing_unasked_and_that_is_said(watches):
    written = fashion("init", watches, "--yes")
    assert "No kinds are proposed: FASHION_CLIP is the demo model" in written.output
    assert '# Zzz = ""  # 3 products' in Path("shop.toml").read_text()
    assert "proposed" not in fashion("init", watches, "--force", "--no-propose").output


def test_a_model_that_cannot_be_loaded_is_one_sentence_and_the_file_is_written(watches, monkeypatch):
    monkeypatch.setenv("FASHION_CLIP", "no/such/model")
    written = fashion("init", watches, "--yes")
    assert written.exit_code == 0
    assert "No kinds are proposed. The CLIP model 'no/such/model' is not a folder" in written.output
    assert '# Zzz = ""  # 3 products' in Path("shop.toml").read_text()


def test_files_are_fetched_without_a_question(folder, monkeypatch):
    monkeypatch.setattr(init_module, "output", Console(force_terminal=True, width=120))
    monkeypatch.setattr(init_module.Confirm, "ask", lambda *_, **__: pytest.fail("nothing is to be asked"))
    assert fashion("init", table(folder, *GOOD)).exit_code == 0


def test_names_with_brackets_are_printed_as_they_are(folder):
    printed = fashion("init", table(folder, "A,Shirt [/b] [red],5,Red,Shirts [x],1.jpg"), "--yes")
    assert printed.exit_code == 0
    assert "Shirt [/b] [red]" in printed.output
