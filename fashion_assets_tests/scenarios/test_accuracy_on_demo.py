"""The demo catalog's truth: accuracy and calibration of the real model against it, and intervals that hold."""

import pytest

from fashion_assets.app.catalog import render_catalog
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.extraction.tables import EXTRACTED_ATTRIBUTES
from fashion_assets.quality.labels.accuracy import accuracies, judged_answers
from fashion_assets.quality.labels.calibration import calibration_of
from fashion_assets.quality.labels.hand_labels import read_labels
from fashion_assets.settings import load_settings
from fashion_assets.shop.profile import SHIPPED

PRODUCTS = 500
RESAMPLES = 2000
LABELS = 100


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The attributes of a demo catalog, and its truth."""
    settings = load_settings(home=tmp_path_factory.mktemp("demo"), demo_products=PRODUCTS, device="cpu")
    render_catalog(settings)
    with Pipeline(settings) as pipeline:
        pipeline.ingest()
        pipeline.run_batch("batch_00000", "extracted_attributes")
        return pipeline.store.read(EXTRACTED_ATTRIBUTES), read_labels(settings.own_labels)


def test_all_goals_are_reached_and_the_probabilities_are_meant(demo):
    attributes, truth = demo
    found = {one.attribute: one for one in accuracies(attributes, truth)}
    assert all(found[attribute].reaches_goal for attribute in SHIPPED.limits.accuracy_goals)
    assert found["collar_type, applicable or not"].score > 0.9
    for column in ("material", "pattern", "formality"):
        assert calibration_of(judged_answers(attributes, truth, column)).error < 0.05


def test_the_intervals_of_100_labels_cover_the_true_accuracy(demo):
    attributes, truth = demo
    true = {one.attribute: one.score for one in accuracies(attributes, truth)}
    covered = dict.fromkeys(true, 0)
    for seed in range(RESAMPLES):
        for one in accuracies(attributes, truth.sample(LABELS, seed=seed)):
            covered[one.attribute] += one.low <= true[one.attribute] <= one.high
    shares = {attribute: count / RESAMPLES for attribute, count in covered.items()}
    assert min(shares.values()) >= 0.93, shares
