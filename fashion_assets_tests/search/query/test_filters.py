import pytest
from pydantic import ValidationError

from fashion_assets.errors import SearchError
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.query.filters import Filters, parse_filters
from fashion_assets.search.query.search import search
from fashion_assets_tests.factories.embedding_rows import build, color_rows

HOSTILE = [
    "' OR 1=1 --",
    '" OR 1=1 --',
    "Men') OR ('1'='1",
    "O'Brien & Sons",
    "Men; DROP TABLE products",
    "back\\slash",
    "percent % and _",
    "`gender`",
    "null",
    "Größe 日本",
    "line\nbreak",
]


@pytest.fixture
def found(open_index):
    """Ids of the products that pass some filters, of one red product for each keyword's value."""

    def build_and_filter(filters: Filters, **columns):
        count = len(next(iter(columns.values())))
        table = open_index(color_rows(*["red"] * count, **columns))
        return sorted(hit.product_id for hit in search(table, FakeEncoder(), text="red", filters=filters))

    return build_and_filter


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], Filters()),
        (["gender=Women"], Filters(gender=("Women",))),
        (
            ["article_type=Shirts|Tshirts", "base_color = Navy Blue "],
            Filters(article_type=("Shirts", "Tshirts"), base_color=("Navy Blue",)),
        ),
        (["gender=Men", "gender=Unisex"], Filters(gender=("Men", "Unisex"))),
        (["price<=50", "price >= 10.5"], Filters(min_price=10.5, max_price=50)),
        (["usage=a=b<=c"], Filters(usage=("a=b<=c",))),
        (["price>=0"], Filters(min_price=0)),
    ],
)
def test_filters_are_read_from_words(conditions, expected):
    assert parse_filters(conditions) == expected


@pytest.mark.parametrize(
    "condition",
    ["color=red", "gender", "gender=", "gender= ", "gender=|", "gender<=Men", "price=5", "price<5", "=x", ""],
)
def test_an_unreadable_filter_names_the_fields_there_are(condition):
    with pytest.raises(SearchError) as caught:
        parse_filters([condition])
    message = str(caught.value)
    assert f"'{condition}'" in message
    assert "master_category, article_type, base_color, gender, season, usage" in message
    assert "price<=50" in message


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        (["price<=cheap"], ["max_price", "'cheap'", "number"]),
        (["price>=-1"], ["min_price", "'-1'", "greater than or equal to 0"]),
        (["price<=nan"], ["max_price", "'nan'", "finite"]),
        (["price<=inf"], ["max_price", "'inf'", "finite"]),
        (["price>=50", "price<=10"], ["min_price 50.0 is above max_price 10.0"]),
    ],
)
def test_an_impossible_price_is_refused(conditions, words):
    with pytest.raises(SearchError) as caught:
        parse_filters(conditions)
    assert all(word in str(caught.value) for word in [*words, "give a number of at least 0"]), str(caught.value)


def test_unknown_fields_are_refused():
    with pytest.raises(ValidationError):
        Filters(color=("red",))


def test_words_of_a_field_are_alternatives_and_fields_add_up(found):
    columns = {"gender": ["Men", "Women", "Unisex", "Men"], "season": ["Summer", "Summer", "Summer", "Winter"]}
    assert found(Filters(gender=("Men", "Unisex"), season=("Summer",)), **columns) == [1, 3]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"min_price": 20}, [2, 3]),
        ({"max_price": 20}, [1, 2]),
        ({"min_price": 10.01, "max_price": 29.99}, [2]),
        ({"min_price": 20, "max_price": 20}, [2]),
        ({"min_price": 31}, []),
    ],
)
def test_price_bounds_are_inclusive_and_pass_no_missing_price(found, bounds, expected):
    assert found(Filters(**bounds), price=[10.0, 20.0, 30.0, None]) == expected


@pytest.fixture(scope="module")
def hostile_table(tmp_path_factory):
    """Product 1 is for Men, 2 for nobody, 3 and on for each hostile value."""
    uri, genders = str(tmp_path_factory.mktemp("hostile")), ["Men", None, *HOSTILE]
    built = build(uri, color_rows(*["red"] * len(genders), gender=genders))
    return open_live(uri, built.version)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_only_ever_a_value(hostile_table, value):
    def found(*genders):
        hits = search(hostile_table, FakeEncoder(), text="red", filters=Filters(gender=genders))
        return sorted(hit.product_id for hit in hits)

    assert found(value) == [3 + HOSTILE.index(value)]
    assert found(value, "Men") == [1, 3 + HOSTILE.index(value)]
    assert found(value + "'") == []


def test_no_filter_is_no_expression():
    assert Filters().expression() is None
