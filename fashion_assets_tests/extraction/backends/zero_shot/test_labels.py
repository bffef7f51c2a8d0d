from dataclasses import replace

import pytest

from fashion_assets.extraction.backends.zero_shot import labels as module
from fashion_assets.extraction.backends.zero_shot.labels import (
    PRODUCTS,
    attribute_labels,
    item_labels,
    labelled,
    labels_version,
    second_opinion_columns,
    second_opinions,
    value_labels,
)
from fashion_assets.shop.profile import SHIPPED
from fashion_assets.shop.taxonomy import Taxonomy, Value

TAXONOMY = SHIPPED.taxonomy
LISTS = [attribute for attribute in TAXONOMY if attribute.is_list]


def test_every_attribute_is_put_into_words():
    assert labelled(TAXONOMY) == TAXONOMY.visible


@pytest.mark.parametrize("attribute", second_opinions(TAXONOMY), ids=lambda attribute: attribute.key)
def test_every_value_but_the_one_that_cannot_tell_has_labels_that_say_it(attribute):
    labels = value_labels(attribute)
    assert {label.value for label in labels} == {*attribute.vocabulary.values()} - {attribute.cannot_tell}
    for label in labels:
        assert label.texts
        has_own = attribute.value(label.value).clip_wordings
        assert has_own or all(label.value in text for text in label.texts)
        assert not any("{" in text for text in label.texts)


@pytest.mark.parametrize("attribute", LISTS, ids=lambda attribute: attribute.key)
def test_every_item_has_labels_and_as_many_without_it(attribute):
    labels_by_item = attribute_labels(attribute)
    assert list(labels_by_item) == attribute.vocabulary.values()
    for item, labels in labels_by_item.items():
        there, without = [lb for lb in labels if lb.value == item], [lb for lb in labels if lb.value == ""]
        assert len(there) == len(without) == len(PRODUCTS)
        assert all(item.removeprefix("has ") in text for label in there for text in label.texts)


@pytest.mark.parametrize("wording", ["a photo of brushed calf leather", "a photo of a brushed {product}"])
def test_a_value_with_its_own_wording_has_as_many_labels_as_the_others(wording):
    bigger = TAXONOMY.with_value("material", Value("brushed leather", clip_wordings=(wording,)))
    labels = [label for label in value_labels(bigger["material"]) if label.value == "brushed leather"]
    assert [label.texts for label in labels] == [(wording.format(product=kind),) for kind in PRODUCTS]


def test_texts_are_sentences():
    assert item_labels(TAXONOMY["details"], "has zipper")[0].texts == ("a photo of a t-shirt with zipper",)
    assert value_labels(TAXONOMY["material"])[1].texts == ("a photo of a leather shirt",)
    assert "v-neck dress" in {text for label in value_labels(TAXONOMY["collar"]) for text in label.texts}


def test_columns_are_second_opinions_on_single_values():
    names = [column.name for column in second_opinion_columns(TAXONOMY)]
    fields = ("material", "pattern", "formality", "collar_type", "sleeve_length", "fit_type")
    assert names == [
        *(name for field in fields for name in (f"clip_{field}", f"clip_{field}_probability")),
        "clip_model",
    ]
    assert list(second_opinion_columns(TAXONOMY)[0].allowed) == TAXONOMY["material"].vocabulary.values()


def test_editing_a_template_or_a_threshold_is_another_version(monkeypatch):
    edited = replace(TAXONOMY["fit"], clip_templates=("{value} clothes",))
    other = Taxonomy(tuple(edited if attribute.key == "fit" else attribute for attribute in TAXONOMY))
    versions = {labels_version(), labels_version(other)}
    assert len(versions) == 2
    for name, changed in (("LEAST_PROBABILITY", 0.2), ("PRODUCTS", ("shirt",))):
        monkeypatch.setattr(module, name, changed)
        assert labels_version() not in versions
        versions.add(labels_version())
