"""Who said what is used of a product."""

from datetime import UTC, datetime

import polars as pl

from fashion_assets.app.value_sources import ValueSource, value_sources
from fashion_assets.quality.labels.corrections import NO_CORRECTIONS
from fashion_assets.quality.tables import CORRECTIONS

ANSWERS = {
    "material": "denim",
    "pattern": "striped",
    "formality": "casual",
    "visual_details": [],
    "given": '{"material":"Echtleder","pattern":"gestreift","formality":"Abend","fit":"loose"}',
    "stated_material": "leather",
    "stated_pattern": "striped",
    "stated_fit_type": "loose",
}


def corrections(**values: str) -> pl.DataFrame:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {"product_id": 1, "field": field, "value": value, "author": "Ann", "at": at} for field, value in values.items()
    ]
    return pl.DataFrame(rows, schema=CORRECTIONS.row_schema)


def test_the_shop_comes_before_the_model():
    assert value_sources(ANSWERS, NO_CORRECTIONS) == (
        ValueSource("material", "leather", "shop's table: Echtleder", "denim"),
        ValueSource("pattern", "striped", "shop's table: gestreift"),
        ValueSource("formality", "casual", "model"),
        ValueSource("visual_details", "none", "model"),
        ValueSource("fit_type", "loose", "shop's table: loose"),
    )


def test_a_person_comes_before_both():
    sources = value_sources(ANSWERS, corrections(material="canvas", visual_details="has hood|has pockets"))
    assert [source for source in sources if source.said_by != "model"][:3] == [
        ValueSource("material", "canvas", "correction by Ann", "denim"),
        ValueSource("pattern", "striped", "shop's table: gestreift"),
        ValueSource("visual_details", "has hood, has pockets", "correction by Ann", "none"),
    ]
