"""The catalog's own words map to themselves; names refine; what only looks like a kind is none."""

import pytest

from fashion_assets.shop.kinds import Kind, Place, kind_named, map_category
from fashion_assets.shop.kinds.vocabulary import vocabulary

TYPES = sorted(place for place in vocabulary().places if place.article_type)


def place_of(category: str, name: str | None = None) -> Place | None:
    kind = map_category(category, name=name)
    return kind and kind.place


def test_the_kinds_are_those_of_the_reference_catalog():
    masters, subs, types = ({*level} - {None} for level in zip(*vocabulary().places, strict=True))
    assert (len(masters), len(subs), len(types), len(TYPES)) == (7, 45, 143, 143)


@pytest.mark.parametrize("place", TYPES, ids=lambda place: place.article_type)
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_every_article_type_maps_to_itself_alone_and_as_a_path(place, case):
    assert place_of(case(place.article_type)) == place
    kind = map_category(case(" > ".join(place)))
    assert kind is not None and (kind.place, kind.sureness) == (place, "exact")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("Accessories > Belts > Tshirts", ("Accessories", "Belts", "Tshirts")),
        ("Apparel > Topwear > Belts", ("Apparel", "Topwear", "Belts")),
        ("Free Items > Free Gifts > Wallets", ("Free Items", "Free Gifts", "Wallets")),
        ("Apparel > Loungewear and Nightwear > Shorts", ("Apparel", "Loungewear and Nightwear", "Shorts")),
        ("apparel > topwear > t-shirt", ("Apparel", "Topwear", "Tshirts")),
        ("Footwear > Sandal", ("Footwear", "Sandal", "Sandals")),
        ("Accessories > Bags", ("Accessories", "Bags", None)),
    ],
)
def test_rare_combinations_of_the_catalogs_words_stay_as_they_are(path, place):
    assert place_of(path) == place


@pytest.mark.parametrize("sub", sorted({place[:2] for place in TYPES} - {("Apparel", "Socks")}))
def test_every_sub_category_keeps_its_master_category(sub):
    master, name = sub
    place = place_of(f"{master} > {name}")
    assert place is not None and place[:2] == (master, name)


@pytest.mark.parametrize(
    "text",
    [
        *("landscape", "laptop", "Laptops", "escape", "Stringent", "Spring", "Dressing Tables", "Shirting Fabric"),
        *("Bottle Tops", "Seat Belts", "Tool Belts", "Ring Binders", "Jewelry Boxes", "Watch Winders", "Dress Forms"),
        *("Stopwatches", "Oven Gloves", "Napkin Rings", "Curtain Rings", "Shower Caps", "Table Tops", "Chainsaws"),
        *("Pet Supplies > Dog Coats", "Toys > Doll Dresses", "Automotive > Seat Belts", "Hardware > Rings"),
        *(
            "Kleiderbügel",
            "Schuhschrank",
            "Fahrradketten",
            "Plakette",
            "Barock",
            "Tischtücher",
            "Teebeutel",
            "Garbage Bags",
            "Tree Trunks",
            "Hundemäntel",
            "Werkzeuggürtel",
            "Taschenlampen",
        ),
        *(
            "Electronics > Laptops",
            "Küche > Schürzen",
            "Clothing, Shoes & Jewelry",
            "",
            " > ",
            ", , ,",
            "12345678901234",
        ),
    ],
)
def test_what_only_looks_like_a_kind_is_none(text):
    assert map_category(text) is None


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Shirt Dress", "Apparel / Dress / Dresses"),
        ("Dress Shirt", "Apparel / Topwear / Shirts"),
        ("Dress with Belt", "Apparel / Dress / Dresses"),
        ("Kleid mit Gürtel", "Apparel / Dress / Dresses"),
        ("Watch Strap", "Accessories"),
        ("Shoe Bag", "Accessories / Bags"),
        ("Belt Bag", "Accessories / Bags / Waist Pouch"),
        ("Laptop Sleeve", "Accessories / Bags / Laptop Bag"),
        ("Leinenkleid „Sommer“ - Weiß, S", "Apparel / Dress / Dresses"),
        ("Hemd kariert", "Apparel / Topwear / Shirts"),
        ("Jacke für Damen", "Apparel / Topwear / Jackets"),
        ("Minirock Jeans", "Apparel / Bottomwear / Jeans"),
        ("Damen Rock schwarz", "Apparel / Bottomwear / Skirts"),
        ("Rock & Roll Tee", "Apparel / Topwear / Tshirts"),
        ("Rock Band T-Shirt", "Apparel / Topwear / Tshirts"),
        ("Pizza Hut Tee", "Apparel / Topwear / Tshirts"),
        ("Shirt & Shorts", "Apparel"),
        ("Pack of 3 Ankle Socks", "Accessories / Socks / Socks"),
        ("Northbeck Men Black Watch NB-42", "Accessories / Watches / Watches"),
        ("Harbour Oxford Shirt", "Apparel / Topwear / Shirts"),
        ("Trail Runner 2", "Footwear / Shoes / Sports Shoes"),
        ("Chronograph 42", "Accessories / Watches / Watches"),
        ("Gift card", "Free Items / Vouchers"),
        ("Compact Camera", None),
        ("Belt Buckle", None),
        ("Watch Box", None),
        ("Wallet Chain", "Accessories"),
        ("Coat Hanger", None),
        ("Watch Repair Kit", None),
        ("Uhrenarmbänder", "Accessories"),
        ("Skianzüge für Kinder", "Apparel / Dress / Jumpsuit"),
        ("Damen Body schwarz", "Apparel / Topwear"),
        ("Top Hat", "Accessories / Headwear / Hat"),
        ("T-Shirt Bra", "Apparel / Innerwear / Bra"),
        ("Herren Shirt schwarz", "Apparel / Topwear / Tshirts"),
        ("Landscape Painting", None),
        ("Kleiderbügel 10 Stück", None),
        ("Top Gun Poster", None),
        ("Lotta", None),
    ],
)
def test_a_name_says_the_kind_where_the_category_says_nothing(name, place):
    kind = map_category("Neu", name=name)
    assert (kind and kind.place) == (place and Place(*place.split(" / ")))
    assert kind is None or kind.sureness == "name"


@pytest.mark.parametrize(
    ("category", "name", "place", "sureness"),
    [
        ("Shoes", "Trail Runner 2", "Footwear / Shoes / Sports Shoes", "name"),
        ("Apparel & Accessories > Clothing > Shirts & Tops", "Oxford Shirt", "Apparel / Topwear / Shirts", "name"),
        ("Nightwear", "Striped Shorts", "Apparel / Loungewear and Nightwear / Lounge Shorts", "name"),
        ("Underwear & Socks", "Ankle Socks", "Accessories / Socks / Socks", "name"),
        ("Clothing", "Wool Scarf", "Accessories / Scarves / Scarves", "name"),
        ("Blusen & Kleider", "Wickelkleid Ida", "Apparel / Dress / Dresses", "name"),
        ("Shoes", "Leather Belt", "Footwear / Shoes", "exact"),
        ("Clothing", "Leather Tote", "Apparel", "exact"),
        ("Dresses", "Shirt", "Apparel / Dress / Dresses", "exact"),
        ("Women > Dresses > Ida", "Shirt", "Apparel / Dress / Dresses", "path"),
        ("Karohosen", "Shirt", "Apparel / Bottomwear / Trousers", "part"),
    ],
)
def test_a_name_refines_a_coarse_category_and_never_contradicts_one(category, name, place, sureness):
    kind = map_category(category, name=name)
    assert kind is not None and kind == Kind(*Place(*place.split(" / ")), matched=kind.matched, sureness=sureness)


def test_a_category_of_other_things_is_none_whatever_the_name_is():
    assert map_category("Pet Supplies > Coats", name="Rain Jacket") is None


def test_a_german_name_makes_its_category_german():
    assert place_of("Shirts", "Langarmshirt mit Knopfleiste") == ("Apparel", "Topwear", "Tshirts")
    assert place_of("Shirts", "Harbour Oxford Shirt") == ("Apparel", "Topwear", "Shirts")


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("Damen > KLEIDER, Neu", "kleider"),
        ("Men > T-Shirts", "t shirts"),
        ("Fashion Sneakers", "sneakers"),
        ("1604", "1604"),
    ],
)
def test_a_kind_tells_which_words_said_it(text, matched):
    kind = map_category(text)
    assert kind is not None and kind.matched == matched


@pytest.mark.parametrize(
    "text", ["Dresses", "dress", "Apparel > Dress", "Topwear", "Kleider", "Apparel > Topwear > Shirts"]
)
def test_a_kind_is_named_by_each_of_its_names(text):
    kind = kind_named(text)
    assert kind is not None and kind.master_category == "Apparel"


@pytest.mark.parametrize("text", ["Dreses", "Apparel > Dreses", "Fashion Sneakers", "Dresses, Skirts", "Women", ""])
def test_what_is_not_wholly_known_names_no_kind(text):
    assert kind_named(text) is None
