"""Sampling of products: deterministic, complete, and in the proportions of a real shop."""

from collections import Counter

import pytest

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.vocabulary import ATTRIBUTES, Collar, Confidence, Formality, Material, Pattern

COUNT = 3000


@pytest.fixture(scope="module")
def catalog() -> list[DemoProduct]:
    return [sample_product(0, index) for index in range(COUNT)]


def share(products: list[DemoProduct], key: str, *values: str) -> float:
    return sum(product.truth[key] in values for product in products) / len(products)


def test_same_seed_and_index_give_the_same_product():
    assert sample_product(5, 77) == sample_product(5, 77)
    assert sample_product(5, 77) != sample_product(6, 77)


@pytest.mark.parametrize("key", ATTRIBUTES)
def test_every_value_occurs(catalog: list[DemoProduct], key: str):
    counts = Counter()
    for product in catalog:
        value = product.truth[key]
        counts.update(value if isinstance(value, list) else [value])
    assert set(ATTRIBUTES[key].vocabulary.values()) <= set(counts)


def test_at_least_twenty_article_types_with_their_categories(catalog: list[DemoProduct]):
    articles = {product.article.name: product.article for product in catalog}
    assert len(articles) >= 20
    assert {article.sub_category for article in articles.values() if article.is_garment} == {
        "Topwear",
        "Bottomwear",
        "Dress",
    }


def test_the_garment_question_has_answers_for_garments_only(catalog: list[DemoProduct]):
    for product in catalog:
        has_answer = [product.truth[key] is not None for key in ("collar", "sleeves", "fit")]
        assert has_answer == [product.article.is_garment] * 3
        if product.article.sub_category == "Bottomwear":
            assert product.truth["collar"] == Collar.NOT_APPLICABLE


def test_keyword_lists_are_short_and_free_of_repeats(catalog: list[DemoProduct]):
    for product in catalog:
        keywords = product.truth["style_keywords"]
        assert len(keywords) == len(set(keywords)) <= ATTRIBUTES["style_keywords"].max_items


def test_the_mix_is_that_of_a_shop(catalog: list[DemoProduct]):
    watches = [p for p in catalog if p.article.name == "Watches" and p.clarity != "ruined"]
    tshirts = [p for p in catalog if p.article.name == "Tshirts" and p.clarity != "ruined"]
    assert share(watches, "material", Material.METAL) >= 0.94
    assert share(tshirts, "material", Material.KNIT) >= 0.94
    assert share(catalog, "pattern", Pattern.SOLID) > 0.6
    assert share(catalog, "formality", Formality.CASUAL) > 0.5
    assert share(catalog, "material", Material.UNKNOWN) <= 0.02
    assert share(catalog, "confidence", Confidence.LOW) <= 0.06
