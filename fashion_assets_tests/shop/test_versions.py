"""What the shipped profile makes of versions: homes made before are neither judged nor asked again."""

from fashion_assets.extraction.backends.zero_shot.labels import labels_version
from fashion_assets.extraction.questions import default_prompts_folder, load_questions, prompts_version
from fashion_assets.quality.rules.declarations import rules_version
from fashion_assets.shop.profile import SHIPPED, ShopProfile
from fashion_assets.shop.taxonomy import Value


def test_the_versions_of_the_shipped_profile_are_those_of_homes_made_before():
    questions = load_questions(default_prompts_folder())
    assert {question.id: (question.text_hash[:12], question.schema_hash[:12]) for question in questions} == {
        "garment_details": ("5d64f6670e2a", "561de87479c1"),
        "material_and_pattern": ("a1e7ae960b4f", "9e63ec5ab4a5"),
        "style_and_formality": ("16b2e465c29d", "04bd0b3befd3"),
    }
    assert prompts_version(questions) == "garment_details.v1+material_and_pattern.v1+style_and_formality.v1#28d0bd5d"
    assert rules_version(SHIPPED) == rules_version() == "8d076914b1c7"
    assert labels_version() == "3a586bd4"


def test_another_value_makes_other_versions_of_what_depends_on_it_only():
    bigger = SHIPPED.taxonomy.with_value("material", Value("suede", name_words="suede"))
    before, after = (load_questions(default_prompts_folder(), taxonomy) for taxonomy in (SHIPPED.taxonomy, bigger))
    changed = [old.id for old, new in zip(before, after, strict=True) if old.schema_hash != new.schema_hash]
    assert changed == ["material_and_pattern"]
    assert labels_version(bigger) != labels_version()
    assert rules_version(ShopProfile(taxonomy=bigger)) != rules_version()
