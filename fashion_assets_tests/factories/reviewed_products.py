"""Products to review: a shirt that breaks two rules, a watch that breaks one, a failure, two sound ones."""

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets.quality.tables import CONSISTENCY_CHECKS
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories.products import BATCH_0, attributes

AUTHOR = "the catalog team"
HOSTILE = "<img src=x onerror=alert(1)> Shirt"
SHIRT, WATCH, FAILED, SOUND, SANDALS = 1, 2, 3, 4, 5

ROWS = (
    {
        "product_id": SHIRT,
        "product_display_name": f"{HOSTILE} Striped",
        "material_probability": 0.9,
        "clip_material": "leather",
        "clip_material_probability": 0.8,
        "clip_pattern": "solid color",
    },
    {
        "product_id": WATCH,
        "article_type": "Watches",
        "master_category": "Accessories",
        "sub_category": "Watches",
        "material": "leather",
        "collar_type": None,
        "sleeve_length": None,
        "fit_type": "cannot determine",
    },
    {
        "product_id": FAILED,
        "extraction_success": False,
        "extraction_errors": ["photo_missing"],
        "material": "unknown",
        "formality": None,
        "style_keywords": [],
    },
    {"product_id": SOUND},
    {
        "product_id": SANDALS,
        "article_type": "Sandals",
        "master_category": "Footwear",
        "sub_category": "Sandal",
        "material": "leather",
        "collar_type": None,
        "sleeve_length": None,
        "fit_type": "cannot determine",
    },
)


def write_rows(store: TableStore, *rows: dict) -> None:
    """Make the tables as the pipeline would leave them after these products were extracted."""
    frame = attributes(*rows)
    store.merge(EXTRACTED_ATTRIBUTES, frame, BATCH_0)
    store.merge(CONSISTENCY_CHECKS, broken_rules(frame), BATCH_0)
