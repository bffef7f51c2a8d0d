"""WooCommerce's product export: variations joined with their products, by SKU or by id, before or after them."""

import csv
import io

import pytest

from fashion_assets.catalog.reading.table import SourceTable

WOOCOMMERCE = {"preset": "woocommerce"}
COLUMNS = (
    *("ID", "Type", "SKU", "Name", "Published", "Visibility in catalog", "Short description", "Description"),
    *("In stock?", "Stock", "Sale price", "Regular price", "Categories", "Tags", "Images", "Parent"),
    *("Attribute 1 name", "Attribute 1 value(s)", "Attribute 1 visible", "Attribute 1 global"),
    *("Attribute 2 name", "Attribute 2 value(s)", "Attribute 2 visible", "Attribute 2 global"),
    *("Attribute 3 name", "Attribute 3 value(s)", "Meta: _wpcom_is_markdown", "Meta: material"),
)


def table(*rows: dict[str, str]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows({"Published": "1"} | row for row in rows)
    return "\ufeff" + file.getvalue()


def attributes(**values: str) -> dict[str, str]:
    cells = {}
    for number, (name, value) in enumerate(values.items(), 1):
        cells |= {f"Attribute {number} name": name, f"Attribute {number} value(s)": value}
    return cells


DRESS = {
    "ID": "101", "Type": "variable", "SKU": "KL-7", "Name": "Leinenkleid", "Short description": "Luftig",
    "Categories": "Damen > Kleider, Neu", "Images": "https://s.example/1.jpg, https://s.example/2.jpg",
    **attributes(Farbe="Weiß, Rot", Größe="S, M"),
}  # fmt: skip


def variation(number: str, color: str, size: str, parent: str = "KL-7", **cells: str) -> dict[str, str]:
    own = {"ID": number, "Type": "variation", "SKU": f"KL-7-{number}", "Name": f"Leinenkleid - {color}, {size}"}
    return own | {"Parent": parent} | attributes(Farbe=color, Größe=size) | cells


VARIATIONS = (
    variation("102", "Weiß", "S", **{"Regular price": "79,90", "Stock": "3", "Images": "https://s.example/w.jpg"}),
    variation("103", "Weiß", "M", **{"Regular price": "79,90", "Stock": "0"}),
    variation("104", "Rot", "M", **{"Regular price": "1.079,90", "Sale price": "59,90", "Stock": "0"}),
)


@pytest.mark.parametrize("rows", [(DRESS, *VARIATIONS), (*VARIATIONS, DRESS)], ids=["after", "before"])
@pytest.mark.parametrize("size", [1, 1000])
def test_variations_may_stand_before_or_after_their_product(ingested, monkeypatch, rows, size):
    monkeypatch.setattr(SourceTable, "parts", lambda table: table.read_parts(size))
    done = ingested(table(*rows), source=WOOCOMMERCE)
    products = done.products.select("shop_id", "product_display_name", "base_color", "sizes", "price", "list_price")
    assert products.rows() == [
        ("KL-7/Weiß", "Leinenkleid", "Weiß", ["S", "M"], 79.9, None),
        ("KL-7/Rot", "Leinenkleid", "Rot", ["M"], 59.9, 1079.9),
    ]
    assert done.products["in_stock"].to_list() == [True, False]
    assert done.products["gender"].unique().to_list() == ["Women"]
    assert done.products["article_type"].unique().to_list() == ["Dresses"]
    assert (done.result.rows_in, done.result.further_variants, done.result.continuations) == (4, 1, 1)


def test_a_variation_has_its_own_photo_before_those_of_the_product(ingested):
    products = ingested(table(DRESS, *VARIATIONS), source=WOOCOMMERCE).products
    of_product = ["https://s.example/1.jpg", "https://s.example/2.jpg"]
    assert products["image_path"].to_list() == ["https://s.example/w.jpg", of_product[0]]
    assert products["more_photos"].to_list() == [of_product, of_product[1:]]


def test_a_variation_may_name_its_product_by_number(ingested):
    without_sku = {name: value for name, value in DRESS.items() if name != "SKU"}
    by_number = [variation(number, "Rot", size, parent="id:101") for number, size in (("102", "S"), ("103", "M"))]
    done = ingested(table(without_sku, *by_number), source=WOOCOMMERCE)
    assert done.products.select("shop_id", "product_display_name", "sizes").rows() == [
        ("101/Rot", "Leinenkleid", ["S", "M"])
    ]
    assert done.result.continuations == 1


def test_a_product_with_sku_may_be_named_by_number_too(ingested):
    done = ingested(table(DRESS, variation("102", "Rot", "S", parent="id:101")), source=WOOCOMMERCE)
    assert done.products["shop_id"].to_list() == ["KL-7/Rot"]


def test_a_variation_whose_product_is_not_in_the_table_stands_for_itself(ingested):
    done = ingested(table(variation("102", "Rot", "S", parent="KL-9")), source=WOOCOMMERCE)
    assert done.products.select("shop_id", "product_display_name", "base_color").rows() == [
        ("KL-7-102", "Leinenkleid - Rot, S", "Rot")
    ]


@pytest.mark.parametrize("published", ["0", "-1"])
def test_variations_of_an_unpublished_product_are_left_out(ingested, published):
    done = ingested(
        table(DRESS | {"Published": published}, *VARIATIONS, {"ID": "1", "Type": "simple", "Name": "Gürtel"}),
        source=WOOCOMMERCE,
    )
    assert done.products["shop_id"].to_list() == ["1"]
    assert done.quarantined["reason"].to_list() == [f"Published is '{published}'"] * 3


def test_an_unpublished_variation_is_left_out(ingested):
    done = ingested(table(DRESS, VARIATIONS[0] | {"Published": "0"}, *VARIATIONS[1:]), source=WOOCOMMERCE)
    assert done.products["shop_id"].to_list() == ["KL-7/Weiß", "KL-7/Rot"]
    assert done.result.quarantined_by_kind == {"excluded": 1}


def test_a_variable_product_without_variations_is_a_product(ingested):
    done = ingested(table(DRESS), source=WOOCOMMERCE)
    assert done.products.select("shop_id", "product_display_name").rows() == [("KL-7", "Leinenkleid")]
    assert done.result.continuations == 0


def test_ids_are_skus_as_they_stand_or_numbers(ingested):
    rows = ({"ID": "1", "Type": "simple", "SKU": "00123"}, {"ID": "2", "Type": "simple", "SKU": ""})
    assert ingested(table(*rows), source=WOOCOMMERCE).products["shop_id"].to_list() == ["00123", "2"]


@pytest.mark.parametrize("kind", ["simple", "grouped", "external", "simple, downloadable, virtual", "bundle", ""])
def test_products_of_every_type_are_products(ingested, kind):
    done = ingested(table({"ID": "1", "Type": kind, "SKU": "A", "Name": "Set"}), source=WOOCOMMERCE)
    assert done.products["shop_id"].to_list() == ["A"]


def test_attributes_state_color_size_and_material(ingested):
    belt = {"ID": "1", "Type": "simple", "SKU": "A"} | attributes(
        pa_material="Leder", pa_color="Braun", pa_size="80, 90"
    )
    product = ingested(table(belt), source=WOOCOMMERCE).products.row(0, named=True)
    assert product["given"] == '{"material":"Leder","pattern":null}'
    assert (product["base_color"], product["sizes"]) == ("Braun", ["80", "90"])


@pytest.mark.parametrize("attribute", ["pa_farbe", "attribute_pa_color", "Farbe", "COLOUR", "Couleur"])
def test_a_color_is_one_whatever_its_attribute_is_called(ingested, attribute):
    product = {"ID": "1", "Type": "simple"} | attributes(**{attribute: "Braun"})
    assert ingested(table(product), source=WOOCOMMERCE).products["base_color"].item() == "Braun"


def test_the_stock_is_a_number_or_a_yes(ingested):
    rows = [
        {"ID": "1", "Type": "simple", "In stock?": "1"},
        {"ID": "2", "Type": "simple", "In stock?": "0"},
        {"ID": "3", "Type": "simple", "In stock?": "1", "Stock": "0"},
        {"ID": "4", "Type": "simple", "In stock?": "backorder"},
        {"ID": "5", "Type": "simple"},
    ]
    assert ingested(table(*rows), source=WOOCOMMERCE).products["in_stock"].to_list() == [True, False, False, True, None]


def test_line_ends_that_were_written_as_signs_are_none(ingested):
    text = r"<p>100&nbsp;% Leinen</p>\n<p>Länge: 110&nbsp;cm</p>"
    product = {"ID": "1", "Type": "simple", "Short description": "Luftig", "Description": text}
    (description,) = ingested(table(product), source=WOOCOMMERCE).products["description"]
    assert description.split() == ["Luftig", "100", "%", "Leinen", "Länge:", "110", "cm"]


def test_a_header_in_other_case_is_the_same_table(ingested):
    header, _, rows = table(DRESS, *VARIATIONS).partition("\n")
    assert len(ingested(f"{header.lower()}\n{rows}", source=WOOCOMMERCE).products) == 2


GERMAN = {
    "Type": "Typ",
    "SKU": "Artikelnummer",
    "Published": "Veröffentlicht",
    "Short description": "Kurzbeschreibung",
    "Description": "Beschreibung",
    "In stock?": "Vorrätig?",
    "Stock": "Bestand",
    "Sale price": "Angebotspreis",
    "Regular price": "Regulärer Preis",
    "Categories": "Kategorien",
    "Tags": "Schlagwörter",
    "Images": "Bilder",
    "Parent": "Übergeordnetes Produkt",
    **{f"Attribute {number} name": f"Attribut {number} Name" for number in (1, 2, 3)},
    **{f"Attribute {number} value(s)": f"Attribut {number} Wert(e)" for number in (1, 2, 3)},
}


def test_a_german_header_is_the_same_table(ingested):
    header, _, rows = table(DRESS, *VARIATIONS).partition("\n")
    german = ",".join(GERMAN.get(name, name) for name in header.strip().split(","))
    english, translated = (ingested(f"{head}\n{rows}", source=WOOCOMMERCE) for head in (header, german))
    assert german != header and len(translated.products) == 2
    assert not any(changes.total for changes in translated.result.changes.values())
    named = ingested(f"{german}\n{rows}", source=WOOCOMMERCE, columns={"price": "Angebotspreis"})
    assert named.products["price"].to_list() == [None, 59.9]
    assert english.products.equals(translated.products)
