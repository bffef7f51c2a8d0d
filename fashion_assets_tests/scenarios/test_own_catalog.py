"""From an export as a shop has it to a search, with nothing but `fashion init` in between."""

from pathlib import Path

import pytest
from dagster import DagsterInstance
from typer.testing import CliRunner

from fashion_assets import Shop
from fashion_assets.app import pipeline
from fashion_assets.cli.app import app
from fashion_assets.shop.file import load_shop_settings
from fashion_assets_tests.factories.photo_files import product, save
from fashion_assets_tests.fakes.folder_server import serving
from fashion_assets_tests.fakes.resources import with_fakes

GREEN = (30, 160, 60)

WOOCOMMERCE = (
    "\ufeffID,Type,SKU,Name,Published,Short description,In stock?,Stock,Regular price,Sale price,Categories,Images,"
    "Parent,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"
    "7,variable,LK-1,Leinenkleid „Möwe“,1,<p>Luftig &amp; weit</p>,1,,,,Damen > Kleider,HOST/kleid.jpg,,"
    'Farbe,"Weiß, Rot",Größe,S\n'
    '8,variation,LK-1-W-S,"Leinenkleid „Möwe“ - Weiß, S",1,,1,2,"1.079,90",,,HOST/kleid.jpg,LK-1,Farbe,Weiß,Größe,S\n'
    '9,variation,LK-1-R-S,"Leinenkleid „Möwe“ - Rot, S",1,,1,1,"79,90","59,90",,HOST/rot.jpg,LK-1,Farbe,Rot,Größe,S\n'
    '10,simple,00042,Ledergürtel,1,Schmal,1,9,"39,00",,Herren > Gürtel,HOST/guertel.jpg,,Material,Leder,,\n'
    '11,simple,,Entwurf,-1,,0,0,"5,00",,Damen > Kleider,,,,,,\n'
)


class Owner:
    """A shop owner in a folder of their own, with fakes for the models."""

    def __init__(self, caplog: pytest.LogCaptureFixture):
        self._caplog = caplog

    def run(self, *command: str, code: int = 0) -> str:
        """What the command prints and logs."""
        self._caplog.clear()
        result = CliRunner().invoke(app, command, catch_exceptions=False)
        printed = "\n".join([*self._caplog.messages, result.output])
        assert result.exit_code == code, printed
        return printed

    def found(self, text: str, *options: str) -> list[tuple[str, float | None]]:
        """The shop's own ids and the prices of the hits, best first."""
        hits = Shop.open().search(text, filters=options).hits
        return [(hit.shop_id, hit.price) for hit in hits]


@pytest.fixture
def owner(tmp_path, monkeypatch, caplog) -> Owner:
    def open_with_fakes(cls):
        settings = load_shop_settings()
        return cls(settings, with_fakes(settings))

    (tmp_path / "laden").mkdir()
    monkeypatch.chdir(tmp_path / "laden")
    monkeypatch.setattr(Shop, "open", classmethod(open_with_fakes))
    monkeypatch.setattr(pipeline, "open_instance", lambda home: DagsterInstance.ephemeral())  # for its speed
    caplog.set_level("INFO", logger="fashion_assets.app")
    return Owner(caplog)


def test_a_german_shop_from_its_export_to_a_search(owner, tmp_path):
    for number, (name, color) in enumerate((("kleid", GREEN), ("rot", (200, 30, 40)), ("guertel", (20, 40, 190)))):
        save(product(number, color=color), tmp_path / "web" / f"{name}.jpg")
    table, file = Path("export.csv"), Path("shop.toml")
    with serving(tmp_path / "web") as server:
        export = WOOCOMMERCE.replace("HOST", f"http://{server.host}")
        table.write_text(export, encoding="utf-8")
        understood = owner.run("init", "export.csv", "--yes", "--currency", "EUR")
        assert "5 rows give 3 products." in understood and "Left out: 1 row, because Published is '-1'" in understood
        text = file.read_text(encoding="utf-8")
        assert 'descriptions = "de"' in text
        allowing = f'private_hosts = ["{server.host}"]'
        assert f"`{allowing}` in [photos]" in understood and f"\n# {allowing}" in text
        file.write_text(text.replace(f"# {allowing}", allowing), encoding="utf-8")
        assert "1 row, because Published is '-1': line 6" in owner.run("run")
        assert sorted(set(server.paths)) == ["/guertel.jpg", "/kleid.jpg", "/rot.jpg"] and len(server.paths) == 3

    assert owner.found("rotes Kleid")[0] == ("LK-1/Rot", 59.9)
    assert owner.found("lk-1-r-s")[0] == owner.found("LK-1-R-S")[0] == ("LK-1/Rot", 59.9)
    assert owner.found("guertel")[0] == owner.found("00042")[0] == ("00042", 39.0)
    assert owner.found("Kleider", "base_color=weiss") == [("LK-1/Weiß", 1079.9)]
    prices = {hit.shop_id: hit.price_in_words() for hit in Shop.open().search("rotes Kleid").hits}
    assert prices == {"LK-1/Rot": "59.90 EUR (was 79.90)", "LK-1/Weiß": "1079.90 EUR", "00042": "39.00 EUR"}
    (described,) = Shop.open().show("00042")["products_with_visual_attributes"]
    assert described["rich_text_description"].startswith("Gürtel") and "aus Leder" in described["rich_text_description"]
    assert Shop.open().show("LK-1-R-S").product_id == Shop.open().show("LK-1/Rot").product_id < 0

    assert "Nothing has changed" in owner.run("run")  # and the server is gone
    assert "Nothing would run" in owner.run("plan", "--ingest")
    fewer = "".join(line for line in export.splitlines(keepends=True) if "LK-1-W-S" not in line)
    table.write_text(fewer.replace('"59,90"', '"49,90"'), encoding="utf-8")
    assert "0 questions asked" in owner.run("run")
    assert sorted(owner.found("rotes Kleid")) == [("00042", 39.0), ("LK-1/Rot", 49.9)]
    table.write_text(fewer.replace('"59,90"', '"49,90"').replace('"79,90"', '"69,90"'), encoding="utf-8")
    assert "search index: a new version was built" in owner.run("run")
    assert Shop.open().search("LK-1/Rot").hits[0].list_price == 69.9


def test_a_table_of_ids_and_photos_is_searched_and_nothing_else_is_claimed(owner):
    for number in range(4):
        save(product(number, color=GREEN), Path("bilder") / f"{number}.jpg")
    rows = "".join(f"HS-{number}-BL,{number}.jpg\n" for number in range(4))
    Path("list.csv").write_text(f"sku,picture\n{rows}")
    assert "Photos: 4 there." in owner.run("init", "list.csv", "--photos", "bilder", "--yes")
    owner.run("run")
    hits = Shop.open().search("HS-2-BL").hits
    assert hits[0].shop_id == "HS-2-BL" and len(hits) == 4
    assert {(hit.price, hit.base_color, hit.article_type) for hit in hits} == {(None, None, None)}
    assert "denim" in hits[0].description
    assert "not measured: no category and no colour" in owner.run("evaluate-search")
    with pytest.raises(Exception, match="states no base color"):
        owner.found("denim", "base_color=Red")


def test_photos_that_are_not_there_are_never_called_answered(owner):
    Path("list.csv").write_text("sku,name,picture\nA,Shirt,a.jpg\nB,Shirt,b.jpg\n")
    assert "Photos: 2 missing." in owner.run("init", "list.csv", "--yes")
    planned = owner.run("plan", "--ingest", code=1)
    assert "2 no such file: a.jpg; b.jpg" in planned and "Too much was lost" in planned
    assert "None of the 2 products has a usable photo" in planned
    assert "All answers are in the journal" not in planned
