"""Unknown tables: what their columns are taken for, how sure that is, and what is refused with a remedy."""

import json

import polars as pl
import pytest

from fashion_assets.app.own_catalog import InitOptions, Understanding, understand
from fashion_assets.catalog.reading.opening import open_table
from fashion_assets.catalog.recognition.guess import Guess, further_texts, guess
from fashion_assets.errors import SourceError
from fashion_assets_tests.factories.photo_files import product, save


@pytest.fixture
def guessed(write):
    def guessed(content: str) -> Guess:
        return guess(open_table(write(content)))

    return guessed


@pytest.fixture
def understood(write, tmp_path):
    def understood(content: str, **options) -> Understanding:
        return understand(write(content), InitOptions(**options), tmp_path)

    return understood


def columns(guess: Guess) -> dict[str, str]:
    return {column.ours: column.theirs for column in guess.understood}


ENGLISH = (
    "Item Code,Item Name,Selling Price,MRP,Colour,Product Type,Picture,In Stock\n"
    "AB-1,Red Shirt,19.99,25.00,Red,Shirts,a.jpg,yes\nAB-2,Blue Jeans,29.99,,Blue,Jeans,b.jpg,no\n"
)
GERMAN = (
    "Artikelnr.;Bezeichnung;Preis;Farbe;Warengruppe;Bild;Größe;Bestand;Hersteller;Beschreibung\n"
    "001;Hemd;19,99;Rot;Hemden;a.jpg;M;3;Anker;Aus Leinen\n002;Gürtel;1.029,99;Braun;Gürtel;b.jpg;L;0;Anker;Leder\n"
)


def test_an_english_header_is_read_by_its_names(guessed):
    assert columns(guessed(ENGLISH)) == {
        "product_id": "Item Code",
        "product_display_name": "Item Name",
        "price": "Selling Price",
        "list_price": "MRP",
        "base_color": "Colour",
        "category": "Product Type",
        "image_path": "Picture",
        "stock": "In Stock",
    }


def test_a_german_header_is_read_by_its_names(guessed):
    assert columns(guessed(GERMAN)) == {
        "product_id": "Artikelnr.",
        "product_display_name": "Bezeichnung",
        "price": "Preis",
        "base_color": "Farbe",
        "category": "Warengruppe",
        "image_path": "Bild",
        "size": "Größe",
        "stock": "Bestand",
        "brand": "Hersteller",
        "description": "Beschreibung",
    }


@pytest.mark.parametrize("content", [ENGLISH, GERMAN])
def test_what_was_guessed_can_be_read(understood, content):
    survey = understood(content).survey
    assert (survey.rows, survey.products, survey.quarantined) == (2, 2, ())
    assert survey.examples["price"].null_count() == 0
    assert survey.examples["article_type"].null_count() == 0


def test_the_decimal_sign_that_prices_show_is_written_down(understood):
    assert understood(GERMAN).rules.price.decimal == ","
    assert understood(ENGLISH).rules.price.decimal == "."


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("productDisplayName", "product_display_name"),
        ("PRODUCT_NAME", "product_display_name"),
        ("product-name", "product_display_name"),
        ("Produktname", "product_display_name"),
        ("Titel", "product_display_name"),
    ],
)
def test_names_are_compared_as_words(guessed, name, ours):
    assert columns(guessed(f"sku,{name}\nA,Red Shirt\nB,Blue Shirt\n"))[ours] == name


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("DiscountPrice (in Rs)", "sale_price"),
        ("OriginalPrice (in Rs)", "list_price"),
        ("Price [EUR]", "price"),
        ("variant_price", "price"),
        ("product_main_image_url", "image_path"),
        ("category_by_gender", "gender"),
    ],
)
def test_columns_with_more_words_than_ours_are_told_by_their_contents(guessed, name, ours):
    values = {"image_path": ("a.jpg", "b.jpg"), "gender": ("Men", "Women")}.get(ours, ("1,299", "899"))
    rows = "".join(f'{sku},Red Shirt {sku},"{value}"\n' for sku, value in zip("AB", values, strict=True))
    assert columns(guessed(f"sku,title,{name}\n{rows}"))[ours] == name


ODD = (
    "c1;c2;c3;c4;c5\nX-1;Blue shirt for men;https://c.example/1.jpg;$5.00;n\n"
    "X-2;Red summer dress;https://c.example/2.jpg?v=1;$6.50;n\nX-3;Belt of leather;https://c.example/3.png;$7.00;n\n"
)


def test_columns_in_odd_names_are_recognized_by_their_contents_and_flagged(guessed):
    odd = guessed(ODD)
    assert columns(odd) == {"product_id": "c1", "product_display_name": "c2", "image_path": "c3", "price": "c4"}
    assert odd.unsure == odd.understood
    assert odd.unused == ("c5",)


def test_a_column_whose_name_only_contains_ours_is_flagged(guessed):
    shirts = guessed("sku,title,product_category_tree\nA,Red Shirt,Men > Shirts\nB,Blue Shirt,Men > Shirts\n")
    assert [(column.ours, column.theirs) for column in shirts.unsure] == [("category", "product_category_tree")]


def test_a_name_does_not_suffice_where_the_contents_do_not_fit(guessed):
    taken = columns(guessed("sku,title,price,image\nA,Red Shirt,fixed,none\nB,Blue Shirt,open,yes\n"))
    assert taken == {"product_id": "sku", "product_display_name": "title"}


def test_the_most_telling_of_several_ids_is_taken(guessed):
    assert columns(guessed("id,sku,title\n1,A-1,Red Shirt\n2,A-2,Blue Shirt\n"))["product_id"] == "sku"
    assert columns(guessed("id,sku,title\n1,A-1,Red Shirt\n2,A-1,Blue Shirt\n"))["product_id"] == "id"
    assert columns(guessed("id,sku,title\n1,A-1,Red Shirt\n2,,Blue Shirt\n"))["product_id"] == "id"


@pytest.mark.parametrize("index", ["", "Unnamed: 0", "row"])
def test_the_number_of_a_row_is_no_id(guessed, index):
    numbered = guessed(f"{index},title,price\n0,Red Shirt,5\n1,Blue Shirt,6\n2,Tie,7\n")
    assert "product_id" not in columns(numbered)
    assert numbered.rules.ids.derived


def test_without_an_id_column_ids_are_derived(understood):
    shirts = understood("title,image,price\nShirt,https://a.example/1.jpg,$5\nJeans,https://a.example/2.jpg,$6\n")
    assert shirts.rules.ids.derived
    assert shirts.survey.products == 2
    assert shirts.survey.examples["shop_id"].to_list()[0].startswith("shirt-")


def test_prices_and_photos_are_no_ids(guessed):
    assert guessed("cost,pic\n5.10,a.jpg\n6.20,b.jpg\n").rules.ids.derived


def test_states_in_which_nothing_is_sold_are_excluded(understood):
    rows = "1,Red Shirt,active\n2,Tie,Draft\n3,Hat,active\n4,Sock,archived\n"
    shop = understood(f"sku,name,status\n{rows}")
    assert dict(shop.rules.exclude) == {"status": ("Draft", "archived")}
    assert (shop.survey.products, [loss.count for loss in shop.survey.excluded]) == (2, [1, 1])


@pytest.mark.parametrize(
    ("column", "shown", "left_out"),
    [("published", "TRUE", "FALSE"), ("is_active", "1", "0"), ("Visibility", "visible", "hidden")],
)
def test_columns_of_yes_and_no_exclude_too(guessed, column, shown, left_out):
    shop = guessed(f"sku,name,{column}\n1,Red Shirt,{shown}\n2,Tie,{left_out}\n3,Hat,{shown}\n")
    assert dict(shop.rules.exclude) == {column: (left_out,)}


def test_a_state_that_all_products_have_excludes_nothing(guessed):
    assert not guessed("sku,name,status\n1,Red Shirt,draft\n2,Tie,draft\n").rules.exclude


def test_variants_are_recognized_where_a_group_repeats(understood):
    rows = "1,TEE,Tee,Red,M\n2,TEE,Tee,Red,L\n3,TEE,Tee,Blue,M\n4,HAT,Hat,Red,\n"
    shop = understood(f"sku,parent_sku,name,color,size\n{rows}")
    variants = shop.rules.variants
    assert (variants.group, variants.visible, variants.hidden) == ("parent_sku", ("color",), ("size",))
    assert (shop.survey.rows, shop.survey.products, shop.survey.variants) == (4, 3, 4)


def test_a_group_that_never_repeats_is_none(guessed):
    assert guessed("sku,style,name,size\n1,A,Tee,M\n2,B,Hat,L\n").rules.variants.group is None


def test_columns_that_state_an_attribute_are_given(guessed):
    shop = guessed("sku,name,fabric,pattern\n1,Red Shirt,Cotton,Striped\n2,Tie,Silk,Plain\n")
    assert {ours: list(theirs) for ours, theirs in shop.rules.given.items()} == {
        "material": ["fabric"],
        "pattern": ["pattern"],
    }


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        ("id,photo\n1,a.jpg\n2,b.jpg\n", {"product_id": "id", "image_path": "photo"}),
        ("photo\na.jpg\nb.jpg\n", {"image_path": "photo"}),
        ("id,name,price,category\n1,Red Shirt,5,Shirts\n2,Blue Shirt,6,Shirts\n", {"category": "category"}),
        ("id,name,color,category\n1,Red Shirt,Red,Shirts\n2,Tie,Red,Ties\n", {"base_color": "color"}),
        ("id,name,color,price\n1,Red Shirt,Red,5\n2,Tie,Red,6\n", {"price": "price"}),
    ],
    ids=["only id and photo", "only photos", "no color", "no price", "no category"],
)
def test_a_table_may_lack_almost_everything(understood, content, taken):
    shop = understood(content)
    assert taken.items() <= columns(shop.guess).items()
    assert (shop.survey.products, shop.survey.quarantined) == (2, ())
    examples = shop.survey.examples
    if "color" not in content:
        assert examples["base_color"].null_count() == 2
    if "price" not in content:
        assert examples["price"].null_count() == 2


@pytest.mark.parametrize("name", ["category", "Kategorie", "Product Type", "warengruppe"])
def test_a_category_in_words_that_mean_no_kind_is_one_all_the_same(understood, name):
    shop = understood(f"sku,name,price,{name}\nA,Modell 1,5,Lieblingsstücke\nB,Modell 2,6,Zzz\nC,Modell 3,7,Zzz\n")
    assert [(column.ours, column.theirs) for column in shop.guess.unsure] == [("category", name)]
    assert shop.unmapped == [("Zzz", 2), ("Lieblingsstücke", 1)]


@pytest.mark.parametrize("header", ["label", "type", "class", "remark"])
def test_words_that_mean_no_kind_are_no_category_under_another_name(guessed, header):
    assert "category" not in columns(guessed(f"sku,name,price,{header}\nA,Modell 1,5,Xyz\nB,Modell 2,6,Zzz\n"))


def test_numbers_are_no_category_words(guessed):
    assert "category" not in columns(guessed("sku,name,price,category\nA,Modell 1,5,17\nB,Modell 2,6,18\n"))


def test_a_single_product_is_a_table(understood):
    assert understood("sku,name\nA,Red Shirt\n").survey.products == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b\n1,2\n3,4\n", ["No column of", "a, b", "--column product_display_name="]),
        ("sku,name\n", ["has a header and no products"]),
        ("", ["is empty"]),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_remedy(understood, content, words):
    with pytest.raises(SourceError) as error:
        understood(content)
    assert all(word in str(error.value) for word in words)


def test_columns_that_a_person_names_are_taken(understood):
    shop = understood("a,b\nRed shirt,2\nTie,4\n", columns={"product_display_name": "a", "product_id": "b"})
    assert shop.survey.examples.select("shop_id", "product_display_name").rows() == [("2", "Red shirt"), ("4", "Tie")]


def test_a_misspelt_column_of_a_person_is_refused(understood):
    with pytest.raises(SourceError, match="no column 'Pries'"):
        understood(ENGLISH, columns={"price": "Pries"})


def test_what_is_not_used_is_listed(guessed):
    shop = guessed("sku,name,warehouse\n1,Red Shirt,north\n2,Tie,north\n")
    assert shop.unused == ("warehouse",)


def test_a_preset_is_recognized_and_its_further_columns_are_not_used(guessed):
    header = "id,title,link,image_link,price,custom_label_0"
    feed = guessed(f"{header}\n1,Shirt,https://s.example/1,https://s.example/1.jpg,5 EUR,x\n")
    assert feed.rules.source.preset == "google"
    assert feed.unused == ("link", "custom_label_0")
    assert not feed.unsure
    assert further_texts(feed.rules) == []


REFERENCE = (
    "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName,link\n"
    "1,Men,Apparel,Topwear,Shirts,Blue,Fall,2011,Casual,Shirt,http://c.example/1.jpg\n"
)


def test_addresses_of_pictures_stand_in_for_files_that_are_not_there(understood, tmp_path):
    without = understood(REFERENCE)
    assert without.survey.photos == {"an address": 1}
    assert without.rules.photos.fetch
    save(product(1), tmp_path / "images" / "1.jpg")
    assert understood(REFERENCE).survey.photos == {"there": 1}


def test_a_list_of_photos_may_have_any_separator_before_addresses(understood):
    addresses = [f"https://c.example/{number}.jpg" for number in (1, 2, 3)]
    for separator in ("~", " ~ ", "|", ", ", ";", " "):
        shop = understood(f'sku,images\nA,"{separator.join(addresses)}"\nB,{addresses[0]}\n')
        assert shop.survey.examples["photos"].to_list()[0] == addresses


SCRAPE = (
    "uniq_id,product_name,product_category_tree,retail_price,discounted_price,image,product_rating,brand\n"
    'c2d7,Cycling Shorts,"[""Clothing >> Women\'s Clothing >> Shorts""]",999,379,'
    '"[""http://i.example/a.jpeg"", ""http://i.example/b.jpeg""]",No rating available,Alisha\n'
    '7b72,Formal Shirt,"[""Clothing >> Men\'s Clothing >> Shirts""]",₹1299,₹646,"[""http://i.example/c.jpeg""]",4.5,Fab\n'
)


def test_a_scrape_with_lists_and_two_prices(understood):
    shop = understood(SCRAPE)
    examples = shop.survey.examples
    assert examples["photos"].to_list() == [
        ["http://i.example/a.jpeg", "http://i.example/b.jpeg"],
        ["http://i.example/c.jpeg"],
    ]
    assert examples.select("price", "list_price").rows() == [(379.0, 999.0), (646.0, 1299.0)]
    assert examples.select("article_type", "gender").rows() == [("Shorts", "Women"), ("Shirts", "Men")]
    assert examples["category"].to_list()[1] == "Clothing >> Men's Clothing >> Shirts"


def test_a_short_description_is_the_name_where_there_is_no_other(guessed):
    rows = "1,slim navy jeans,45% OFF\n2,black track pants,55% OFF\n"
    assert columns(guessed(f"sku,description,DiscountOffer\n{rows}")) == {
        "product_id": "sku",
        "product_display_name": "description",
    }


def test_the_guess_looks_at_the_first_parts_only(write, monkeypatch):
    monkeypatch.setattr("fashion_assets.catalog.recognition.first_rows.PARTS", 1)
    table = open_table(write("sku,name\n" + "".join(f"{number},Red Shirt\n" for number in range(30_000))))
    sample = pl.concat(part.fields for part in table.parts())
    assert len(sample) == 30_000
    assert guess(table).understood[0].because == "20,000 different values in 20,000 rows"


def test_levels_of_a_category_are_one_path(understood):
    rows = "1,Tops,Apparel,Topwear,Knit Top\n2,Sports Shoes,Footwear,Shoes,Runner\n"
    shop = understood(f"ProductId,ProductType,Category,SubCategory,ProductTitle\n{rows}")
    assert shop.rules.columns["category"] == ("Category", "SubCategory", "ProductType")
    assert shop.survey.examples["category"].to_list() == ["Apparel > Topwear > Tops", "Footwear > Shoes > Sports Shoes"]
    assert not shop.guess.unused


def test_numbered_and_additional_photos_belong_to_the_first(understood):
    urls = ",".join(f"https://c.example/{number}.jpg" for number in range(1, 5))
    shop = understood(f"sku,title,IMAGE1,IMAGE2,extra_images,thumbnail_image\nA,Red Shirt,{urls}\nB,Tie,{urls}\n")
    assert shop.rules.columns["image_path"] == ("IMAGE1", "IMAGE2", "extra_images")
    assert len(shop.survey.examples["photos"].to_list()[0]) == 3
    assert shop.guess.unused == ("thumbnail_image",)


def test_files_and_addresses_are_not_mixed(understood, tmp_path):
    content = "sku,title,image,image_url\nA,Red Shirt,1.jpg,https://c.example/1.jpg\n"
    save(product(1), tmp_path / "1.jpg")
    assert understood(content).survey.photos == {"there": 1}
    (tmp_path / "1.jpg").unlink()
    assert understood(content).survey.photos == {"an address": 1}


@pytest.mark.parametrize(
    ("content", "currency"),
    [
        ("sku,name,price,currency\n1,Red Shirt,5,eur\n2,Tie,6,EUR\n", "EUR"),
        ("sku,name,price,currency\n1,Red Shirt,5,EUR\n2,Tie,6,USD\n", None),
        ("sku,name,price_usd\n1,Red Shirt,5\n2,Tie,6\n", "USD"),
        ("sku,name,Preis (€)\n1,Red Shirt,5\n2,Tie,6\n", "EUR"),
        ("sku,name,DiscountPrice (in Rs),OriginalPrice (in Rs)\n1,Red Shirt,5,6\n2,Tie,6,7\n", "INR"),
        ("sku,name,price\n1,Red Shirt,5\n2,Tie,6\n", None),
        ("sku,name\n1,Red Shirt\n2,Tie\n", None),
    ],
)
def test_the_currency_is_that_of_a_column_or_of_a_columns_name(guessed, content, currency):
    assert guessed(content).rules.price.currency == currency


@pytest.mark.parametrize("missing", [1, 2])
def test_a_column_that_is_called_an_id_may_have_gaps(understood, missing):
    rows = "".join(f"{'' if number < missing else f'HS-{number}'},Red Shirt {number}\n" for number in range(8))
    shop = understood(f"sku,name\n{rows}")
    assert shop.rules.ids.product == "sku"
    assert [(column.ours, column.because) for column in shop.guess.unsure] == [
        ("product_id", f"{missing} rows have no value")
    ]
    assert [loss.count for loss in shop.survey.quarantined] == [missing]


def test_an_id_that_most_rows_lack_is_none(guessed):
    rows = "".join(f"{f'HS-{number}' if number < 4 else ''},Red Shirt {number}\n" for number in range(8))
    assert guessed(f"sku,name\n{rows}").rules.ids.derived


def test_a_german_article_list_has_groups_and_states(understood):
    rows = "SW1,SW1,Hemd,Rot,M,1\nSW2,SW1,Hemd,Rot,L,1\nSW3,SW3,Hose,Blau,M,0\n"
    shop = understood(f"artikelnummer,hauptartikelnummer,name,farbe,groesse,aktiv\n{rows}")
    assert shop.rules.variants.group == "hauptartikelnummer"
    assert dict(shop.rules.exclude) == {"aktiv": ("0",)}
    assert shop.survey.examples.select("shop_id", "sizes").rows() == [("SW1/Rot", ["M", "L"])]


def test_members_of_nested_columns_are_looked_at(understood):
    """As an interface of a shop answers, and as product data of a marketplace are published."""
    rows = [
        {
            "title": name,
            "price": {"amount": amount, "currency": "EUR"},
            "images": [
                {"thumb": f"https://x/t{n}.jpg", "large": f"https://x/{n}.jpg", "hi_res": f"https://x/h{n}.jpg"}
            ],
            "details": {"Department": "womens", "weight": {"g": n}},
            "parent_asin": f"B0{n}",
        }
        for n, (name, amount) in enumerate([("Red wool coat", 149.5), ("Black ankle boots", 89), ("Silk scarf", 20)])
    ]
    shop = understood("\n".join(map(json.dumps, rows)))
    assert columns(shop.guess) == {
        "product_id": "parent_asin",
        "product_display_name": "title",
        "price": "price.amount",
        "image_path": "images.large",
    }
    assert shop.guess.unused == ("details",)
    assert shop.rules.price.currency == "EUR"
    assert shop.survey.photos == {"an address": 3}
    assert shop.survey.examples["price"].to_list() == [149.5, 89.0, 20.0]
    assert shop.survey.examples["photos"].list.first().to_list() == [f"https://x/{n}.jpg" for n in range(3)]


def test_a_nested_column_that_is_named_is_refused_with_its_members(understood):
    with pytest.raises(SourceError, match=r"name a member of it, as `price.value`"):
        understood('{"id": 1, "name": "Red coat", "price": {"value": 3}}', columns={"price": "price"})
