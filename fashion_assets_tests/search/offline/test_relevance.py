"""Grades of relevance, each case worked out by hand."""

import pytest

from fashion_assets.search.offline.queries import known_attributes, sample_queries
from fashion_assets.search.offline.relevance import relevance
from fashion_assets_tests.factories.labelled_catalog import catalog, labels


def grade(other: dict, pattern: str | None, asked_pattern: str | None = "striped") -> int:
    """The grade of product 2 for "blue striped shirts men casual", made of product 1."""
    products = catalog({}, other)
    known = known_attributes(products, labels(pattern=[asked_pattern, pattern]))
    query = sample_queries(products.head(1), known)
    grades = {row["product_id"]: row["grade"] for row in relevance(query, products, known).to_dicts()}
    assert grades[1] == 3, "the product that the query was made of answers it"
    return grades.get(2, 0)


@pytest.mark.parametrize(
    ("other", "pattern", "expected"),
    [
        ({}, "striped", 3),
        ({"gender": "Unisex"}, "striped", 3),
        ({"gender": "Women"}, "striped", 2),
        ({"usage": "Formal"}, "striped", 2),
        ({"usage": None}, "striped", 2),
        ({"base_color": "Red"}, "striped", 1),
        ({"base_color": None}, "striped", 1),
        ({}, "floral print", 1),
        ({}, None, 1),
        ({"base_color": "Red"}, "floral print", 0),
        ({"article_type": "Tshirts"}, "striped", 0),
        ({"article_type": None}, "striped", 0),
    ],
)
def test_grades(other, pattern, expected):
    assert grade(other, pattern) == expected


def test_what_is_not_asked_always_holds():
    assert grade({}, "striped", asked_pattern=None) == 3
    assert grade({"base_color": "Red"}, "striped", asked_pattern=None) == 1
