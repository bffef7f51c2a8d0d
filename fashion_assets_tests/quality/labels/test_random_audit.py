"""The random audit: a fair draw, first answers only, and labels that `fashion accuracy` can use."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.accuracy import accuracies
from fashion_assets.quality.labels.random_audit import audit_order, read_audit_labels, record_audit
from fashion_assets.quality.tables import AUDIT_LABELS
from fashion_assets_tests.factories import BATCH_0, attributes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IDS = pl.Series("product_id", range(10_000, 10_200))


def record(store, product_id: int, answers: dict, hours: int = 0, photo: str | None = None) -> None:
    record_audit(store, product_id, photo, answers, "the catalog team", NOW + timedelta(hours=hours))


def test_every_product_is_equally_likely_to_be_drawn():
    seeds = 1000
    drawn = Counter(number for seed in range(seeds) for number in audit_order(IDS, seed).head(50))
    expected = seeds * 50 / len(IDS)
    # Draws without replacement of 50 in 200: the sum over ids, scaled by the variance of one, is chi-square (199).
    statistic = sum((drawn[number] - expected) ** 2 for number in IDS) / (expected * (1 - 50 / len(IDS)))
    assert 150 < statistic < 255  # about the middle 98 %


def test_a_draw_is_the_same_every_time_and_in_every_order():
    first = audit_order(IDS)
    assert sorted(first) == IDS.to_list() != first.to_list()
    assert audit_order(IDS.reverse()).equals(first)
    assert not set(first.head(50)) & set(first.slice(50, 50))


def test_other_products_change_nobodys_place():
    more = pl.concat([IDS, pl.Series("product_id", range(500))])
    kept = audit_order(more)
    assert kept.filter(kept.is_in(IDS.to_list())).equals(audit_order(IDS))


def test_answers_become_labels_as_a_file_would_give_them(store):
    store.merge(EXTRACTED_ATTRIBUTES, attributes({}, {}, {}), BATCH_0)
    record(store, 0, {"material": "denim", "visual_details": "has pockets|has zipper", "fit_type": None})
    record(store, 1, {"material": None, "visual_details": "none", "fit_type": None})
    record(store, 2, {"material": None, "visual_details": None, "fit_type": None})
    found = read_audit_labels(store)
    assert found.to_dict(as_series=False) == {
        "product_id": [0, 1],
        "material": ["denim", None],
        "visual_details": [["has pockets", "has zipper"], []],
    }
    assert all(found.schema[name] == EXTRACTED_ATTRIBUTES.schema[name] for name in found.columns)


def test_only_the_first_answer_counts(store):
    store.merge(EXTRACTED_ATTRIBUTES, attributes({}), BATCH_0)
    record(store, 0, {"material": "denim"}, hours=1)
    record(store, 0, {"material": "metal"}, hours=2)
    assert read_audit_labels(store)["material"].to_list() == ["denim"]
    assert len(store.read(AUDIT_LABELS)) == 2


def test_a_label_of_another_photo_does_not_count(store):
    store.merge(EXTRACTED_ATTRIBUTES, attributes({"photo_sha256": "new"}, {"photo_sha256": "same"}), BATCH_0)
    record(store, 0, {"material": "denim"}, photo="old")
    record(store, 1, {"material": "denim"}, photo="same")
    assert read_audit_labels(store)["product_id"].to_list() == [1]


def test_nothing_is_labelled_at_first(store):
    assert read_audit_labels(store).is_empty()


def test_accuracy_by_the_audit(store):
    rows = attributes({"material": "denim"}, {"material": "leather"}, {"material": "metal"})
    store.merge(EXTRACTED_ATTRIBUTES, rows, BATCH_0)
    for number, said in enumerate(["denim", "leather", "canvas"]):
        record(store, number, {"material": said, "style_keywords": "modern|elegant"})
    material, style = accuracies(rows, read_audit_labels(store))
    assert (material.labels, material.score) == (3, pytest.approx(2 / 3))
    assert (style.labels, style.score) == (3, 1.0)  # "modern" was said of each
