"""The query set: the catalog's words, labels before names, and nothing that a model said."""

import polars as pl
import pytest

from fashion_assets.search.offline.queries import known_attributes, make_query_set, sample_queries
from fashion_assets_tests.factories.labelled_catalog import catalog, labels

PAIRS = ["product_id", "attribute", "value"]


def test_a_query_says_colour_attribute_article_gender_and_usage():
    asked = make_query_set(catalog({"base_color": "Navy Blue"}), labels(pattern=["striped"]))
    assert asked.queries["text"].to_list() == ["navy blue striped shirts men casual"]


def test_what_the_catalog_does_not_say_is_not_asked():
    products = catalog({"usage": None, "gender": None}, {"article_type": None}, {"base_color": None})
    assert make_query_set(products, labels()).queries["text"].to_list() == ["blue shirts"]


@pytest.mark.parametrize(
    ("lacking", "why"),
    [
        ([{"base_color": None}], "no colour"),
        ([{"article_type": None}], "no category"),
        ([{"article_type": None, "base_color": None}], "no category and no colour"),
        ([{"article_type": None}, {"base_color": None}], "no product has both a category and a colour"),
        ([], "no products"),
        ([{}], None),
    ],
)
def test_what_a_catalog_lacks_for_queries_is_named(lacking, why):
    products = catalog(*lacking) if lacking else catalog({}).head(0)
    assert make_query_set(products, labels()).why_none == why


def test_no_two_queries_have_the_same_text():
    asked = make_query_set(catalog({}, {}, {"base_color": "Red"}), labels())
    assert sorted(asked.queries["text"]) == ["blue shirts men casual", "red shirts men casual"]


def test_a_label_counts_before_the_name_and_the_name_where_there_is_none():
    names = ["Solid Shirt", "Solid Shirt", "Striped Leather Shirt"]
    products = catalog(*({"product_display_name": name} for name in names))
    known = known_attributes(products, labels(pattern=["striped", None]))
    assert known.select(PAIRS).rows() == [
        (1, "pattern", "striped"),
        (2, "pattern", "solid color"),
        (3, "material", "leather"),
        (3, "pattern", "striped"),
    ]


@pytest.mark.parametrize("value", ["unknown", "no clear pattern", None])
def test_values_that_tell_nothing_are_not_known(value):
    assert known_attributes(catalog({}), labels(pattern=[value])).is_empty()


@pytest.mark.parametrize("name", ["Printed Shirt", "Cotton Shirt", "Brand Shirt", None])
def test_names_that_admit_several_values_or_none_make_nothing_known(name):
    assert known_attributes(catalog({"product_display_name": name}), labels()).is_empty()


def test_the_sample_is_the_same_whatever_the_order_and_hardly_changes_as_the_catalog_grows():
    rows = [{"base_color": f"Colour {number}"} for number in range(40)]
    products = catalog(*rows)
    known = known_attributes(products, labels())
    few = sample_queries(products, known, 10)
    assert len(few) == 10
    assert few.equals(sample_queries(products.sample(fraction=1, shuffle=True, seed=1), known, 10))
    assert few.equals(sample_queries(products, known, 20).head(10))
    grown = sample_queries(catalog(*rows, {"base_color": "New"}), known, 10)
    assert len(set(few["product_id"]) & set(grown["product_id"])) >= 9


def test_queries_and_relevance_do_not_change_with_what_a_model_extracted():
    products = catalog({}, {"base_color": "Red"})
    extracted = products.with_columns(material=pl.lit("leather"), pattern=pl.lit("striped"))
    plain, other = make_query_set(products, labels()), make_query_set(extracted, labels())
    assert plain.queries.equals(other.queries) and plain.relevance.equals(other.relevance)
