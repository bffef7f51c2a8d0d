import pytest

from fashion_assets.catalog.columns import column_mapping, looks_like_reference
from fashion_assets.catalog.tables import SOURCE_COLUMN_NAMES
from fashion_assets.errors import SettingsError

REFERENCE_HEADER = [
    *("id", "gender", "masterCategory", "subCategory", "articleType"),
    *("baseColour", "season", "year", "usage", "productDisplayName"),
]


def test_without_preset_our_names_are_used_unchanged():
    mapping = column_mapping()
    assert mapping.names == {name: name for name in SOURCE_COLUMN_NAMES}
    assert mapping.photo_path is None
    assert mapping.required == {"product_id"}


def test_the_reference_preset_covers_its_whole_header():
    mapping = column_mapping("reference")
    assert set(REFERENCE_HEADER) <= set(mapping.names.values())
    assert mapping.names["price"] == "price"
    assert mapping.photo_path == "images/{id}.jpg"


def test_overrides_win_and_must_be_in_the_source():
    mapping = column_mapping("reference", {"price": "mrp"}, photo_path="p/{id}.png")
    assert (mapping.names["price"], mapping.names["product_id"]) == ("mrp", "id")
    assert mapping.required == {"product_id", "price"}
    assert mapping.photo_path == "p/{id}.png"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"overrides": {"colour": "c"}}, ["FASHION_COLUMNS", "'colour'", "base_color"]),
        ({"preset": "myntra"}, ["FASHION_PRESET", "'myntra'", "'reference'"]),
        ({"photo_path": "images/one.jpg"}, ["FASHION_PHOTO_PATH", "'images/one.jpg'", "{id}"]),
    ],
)
def test_invalid_settings_are_refused_with_the_remedy(arguments, words):
    with pytest.raises(SettingsError) as error:
        column_mapping(**arguments)
    assert all(word in str(error.value) for word in words)


def test_looks_like_reference():
    assert looks_like_reference(REFERENCE_HEADER)
    assert not looks_like_reference(SOURCE_COLUMN_NAMES)
