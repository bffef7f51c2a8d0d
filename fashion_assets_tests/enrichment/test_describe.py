"""Descriptions: what is in them, what is not, and in which order."""

from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.enrichment.describe import MATERIAL_COVERAGE, describe
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.shop.languages.reader import load_language
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Attribute, Taxonomy, Value, Vocabulary
from fashion_assets_tests.factories import attributes


def described(**values) -> dict:
    rows = attributes(values)
    return describe(rows, broken_rules(rows)).row(0, named=True)


def test_baseline_is_name_colour_usage_and_season():
    row = described(product_display_name="Nike Men Tshirt", base_color="Black", usage="Casual", season="Summer")
    assert row["baseline_description"] == "Nike Men Tshirt Black Casual Summer"


def test_baseline_without_a_name_starts_with_the_article():
    assert described(product_display_name=None, season=None)["baseline_description"] == "Shirts Blue Casual"


def test_rich_description_opens_with_the_most_telling_words():
    row = described(pattern="striped", material="denim", visual_details=["has pockets", "has buttons"])
    assert row["rich_text_description"].startswith(
        "blue striped denim shirts with a collar, short sleeves, pockets, buttons. casual"
    )


@pytest.mark.parametrize(("confidence", "is_there"), [("high", True), ("medium", True), ("low", False)])
def test_material_counts_only_when_confident(confidence, is_there):
    row = described(material="denim", pattern="striped", confidence_material=confidence)
    assert ("denim" in row["rich_text_description"]) is is_there
    assert "striped" in row["rich_text_description"]
    assert row["use_enriched_text"] is is_there
    assert row["needs_review"] is not is_there


def test_an_unknown_material_is_not_mentioned():
    assert "unknown" not in described(material="unknown")["rich_text_description"]


def test_a_failed_product_keeps_its_baseline_and_is_flagged():
    row = described(extraction_success=False, extraction_errors=["photo_missing"])
    assert row["rich_text_description"] == row["baseline_description"]
    assert row["needs_review"]
    assert row["formality_level"] is None
    assert row["occasions"] == []


def test_a_broken_error_rule_is_flagged_for_review():
    row = described(article_type="Watches", material="leather")
    assert row["broken_rules"] == ["watches_are_metal"]
    assert row["needs_review"]


WATCH = {"article_type": "Watches", "material": "leather"}


@pytest.mark.parametrize(
    ("values", "given", "is_flagged"),
    [
        (WATCH, None, True),
        (WATCH, '{"material":"Steel"}', False),
        (WATCH, '{"pattern":"plain"}', True),
        (WATCH, '{"material":"moonstone"}', True),
        ({"confidence_material": "low"}, '{"material":"Suede"}', False),
        ({"extraction_success": False}, '{"material":"Suede"}', True),
    ],
)
def test_a_value_that_the_shop_states_needs_no_review_because_of_the_models(values, given, is_flagged):
    rows = attributes(values)
    stated = pl.DataFrame({"product_id": [0], "given": [given]}, schema={"product_id": pl.Int64, "given": pl.String})
    row = describe(rows, broken_rules(rows), given=stated).row(0, named=True)
    assert (row["needs_review"], row["given"]) == (is_flagged, given)


def test_what_the_shop_states_is_described():
    stated = pl.DataFrame({"product_id": [0], "given": ['{"material":"Suede"}']})
    rows = attributes({"material": "denim", "given": '{"material":"earlier"}', "stated_material": "metal"})
    (row,) = describe(rows, broken_rules(rows), given=stated).to_dicts()
    assert row["material"] == "leather" and "leather" in row["rich_text_description"]
    assert row["broken_rules"] == ["material_agrees_with_the_shops_table"]


def test_no_word_is_repeated():
    row = described(product_display_name="Acme Blue Striped Casual Shirt", pattern="striped")
    words = [word.strip(".,").lower().removesuffix("s") for word in row["rich_text_description"].split()]
    telling = [word for word in words if word not in {"a", "with", "for", "no"}]
    assert len(telling) == len(set(telling))


def test_descriptions_fit_the_context():
    row = described(product_display_name=" ".join(f"word{i}" for i in range(200)))
    assert len(row["rich_text_description"].split()) <= SHIPPED.language.description.most_words


@pytest.mark.parametrize(
    ("formality", "style", "occasions"),
    [
        ("formal", ["elegant"], ["office", "business meeting", "formal event", "party"]),
        ("athletic", [], ["gym", "training"]),
        ("casual", ["streetwear"], ["weekend", "everyday", "city"]),
    ],
)
def test_occasions(formality, style, occasions):
    assert described(formality=formality, style_keywords=style)["occasions"] == occasions


@pytest.mark.parametrize(
    ("season", "sleeves", "material", "refined"),
    [
        ("Winter", "sleeveless", "woven fabric", "Summer"),
        ("Summer", "long sleeve", "knit fabric", "Winter"),
        ("Summer", "long sleeve", "woven fabric", "Summer"),
        (None, "short sleeve", "woven fabric", "Summer"),
        ("Fall", None, "metal", "Fall"),
        (None, None, "metal", None),
    ],
)
def test_refined_season(season, sleeves, material, refined):
    assert described(season=season, sleeve_length=sleeves, material=material)["season_refined"] == refined


@pytest.mark.parametrize(("described_products", "outcome"), [(79, "warned"), (80, "passed"), (81, "passed")])
def test_material_coverage(described_products, outcome):
    rows = attributes(*([{}] * described_products + [{"material": "unknown"}] * (100 - described_products)))
    assert MATERIAL_COVERAGE.judge(describe(rows, broken_rules(rows))).outcome == outcome


def german(**values) -> str:
    rows = attributes(values)
    return describe(rows, broken_rules(rows), shop=replace(SHIPPED, language=load_language("de"))).row(0, named=True)[
        "rich_text_description"
    ]


def test_a_description_in_german():
    assert german(
        product_display_name="Blusenhaus Hemd Nora",
        article_type="Hemden",
        base_color="Weiß",
        gender="Damen",
        pattern="checkered",
        material="woven fabric",
        fit_type="loose",
        formality="business casual",
        style_keywords=["elegant", "modern"],
        visual_details=["has pockets", "has buttons"],
    ) == (
        "Hemden, weiß, kariert, locker geschnitten, aus Webstoff. Details: Kragen, Kurzarm, Taschen, Knöpfe. "
        "Stil: Business-Casual, elegant, modern. Für Damen, Büro, Abendessen, Party. "
        "Blusenhaus Hemd Nora"
    )


def test_a_german_description_translates_the_usual_values_and_leaves_out_what_is_missing():
    assert (
        german(
            product_display_name="Nora",
            article_type="Trousers",
            base_color=None,
            gender="Women",
            pattern="no clear pattern",
            material="unknown",
            formality="casual",
            style_keywords=[],
            collar_type=None,
            sleeve_length=None,
        )
        == "Hose. Stil: lässig. Für Damen, Wochenende, Alltag. Nora"
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"pattern": "polka dots", "material": "leather", "fit_type": "oversized", "sleeve_length": "sleeveless"},
            "blue polka dot oversized leather shirts with a collar, no sleeves. casual, modern. for men, weekend, "
            "everyday. Brand 0",
        ),
        (
            {
                "product_display_name": None,
                "article_type": None,
                "sub_category": "Topwear",
                "gender": None,
                "collar_type": "no collar",
                "formality": "formal",
                "style_keywords": ["elegant", "minimalist"],
                "visual_details": ["has zipper", "has logo"],
                "confidence_material": "low",
            },
            "blue plain topwear with short sleeves, zipper, logo. formal, elegant, minimalist. "
            "for office, business meeting, event, party",
        ),
    ],
)
def test_english_descriptions_stay_as_they_are_stored(values, text):
    assert described(**values)["rich_text_description"] == text


def test_quotes_and_odd_names_do_not_break_anything():
    row = described(product_display_name='O\'Neill "Surf" | 100% <b>Çotton</b>, ナイキ')
    assert "O'Neill" in row["rich_text_description"]


def test_a_sentence_whose_words_were_all_said_is_left_out():
    row = described(
        article_type="Casual Shoes", formality="casual", style_keywords=[], collar_type=None, sleeve_length=None
    )
    assert row["rich_text_description"] == (
        "blue plain woven fabric casual shoes. for men, weekend, everyday. Brand Shirt 0"
    )


def test_an_own_attribute_is_described_where_its_placement_says():
    additions = (
        Attribute("feel", "feel", Vocabulary((Value("soft"), Value("stiff", phrase=""))), "own", placement="before"),
        Attribute("lining", "lining", Vocabulary((Value("lined", phrase="a lining"),)), "own", placement="after"),
        Attribute("extras", "extras", Vocabulary((Value("has belt"),)), "own", is_list=True, placement="after"),
        Attribute("mood", "mood", Vocabulary((Value("cheerful"),)), "own"),
    )
    values = {
        "feel": ["soft", "stiff"],
        "lining": ["lined", None],
        "extras": [["has belt"], None],
        "mood": ["cheerful"] * 2,
    }
    rows = attributes({"pattern": "striped", "material": "denim"}, {"material": "denim"})
    rows = rows.with_columns(pl.Series(name, value) for name, value in values.items())
    texts = describe(
        rows, broken_rules(rows), shop=replace(SHIPPED, taxonomy=Taxonomy((*SHIPPED.taxonomy, *additions)))
    )["rich_text_description"]
    assert texts[0].startswith("blue striped soft denim shirts with a collar, short sleeves, a lining, belt. casual")
    assert texts[1].startswith("blue plain denim shirts with a collar, short sleeves. casual")
    assert "cheerful" not in texts[0]
