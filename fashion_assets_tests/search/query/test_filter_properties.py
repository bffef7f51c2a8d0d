"""Any filter: words become a typed filter or one error, and the index passes just the rows that Polars passes."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.errors import SearchError
from fashion_assets.search.index.versions import open_live
from fashion_assets.search.query.filters import PRICE_BOUNDS, WORD_FIELDS, Filters, parse_filters
from fashion_assets_tests.factories.embedding_rows import build, color_rows

pytestmark = pytest.mark.long_form

VALUES = (
    "Men",
    "men",
    "Women",
    "O'Brien",
    '"',
    "\\",
    "%",
    "_",
    "a\nb",
    "null",
    "' OR 1=1 --",
    "Größe 日本",
    "`x`",
    "",
    None,
)
PRICES = (None, 0.0, 0.1, 9.99, 10.0, 10.000001, 1e300)
ROWS = 60

text = st.text(max_size=12)
words = st.lists(st.sampled_from([value for value in VALUES if value]) | text, max_size=3).map(tuple)
prices = st.none() | st.sampled_from([price for price in PRICES if price is not None]) | st.floats(0, 1e6)
conditions = st.builds(
    "{}{}{}".format,
    st.sampled_from([*WORD_FIELDS, "price", "color"]) | text,
    st.sampled_from(["=", "<=", ">=", ""]),
    text | st.sampled_from(["1", "-1", "nan", "1e400"]),
)


@st.composite
def filters(draw) -> Filters:
    low, high = sorted((draw(prices), draw(prices)), key=lambda price: (price is not None, price))
    chosen = {name: draw(words) for name in draw(st.lists(st.sampled_from(WORD_FIELDS), max_size=3, unique=True))}
    return Filters(min_price=low, max_price=high, **chosen)


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    """Products whose keywords run through VALUES and whose prices run through PRICES, each at a pace of its own."""
    columns = {
        name: [VALUES[(number * pace) % len(VALUES)] for number in range(ROWS)]
        for pace, name in enumerate(WORD_FIELDS, 1)
    }
    return color_rows(*["red"] * ROWS, **columns, price=[PRICES[number % len(PRICES)] for number in range(ROWS)])


@pytest.fixture(scope="module")
def table(rows, tmp_path_factory):
    uri = str(tmp_path_factory.mktemp("index"))
    return open_live(uri, build(uri, rows).version)


@given(st.lists(text | conditions, max_size=4))
def test_any_words_are_a_filter_or_an_error_that_names_the_fields_there_are(conditions):
    try:
        parsed = parse_filters(conditions)
    except SearchError as error:
        assert any(field in str(error) for field in (*WORD_FIELDS, "price"))
    else:
        assert isinstance(parsed, Filters)


@given(filters())
def test_a_filter_that_is_written_down_is_read_as_it_was(wanted):
    conditions = [
        f"{name}={word}" for name in WORD_FIELDS for word in getattr(wanted, name) if word.strip() and "|" not in word
    ]
    bounds = {
        operator: getattr(wanted, name) for operator, name in PRICE_BOUNDS.items() if getattr(wanted, name) is not None
    }
    parsed = parse_filters([*conditions, *(f"price{operator}{bound!r}" for operator, bound in bounds.items())])
    assert (parsed.min_price, parsed.max_price) == (wanted.min_price, wanted.max_price)
    for name in WORD_FIELDS:
        assert getattr(parsed, name) == tuple(
            word.strip() for word in getattr(wanted, name) if word.strip() and "|" not in word
        )


@given(filters())
def test_the_index_passes_what_polars_passes(table, rows, wanted):
    expression = wanted.expression()
    query = table.search() if expression is None else table.search().where(expression)
    passed = query.select(["product_id"]).limit(ROWS).to_arrow()["product_id"].to_pylist()
    assert sorted(passed) == rows.filter(polars_filter(wanted))["product_id"].sort().to_list()


def polars_filter(wanted: Filters) -> list[pl.Expr]:
    conditions = [pl.col(name).is_in(getattr(wanted, name)) for name in WORD_FIELDS if getattr(wanted, name)]
    if wanted.min_price is not None:
        conditions.append(pl.col("price") >= wanted.min_price)
    if wanted.max_price is not None:
        conditions.append(pl.col("price") <= wanted.max_price)
    return conditions or [pl.lit(True)]
