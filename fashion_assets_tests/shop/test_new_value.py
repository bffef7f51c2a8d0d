"""A new material is one line, and reaches everything that is made of the taxonomy without another edit.

That a model is let say it is tested with the grammar.
"""

import json
from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.embeddings.tables import embeddings_table
from fashion_assets.enrichment.describe import describe
from fashion_assets.enrichment.tables import descriptions_table
from fashion_assets.extraction.answers import parse_answer
from fashion_assets.extraction.backends.zero_shot.labels import attribute_labels, second_opinion_columns
from fashion_assets.extraction.questions import default_prompts_folder, load_questions
from fashion_assets.extraction.tables import attributes_table
from fashion_assets.quality.labels.accuracy import accuracies
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.quality.labels.stated_values import stated_field, stated_value
from fashion_assets.quality.rules.distributions import distributions
from fashion_assets.quality.rules.second_opinions import second_opinion_rules
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.search.offline.queries import make_query_set
from fashion_assets.search.query.boosts import named_values
from fashion_assets.search.query.expansion import expand
from fashion_assets.shop.languages.reader import load_language
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Value
from fashion_assets_tests.factories import attributes

SUEDE = Value("suede", ("suede leather",), clip_wordings=("a {product} of velvety suede",), name_words="suede")
TAXONOMY = SHIPPED.taxonomy.with_value("material", SUEDE)
PROFILE = ShopProfile(taxonomy=TAXONOMY)
NO_BROKEN_RULES = pl.DataFrame(schema=CONSISTENCY_CHECKS.row_schema)


@pytest.fixture
def question():
    return next(q for q in load_questions(default_prompts_folder(), TAXONOMY) if "material" in q.keys)


def test_it_reaches_prompt_schema_and_parser(question):
    assert "metal, canvas, suede, unknown" in question.text
    assert "suede" in question.schema["properties"]["material"]["enum"]
    answer = json.dumps({"material": "Suede-Leather", "pattern": "solid color", "confidence": "high"})
    assert parse_answer(answer, question).values["material"] == "suede"


def test_it_reaches_every_table_with_the_column():
    tables = (attributes_table(TAXONOMY), descriptions_table(TAXONOMY))
    assert all("suede" in column.allowed for table in tables for column in table.columns if column.name == "material")
    assert "suede" in second_opinion_columns(TAXONOMY)[0].allowed
    assert "material" in embeddings_table(TAXONOMY).schema


def test_clip_is_asked_in_its_own_wording():
    (labels,) = attribute_labels(TAXONOMY["material"]).values()
    assert ("a bag of velvety suede",) in [label.texts for label in labels if label.value == "suede"]


def test_descriptions_say_it():
    rows = attributes({"product_id": 1}).with_columns(material=pl.lit("suede"))
    (text,) = describe(rows, NO_BROKEN_RULES, shop=replace(SHIPPED, taxonomy=TAXONOMY))["rich_text_description"]
    assert "suede" in text
    (german,) = describe(rows, NO_BROKEN_RULES, shop=replace(SHIPPED, taxonomy=TAXONOMY, language=load_language("de")))[
        "rich_text_description"
    ]
    assert "aus suede" in german


def test_its_name_word_is_a_witness():
    rule = next(r for r in second_opinion_rules(PROFILE) if r.name == "material_agrees_with_words_in_the_name")
    rows = attributes({"product_display_name": "Brand Women Suede Boots", "material": "leather"})
    assert rule.judge(rows).value == 0.0
    assert rule.judge(rows.with_columns(material=pl.lit("suede"))).value == 1.0


def test_people_may_state_it_and_accuracy_counts_it(tmp_path):
    assert stated_value(stated_field("material", TAXONOMY), "Suede leather") == "suede"
    file = tmp_path / "labels.csv"
    file.write_text("product_id,material\n1,suede\n2,leather\n")
    rows = attributes({"product_id": 1}, {"product_id": 2}).with_columns(material=pl.lit("suede"))
    (score,) = accuracies(rows, read_labels(file, TAXONOMY), PROFILE)
    assert (score.attribute, score.score, score.goal) == ("material", 0.5, 0.75)
    assert distributions(rows, TAXONOMY).filter(attribute="material").select("value", "share").rows() == [("suede", 1)]


def test_queries_name_it():
    assert expand("suede-leather boots", TAXONOMY).added == {"suede-leather": ("suede",)}
    assert named_values("suede boots", {"material": ["suede"]}, TAXONOMY) == {"material": frozenset({"suede"})}
    german = load_language("de")
    assert expand("suede-leather Stiefel", TAXONOMY, german).added == {"suede-leather": ("suede",)}
    assert named_values("suede Stiefel", {"material": ["suede"]}, TAXONOMY, german) == {
        "material": frozenset({"suede"})
    }
    products = pl.DataFrame(
        {
            "product_id": [1],
            "product_display_name": ["Brand Women Suede Boots"],
            "article_type": ["Boots"],
            "base_color": ["Brown"],
            "gender": ["Women"],
            "usage": ["Casual"],
        }
    )
    (text,) = make_query_set(products, products.select("product_id"), taxonomy=TAXONOMY).queries["text"]
    assert text == "brown suede boots women casual"
