import pytest

from fashion_assets.extraction.backends.zero_shot import labels as module
from fashion_assets.extraction.backends.zero_shot.labels import (
    CANNOT_TELL,
    OWN_TEXTS,
    PRODUCTS,
    WORDINGS,
    ZERO_SHOT_COLUMNS,
    Wording,
    field_labels,
    item_labels,
    labels_version,
    value_labels,
)
from fashion_assets.shop.taxonomy import FIELDS

SINGLE = [field for field in FIELDS.values() if not field.is_list and field.key != "confidence"]
LISTS = [field for field in FIELDS.values() if field.is_list]


def test_every_field_is_put_into_words():
    assert {*WORDINGS, "confidence"} == set(FIELDS)


@pytest.mark.parametrize("field", SINGLE, ids=lambda field: field.key)
def test_every_value_but_the_one_that_cannot_tell_has_labels_that_say_it(field):
    labels = value_labels(field)
    assert {label.value for label in labels} == {*field.vocabulary.values()} - {CANNOT_TELL.get(field.key)}
    for label in labels:
        assert label.texts
        assert (field.key, label.value) in OWN_TEXTS or all(label.value in text for text in label.texts)
        assert not any("{" in text for text in label.texts)


@pytest.mark.parametrize("field", LISTS, ids=lambda field: field.key)
def test_every_item_has_labels_and_as_many_without_it(field):
    labels_by_item = field_labels(field)
    assert list(labels_by_item) == field.vocabulary.values()
    for item, labels in labels_by_item.items():
        there, without = [lb for lb in labels if lb.value == item], [lb for lb in labels if lb.value == ""]
        assert len(there) == len(without) == len(PRODUCTS)
        assert all(item.removeprefix("has ") in text for label in there for text in label.texts)


def test_texts_are_sentences():
    assert item_labels(FIELDS["details"], "has zipper")[0].texts == ("a photo of a t-shirt with zipper",)
    assert value_labels(FIELDS["material"])[1].texts == ("a photo of a leather shirt",)
    assert "v-neck dress" in {text for label in value_labels(FIELDS["collar"]) for text in label.texts}


def test_columns_are_second_opinions_on_single_values():
    names = [column.name for column in ZERO_SHOT_COLUMNS]
    fields = ("material", "pattern", "formality", "collar_type", "sleeve_length", "fit_type")
    assert names == [
        *(name for field in fields for name in (f"clip_{field}", f"clip_{field}_probability")),
        "clip_model",
    ]
    assert list(ZERO_SHOT_COLUMNS[0].allowed) == FIELDS["material"].vocabulary.values()


def test_editing_a_template_or_a_threshold_is_another_version(monkeypatch):
    versions = {labels_version()}
    assert labels_version() in versions
    for change in (
        lambda: monkeypatch.setitem(WORDINGS, "fit", Wording(("{value} clothes",))),
        lambda: monkeypatch.setattr(module, "LEAST_PROBABILITY", 0.2),
        lambda: monkeypatch.setattr(module, "PRODUCTS", ("shirt",)),
    ):
        change()
        assert labels_version() not in versions
        versions.add(labels_version())
