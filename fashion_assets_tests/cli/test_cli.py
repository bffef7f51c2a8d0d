"""The command line: help, exit codes, errors that end with what to do, and the JSON that others read."""

import json
import socket
import subprocess
import sys

import pytest
from rich.console import Console
from typer.testing import CliRunner

from fashion_assets.app import ports
from fashion_assets.app.json_values import json_ready
from fashion_assets.app.shop import Shop
from fashion_assets.app.ui import address_for_alerts
from fashion_assets.catalog.ingest import ingest
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import open_source
from fashion_assets.cli import app as app_module
from fashion_assets.cli import search
from fashion_assets.cli.app import app
from fashion_assets.cli.exit_codes import ExitCode
from fashion_assets.errors import FashionError, SettingsError
from fashion_assets.gates.gate import judge_condition
from fashion_assets.gates.history import record_judgements
from fashion_assets.search.query.hits import Hit, Reasons
from fashion_assets.settings import load_settings
from fashion_assets.shop.file import catalog_rules
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.factories.clock import NOW

COMMANDS = (
    "demo",
    "plan",
    "pilot",
    "run",
    "retry",
    "override",
    "accept",
    "corrections",
    "status",
    "alerts",
    "accuracy",
    "review",
    "report",
    "search",
    "evaluate-search",
    "show",
    "journal",
    "index",
    "doctor",
    "ui",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"fashion {command}" in result.output


def test_arguments_have_their_help(monkeypatch, capsys):
    code, _ = run(monkeypatch, "override", "--help")
    assert code == 0
    assert "The stopped batch, as" in capsys.readouterr().out


def run(monkeypatch, *arguments) -> tuple[int, str]:
    """Exit code and error text of the console script's entry point."""
    monkeypatch.setattr(sys, "argv", ["fashion", *arguments])
    printed = []
    monkeypatch.setattr(app_module.errors, "print", lambda *texts, **_: printed.extend(map(str, texts)))
    with pytest.raises(SystemExit) as exit_:
        app_module.main()
    return exit_.value.code, "\n".join(printed)


def test_what_the_file_system_refuses_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "home").write_text("not a folder")
    for command in ("plan", "--ingest"), ("run",), ("ui",):
        monkeypatch.setenv("FASHION_HOME", str(tmp_path / "home"))
        code, text = run(monkeypatch, *command)
        assert code == 2 and "\n" not in text
        assert "cannot be used (" in text and "move away the file in its place" in text


def test_an_error_that_nobody_foresaw_is_a_traceback_with_an_exit_code_of_its_own(monkeypatch, capsys):
    def interrupted(*_):
        raise InterruptedError("a system call")

    monkeypatch.setattr(Shop, "status", interrupted)
    assert run(monkeypatch, "status")[0] == ExitCode.BUG
    assert "InterruptedError: a system call" in capsys.readouterr().err


def test_a_contact_sheet_is_drawn_and_another_ending_is_refused(tmp_path, monkeypatch):
    sheet = tmp_path / "sheet.png"
    result = CliRunner().invoke(app, ["demo", "sheet", str(sheet), "--columns", "2", "--rows", "1"])
    assert result.exit_code == 0 and sheet.stat().st_size > 10_000
    code, text = run(monkeypatch, "demo", "sheet", "sheet.gif")
    assert code == 2
    assert (
        "The picture to write is 'sheet.gif', but its name must end in .png or .jpg or .jpeg; name it sheet.png" in text
    )


def test_search_before_anything_is_indexed_names_the_next_command(monkeypatch):
    code, text = run(monkeypatch, "search", "shirt")
    assert code == 2
    assert "Nothing is indexed yet, but a search needs an index; run `fashion run` first" in text


def test_an_unknown_product_is_an_error(monkeypatch):
    code, text = run(monkeypatch, "show", "42")
    assert code == 2
    assert "There is no product '42'" in text


def test_local_without_a_source_is_an_error(monkeypatch):
    monkeypatch.setenv("FASHION_PROFILE", "local")
    code, text = run(monkeypatch, "run")
    assert code == 2
    assert "FASHION_SOURCE is not set" in text


def test_a_bad_setting_is_an_error(monkeypatch):
    monkeypatch.setenv("FASHION_DEVICE", "tpu")
    code, text = run(monkeypatch, "status")
    assert code == 2
    assert "FASHION_DEVICE is 'tpu'" in text


def test_options_that_exclude_each_other(monkeypatch):
    code, text = run(monkeypatch, "run", "--all", "--changed")
    assert code == 2
    assert "exclude each other" in text


def test_a_bad_filter_is_an_error(monkeypatch):
    code, text = run(monkeypatch, "search", "shirt", "--filter", "size=XL")
    assert code == 2
    assert "size" in text


def test_a_missing_query_photo_is_an_error(monkeypatch):
    code, text = run(monkeypatch, "search", "--image", "nowhere.jpg")
    assert code == 2
    assert "photo (--image) is 'nowhere.jpg'" in text


@pytest.fixture
def shop(tmp_path):
    """A table with two products (one without a photo) and one bad row, ingested."""
    write_photo(tmp_path / "shop" / "images", "1.jpg", (200, 0, 0))
    source = tmp_path / "shop" / "styles.csv"
    source.write_text("id,articleType,productDisplayName\n1,Shirts,Red Shirt\n2,Shirts,Lost Shirt\n,Shirts,Bad\n")
    settings = load_settings(
        profile="local", source=source, preset="reference", home=tmp_path / "home", vlm="demo", clip="demo"
    )
    store = TableStore(settings.tables_uri)
    places = PhotoPlaces(settings.photos_root, settings.photos_root)
    ingest(open_source(source, catalog_rules(settings)), places, store, NOW)
    return settings, store


def test_status_json_has_the_promised_keys(shop):
    settings, store = shop
    gone = judge_condition("a_check_that_the_project_has_no_more", False, "why")
    record_judgements(
        store, "clip_embeddings", [judge_condition("vectors_are_well_formed", False, "why", value=0.5), gone], NOW
    )
    status = json.loads(json.dumps(json_ready(Shop.open(settings).status())))
    assert list(status) == [
        "profile", "products", "batches", "quarantined", "left_out", "photos", "extracted", "extraction_success_rate",
        "gates", "indexes", "models",
    ]  # fmt: skip
    assert (status["profile"], status["products"], status["batches"], status["quarantined"]) == ("local", 2, 1, 1)
    assert status["photos"] == {"missing": 1, "unreadable": 0, "blank": 0, "duplicate_groups": 0}
    assert (status["extracted"], status["extraction_success_rate"], status["indexes"]) == (0, None, [])
    gate = {"name": "vectors_are_well_formed", "asset": "clip_embeddings", "batch": None, "passed": False}
    assert status["gates"] == [{**gate, "severity": "error", "value": 0.5, "threshold": None}]
    assert set(status["models"]) == {"vlm", "clip"}


def test_show_collects_what_is_known(shop):
    opened = Shop.open(shop[0])
    record = opened.show(1)
    assert record["ingested_products"][0]["product_display_name"] == "Red Shirt"
    assert record["photos"][0]["status"] == "ok"
    assert record["product_extracted_attributes"] == []
    with pytest.raises(FashionError, match="There is no product '3'"):
        opened.show(3)


def test_help_needs_no_heavy_import():
    script = "import sys, fashion_assets.cli; print(*[m for m in ('torch', 'lancedb') if m in sys.modules])"
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == ""


def test_a_page_takes_another_port_when_the_usual_one_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"Port {port} on 127.0.0.1 is taken"):
            ports.free_port("127.0.0.1", port, first=3000)
        assert port < ports.free_port("127.0.0.1", None, first=port) < port + ports.PORTS_TO_TRY


@pytest.mark.parametrize(
    ("line", "environment"), [("", {"FASHION_UI_URL": "http://127.0.0.1:3001"}), ("FASHION_UI_URL=https://ui.shop", {})]
)
def test_links_in_alerts_lead_to_the_page_that_is_served_unless_another_one_is_set(
    line, environment, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(line)
    assert address_for_alerts(load_settings(), "127.0.0.1", 3001) == environment


@pytest.mark.parametrize("text", ["Kurta [pack of 2] blue", "closing [/b] tag"])
def test_brackets_in_names_are_printed_as_they_are(text, capsys):
    hit = Hit(
        **dict.fromkeys(Hit.__dataclass_fields__)
        | {"shop_id": "7", "score": 0.5, "product_display_name": text, "description": text, "why": Reasons(0.5)}
    )
    Console(width=200).print(search.hits_table([hit], "[/query]"))
    printed = capsys.readouterr().out
    assert text in printed
    assert "[/query]" in printed


def test_a_comparison_shows_the_longer_list_in_full(capsys):
    hit = Hit(
        **dict.fromkeys(Hit.__dataclass_fields__)
        | {"shop_id": "7", "product_display_name": "Polo", "why": Reasons(0.5, text_rank=3, matched={"gender": "Men"})}
    )
    Console(width=100).print(search.comparison_table({"vs_hybrid_search": [], "vs_hybrid_search_enriched": [hit]}, "q"))
    printed = capsys.readouterr().out
    assert "vs_hybrid_search_enriched" in printed and "7 Polo" in printed and "0.500 Men; words #3" in printed


def test_an_interrupt_explains_how_to_continue(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fashion_assets.app.places.load_shop_settings", interrupt)
    code, text = run(monkeypatch, "status")
    assert code == 130
    assert "the same command continues from here" in text


def test_an_unknown_option_is_bad_usage(monkeypatch):
    code, _ = run(monkeypatch, "status", "--nonsense")
    assert code == 2
