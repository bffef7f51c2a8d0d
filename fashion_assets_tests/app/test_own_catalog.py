"""A shop's own table: understood, written down, checked against the file, and ingested by it."""

import json
from pathlib import Path

import pytest

from fashion_assets.app.json_values import json_ready
from fashion_assets.app.own_catalog import SHOP_FILE, InitOptions, check_shop, understand, write_shop_file
from fashion_assets.catalog.ingest import IngestResult, ingest
from fashion_assets.catalog.losses import read_losses
from fashion_assets.catalog.photo_intake import PhotoPlaces
from fashion_assets.catalog.source import open_source
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.errors import SettingsError, SourceError
from fashion_assets.shop.file import catalog_rules, load_shop_settings, read_shop_file
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.photo_files import product, save

TABLE = (
    "Artikelnummer;Bezeichnung;Preis;Farbe;Warengruppe;Bild;Status\n"
    "WS-1;Leinenhemd;49,90;Weiß;Hemden;1.jpg;aktiv\n"
    "WS-2;Ledergürtel;1.029,00;Braun;Gürtel;2.jpg;aktiv\n"
    "WS-3;Rotes Ding;auf Anfrage;Rot;Xyzzy;3.jpg;aktiv\n"
    ";Ohne Nummer;5,00;Rot;Hemden;1.jpg;aktiv\n"
    "WS-5;Entwurf;5,00;Rot;Hemden;1.jpg;Entwurf\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A shop's folder, the current one: a table with three products, of which two have a photo."""
    shop = tmp_path / "shop"
    for number in (1, 2):
        save(product(number), shop / "fotos" / f"{number}.jpg")
    (shop / "liste.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(shop)
    return shop


@pytest.fixture
def understood(folder):
    return understand(Path("liste.csv"), InitOptions(photos=Path("fotos")), folder)


def ingested(settings) -> tuple[TableStore, IngestResult]:
    store = TableStore(settings.tables_uri)
    places = PhotoPlaces(settings.photos_root, settings.source_photos_root)
    source = open_source(settings.require_source(), catalog_rules(settings))
    return store, ingest(source, places, store, NOW)


def test_from_a_table_to_products_by_way_of_the_file(folder, understood):
    survey = understood.survey
    assert (survey.rows, survey.products) == (5, 3)
    assert survey.photos == {"there": 2, "missing": 1}
    assert [(loss.what, loss.count) for loss in survey.quarantined] == [("rows without an id", 1)]
    assert [loss.count for loss in survey.excluded] == [1]
    assert understood.unmapped == [("Xyzzy", 1)]
    write_shop_file(understood, SHOP_FILE)

    checked = check_shop(load_shop_settings())
    assert checked.rules == read_shop_file(SHOP_FILE)
    assert (checked.survey.products, checked.survey.photos, checked.overridden) == (3, survey.photos, ())
    assert checked.survey.values == survey.values and checked.survey.values

    store, result = ingested(load_shop_settings())
    assert (result.rows_in, result.accepted, result.quarantined) == (5, 3, 2)
    assert result.photos_by_status == {"ok": 2, "missing": 1, "unreadable": 0, "blank": 0}
    assert store.read(INGESTED_PRODUCTS).sort("shop_id").select("shop_id", "price", "base_color").rows() == [
        ("WS-1", 49.9, "Weiß"),
        ("WS-2", 1029.0, "Braun"),
        ("WS-3", None, "Rot"),
    ]
    losses = read_losses(store)
    assert (losses.quarantined, losses.excluded) == (survey.quarantined, survey.excluded)
    assert losses.values == survey.values


def test_an_understanding_writes_nothing(folder, understood):
    assert understood.table == Path("liste.csv")
    assert sorted(path.name for path in folder.iterdir()) == ["fotos", "liste.csv"]


def test_an_existing_file_is_kept_unless_it_may_be_replaced(folder, understood):
    SHOP_FILE.write_text("# mine\n")
    with pytest.raises(SettingsError, match=r"There is a file 'shop.toml' already.*--force"):
        write_shop_file(understood, SHOP_FILE)
    assert SHOP_FILE.read_text() == "# mine\n"
    write_shop_file(understood, SHOP_FILE, overwrite=True)
    assert SHOP_FILE.read_text(encoding="utf-8") == understood.text


def test_a_file_elsewhere_names_the_table_by_a_path_that_works(folder, understood, tmp_path):
    elsewhere = tmp_path / "conf" / "shop.toml"
    write_shop_file(understand(folder / "liste.csv", InitOptions(), elsewhere.parent), elsewhere)
    assert read_shop_file(elsewhere).source.table == folder / "liste.csv"


def test_what_a_person_states_is_not_guessed(folder):
    options = InitOptions(
        columns={"product_id": "Bezeichnung", "description": "Warengruppe"}, currency="CHF", language="de"
    )
    understood = understand(folder / "liste.csv", options, folder)
    rules = understood.rules
    assert (rules.ids.product, rules.price.currency, rules.language.descriptions) == ("Bezeichnung", "CHF", "de")
    assert rules.columns["description"] == ("Warengruppe",)
    first = understood.survey.examples.row(0, named=True)
    assert (first["shop_id"], first["description"], first["currency"]) == ("Leinenhemd", "Hemden", "CHF")
    write_shop_file(understood, SHOP_FILE)
    assert read_shop_file(SHOP_FILE) == rules


@pytest.mark.parametrize(("fetch", "expected"), [(None, True), (True, True), (False, False)])
def test_addresses_are_fetched_unless_a_person_says_otherwise(folder, fetch, expected):
    table = folder / "web.csv"
    table.write_text("sku,name,image\n1,Red Shirt,https://c.example/1.jpg\n")
    understood = understand(table, InitOptions(fetch=fetch), folder)
    assert understood.rules.photos.fetch is expected
    assert understood.survey.photos == {"an address": 1}


def test_hosts_of_a_private_network_are_counted_by_products_whichever_of_their_photos_is_there(folder):
    table = folder / "web.csv"
    table.write_text(
        "sku,name,image\n"
        '1,Red Shirt,"https://c.example/1.jpg, http://NAS.local/1.jpg, http://nas.local/2.jpg?size=l"\n'
        "2,Red Shirt,http://nas.local\\3.jpg\n"
        "3,Red Shirt,http://127.0.0.1:8000/4.jpg\n"
        "4,Red Shirt,https://c.example/5.jpg\n"
    )
    understood = understand(table, InitOptions(), folder)
    assert understood.survey.private_hosts == {"nas.local:80": 2, "127.0.0.1:8000": 1}
    assert understood.refused_hosts == {"nas.local": 2, "127.0.0.1:8000": 1}
    assert understood.fetching(True, ("nas.local",)).refused_hosts == {"127.0.0.1:8000": 1}
    assert understood.fetching(False).refused_hosts == {}


def test_files_are_never_set_to_be_fetched(understood):
    assert not understood.rules.photos.fetch


def test_what_json_prints_is_complete(understood):
    printed = json.loads(json.dumps(json_ready(understood.as_dict())))
    assert printed["table"] == "liste.csv"
    assert printed["survey"]["products"] == 3
    assert printed["unmapped"] == {"Xyzzy": 1}
    assert printed["rules"]["ids"] == {"product": "Artikelnummer"}
    assert printed["survey"]["examples"][0]["shop_id"] == "WS-1"


def test_settings_that_override_the_file_are_named(folder, understood, monkeypatch):
    write_shop_file(understood, SHOP_FILE)
    monkeypatch.setenv("FASHION_COLUMNS", '{"price": "Preis"}')
    monkeypatch.setenv("FASHION_PHOTOS", str(folder))
    checked = check_shop(load_shop_settings())
    assert set(checked.overridden) == {"FASHION_COLUMNS", "FASHION_PHOTOS"}
    assert checked.survey.photos == {"missing": 3}


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ('product = "Artikelnummer"', 'product = "Artikelnr"', SourceError, "no column 'Artikelnr'"),
        ('table = "liste.csv"', 'table = "weg.csv"', SourceError, "weg.csv' does not exist"),
        ("[price]", "[prices]", SettingsError, "there is no section 'prices'"),
        ('decimal = ","', 'decimal = "x"', SettingsError, "price.decimal is 'x'"),
    ],
)
def test_a_file_that_does_not_hold_is_refused(folder, understood, old, new, error, words):
    write_shop_file(understood, SHOP_FILE)
    text = SHOP_FILE.read_text(encoding="utf-8")
    assert old in text
    SHOP_FILE.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(error, match=words):
        check_shop(load_shop_settings())


def test_categories_that_a_person_maps_are_known_from_then_on(folder, understood):
    write_shop_file(understood, SHOP_FILE)
    text = SHOP_FILE.read_text(encoding="utf-8")
    SHOP_FILE.write_text(text.replace('# Xyzzy = ""', 'Xyzzy = "Caps"'), encoding="utf-8")
    checked = check_shop(load_shop_settings())
    assert checked.survey.categories["Xyzzy", "Accessories > Headwear > Caps"] == 1
    assert not [loss for loss in checked.survey.values if "category" in loss.what]
