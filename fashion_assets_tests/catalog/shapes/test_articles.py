"""A fashion chain's article table: ids with leading zeros, and photos in folders by their first digits."""

from fashion_assets_tests.factories.photo_files import product, save

ARTICLES = {"preset": "articles"}
HEADER = (
    "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,graphical_appearance_no,"
    "graphical_appearance_name,colour_group_code,colour_group_name,perceived_colour_value_id,"
    "perceived_colour_value_name,index_code,index_name,index_group_no,index_group_name,garment_group_no,"
    "garment_group_name,detail_desc\n"
)
ROWS = (
    "0108775015,0108775,Strap top,253,Vest top,Garment Upper body,1010016,Solid,09,Black,4,Dark,A,Ladieswear,1,"
    "Ladieswear,1002,Jersey Basic,Jersey top with narrow straps.\n"
    "0108775044,0108775,Strap top,253,Vest top,Garment Upper body,1010016,Solid,10,White,3,Light,A,Ladieswear,1,"
    "Ladieswear,1002,Jersey Basic,Jersey top with narrow straps.\n"
    "0311223001,0311223,Rib socks,302,Socks,Socks & Tights,1010010,Melange,07,Grey,1,Dusty Light,F,Menswear,3,"
    "Menswear,1021,Socks and Tights,\n"
)


def test_ids_stay_as_they_are_and_photos_are_found_by_them(ingested, tmp_path):
    save(product(1), tmp_path / "photos" / "images" / "010" / "0108775015.jpg")
    products = ingested(HEADER + ROWS, source=ARTICLES).products
    assert products["shop_id"].to_list() == ["0108775015", "0108775044", "0311223001"]
    assert products["image_path"].to_list()[1:] == ["images/010/0108775044.jpg", "images/031/0311223001.jpg"]
    assert products["photo_status"].to_list() == ["ok", "missing", "missing"]


def test_colors_of_a_product_code_are_products_of_one_group(ingested):
    products = ingested(HEADER + ROWS, source=ARTICLES).products
    assert products["group_id"].to_list() == ["0108775", "0108775", "0311223"]
    assert products.select("base_color", "gender").rows() == [("Black", "Women"), ("White", "Women"), ("Grey", "Men")]


def test_kinds_descriptions_and_appearance_are_read(ingested):
    products = ingested(HEADER + ROWS, source=ARTICLES).products
    assert products.select("master_category", "article_type").rows()[2] == ("Accessories", "Socks")
    assert products["category"].to_list()[2] == "Socks & Tights > Socks"
    assert products["description"].to_list() == ["Jersey top with narrow straps."] * 2 + [None]
    assert products["further_text"].to_list() == ["Jersey Basic", "Jersey Basic", "Socks and Tights"]
    assert products["given"].to_list()[0] == '{"pattern":"Solid"}'


def test_ids_that_lost_their_zeros_in_a_spreadsheet_are_other_ids(ingested):
    products = ingested(HEADER + ROWS.replace("\n0", "\n"), source=ARTICLES).products
    assert products["shop_id"].to_list()[1:] == ["108775044", "311223001"]
    assert products["image_path"].to_list()[1] == "images/108/108775044.jpg"
