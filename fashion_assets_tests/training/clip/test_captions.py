"""Captions tell the truth in known words, say the traits that they claim to, and cover what CLIP is later asked."""

import random
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.demo.attributes import DemoProduct, sample_product
from fashion_assets.demo.names import catalog_entry
from fashion_assets.demo.vocabulary import ATTRIBUTES, Material, StyleKeyword
from fashion_assets.enrichment.describe import describe
from fashion_assets.enrichment.tables import ENRICHED_DESCRIPTIONS
from fashion_assets.extraction.backends.zero_shot.labels import WORDINGS, field_labels
from fashion_assets.extraction.questions import Question
from training.clip.caption_words import ARTICLE_WORDS, DETAIL_WORDS, WITH_WORDS, WORDS
from training.clip.captions import (
    TRAITS,
    Caption,
    description_caption,
    full_caption,
    known_words,
    phrase_caption,
    random_caption,
    short_caption,
    traits_of,
)

PRODUCTS = [sample_product(3, index, "balanced") for index in range(400)]


def some_captions() -> list[tuple]:
    rng = random.Random(0)
    made = [(product, random_caption(product, rng)) for product in PRODUCTS]
    made += [(product, short_caption(product, rng)) for product in PRODUCTS]
    return made + [(product, description_caption(product)) for product in PRODUCTS]


@pytest.fixture(scope="module", name="captions")
def all_captions() -> list[tuple]:
    return some_captions()


def test_captions_mention_only_traits_that_the_product_has(captions: list[tuple]):
    for product, caption in captions:
        traits = traits_of(product)
        assert caption.mentioned <= set(TRAITS)
        assert all(traits[trait] for trait in caption.mentioned), caption


def test_a_mentioned_trait_is_said_and_an_unmentioned_one_is_not(captions: list[tuple]):
    for product, caption in captions:
        padded = f" {caption.text.replace(',', '').replace('.', '')} "
        for trait in ("colour", "material", "collar"):
            value = traits_of(product)[trait]
            if value is None or value not in WORDS[trait]:
                continue
            words = WORDS[trait][value] + WITH_WORDS.get(trait, {}).get(value, ())
            if trait in caption.mentioned:
                said = any(f" {word} " in padded for word in words)
                is_short_for_hood = value == "hooded" and "hood" in padded
                assert said or is_short_for_hood, (trait, value, caption)


def test_a_caption_without_a_trait_has_none_of_its_words():
    rng = random.Random(5)
    for product in PRODUCTS:
        caption = short_caption(product, rng)
        for colour in ("red", "purple", "olive"):
            if "colour" not in caption.mentioned:
                assert f" {colour} " not in f" {caption.text} "


def test_the_same_seed_gives_the_same_captions():
    assert some_captions() == some_captions()


def test_captions_are_made_of_known_words(captions: list[tuple]):
    known = set(known_words())
    for product, caption in captions:
        name = set(catalog_entry(product).name.lower().split())
        unknown = {word.strip(".,") for word in caption.text.split()} - known - name
        assert not unknown, caption


def test_all_values_that_can_be_seen_have_words():
    for key in ("material", "pattern", "formality", "collar", "sleeves", "fit"):
        unseen = {"unknown", "no clear pattern", "not applicable", "cannot determine"}
        assert set(WORDS[key]) == set(ATTRIBUTES[key].vocabulary.values()) - unseen
        assert all(value in words or value == "floral print" for value, words in WORDS[key].items())
    assert set(DETAIL_WORDS) == set(ATTRIBUTES["details"].vocabulary.values())


def test_captions_teach_the_words_of_zero_shot_labels(questions: list[Question]):
    """Those of the values that the demo has; a shop may add others, which the demo CLIP need not know."""
    labels = [
        label
        for question in questions
        for field in question.fields
        if field.key in WORDINGS
        for some in field_labels(field).values()
        for label in some
        if not label.value or label.value in ATTRIBUTES[field.key].vocabulary.values()
    ]
    assert {label.value for label in labels} > set(Material.values()) - {Material.UNKNOWN}
    words = {word for label in labels for text in label.texts for word in text.split()}
    assert words <= set(known_words())


def test_short_captions_are_short_and_of_many_kinds():
    rng = random.Random(1)
    made = [short_caption(product, rng) for _ in range(5) for product in PRODUCTS]
    lengths = Counter(len(caption.text.split()) for caption in made)
    assert lengths[2] + lengths[3] > 0.4 * len(made)
    together = [set(caption.mentioned) for caption in made]
    for kind in ({"colour", "material", "article"}, {"colour", "pattern", "article"}, {"material", "pattern"}):
        assert any(kind <= mentioned for mentioned in together)
    for trait in ("collar", "sleeves", "fit", "formality", "group", *DETAIL_WORDS, *StyleKeyword.values()):
        assert any(trait in mentioned for mentioned in together), trait
    texts = " | ".join(caption.text for caption in made)
    for phrase in ("in leather", "with pockets", "hoodie", "a photo of a", "with stripes", "shoes", " bag"):
        assert phrase in texts


def test_two_traits_come_in_either_order():
    jacket = next(p for p in PRODUCTS if p.article.name == "Jackets" and p.material == "leather")
    rng = random.Random(2)
    texts = {short_caption(jacket, rng).text for _ in range(2000)}
    colour = jacket.colour.lower()
    assert f"{colour} leather jacket" in texts
    assert f"jacket in {colour} leather" in texts


def test_full_captions_say_everything_that_is_shown():
    rng = random.Random(3)
    shirt = next(p for p in PRODUCTS if p.article.name == "Shirts" and "has pockets" in p.truth["details"])
    caption = full_caption(shirt, rng)
    wanted = {"article", "colour", "material", "pattern", "collar", "sleeves", "fit", *shirt.truth["details"]}
    assert caption.mentioned == wanted
    assert phrase_caption(shirt, rng, completeness=0).mentioned == {"article"}


def test_a_description_is_what_the_enrichment_writes(questions: list[Question]):
    columns = {field.key: field.column for question in questions for field in question.fields}
    products = [*PRODUCTS, replace(PRODUCTS[0], material="unknown", pattern="no clear pattern")]
    rows = [observed(product, columns) for product in products]
    attributes = pl.DataFrame(rows, schema={name: ENRICHED_DESCRIPTIONS.schema[name] for name in rows[0]})
    no_rules = pl.DataFrame(schema={"product_id": pl.Int64, "rule": pl.String, "severity": pl.String})
    written = describe(attributes, no_rules).get_column("rich_text_description").str.to_lowercase()
    assert [description_caption(product).text for product in products] == written.to_list()


def observed(product: DemoProduct, columns: dict[str, str]) -> dict[str, object]:
    """A row that `describe` reads: the shop's table, and the truth as if a model had answered it.

    `columns` are those of the tables, by the attributes' keys.
    """
    entry = catalog_entry(product)
    answers: dict[str, object] = {columns[key]: value for key, value in product.truth.items()}
    return answers | {
        "product_id": product.index,
        "gender": entry.gender,
        "master_category": entry.master_category,
        "sub_category": entry.sub_category,
        "article_type": entry.article_type,
        "base_color": entry.base_colour,
        "season": entry.season,
        "usage": entry.usage,
        "product_display_name": entry.name,
        "extraction_success": True,
    }


def test_a_regular_fit_is_not_described():
    product = next(p for p in PRODUCTS if p.fit == "regular")
    assert "fit" not in description_caption(product).mentioned


def test_an_unknown_material_is_never_said():
    product = replace(PRODUCTS[0], material="unknown", pattern="no clear pattern")
    rng = random.Random(4)
    made: list[Caption] = [random_caption(product, rng) for _ in range(50)]
    made += [short_caption(product, rng) for _ in range(50)] + [description_caption(product)]
    assert all(not {"material", "pattern"} & caption.mentioned for caption in made)
    assert all("unknown" not in caption.text for caption in made)


def test_every_article_has_words():
    assert {product.article.name for product in PRODUCTS} <= set(ARTICLE_WORDS)
