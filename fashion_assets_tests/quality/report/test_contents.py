"""What a report tells, worked out by hand on a few products."""

import polars as pl
import pytest

from fashion_assets.gates.gate import judge_all
from fashion_assets.quality.report.contents import ValueShare
from fashion_assets.quality.report.products import BREAKERS_SHOWN, SAMPLES, Pair, Product, Samples
from fashion_assets.quality.report.records import BatchRecord
from fashion_assets.quality.rules.declarations import extraction_gates
from fashion_assets.quality.rules.distributions import distributions
from fashion_assets.quality.verdicts.overrides import Override
from fashion_assets.quality.verdicts.verdict import Verdict, judge_batch
from fashion_assets.shop.profile import SHIPPED
from fashion_assets_tests.factories import BATCH_0, attributes
from fashion_assets_tests.factories.clock import NOW
from fashion_assets_tests.factories.reports import PASSED, STOPPED, WATCH, report_on


def sampled(count: int, *parts: pl.DataFrame) -> tuple[Product, ...]:
    samples = Samples(count)
    for rows in parts:
        samples.add(rows)
    return samples.products()


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (PASSED, "passed"),
        (STOPPED, "stopped"),
        (Verdict(BATCH_0, "f", False, STOPPED.reasons, Override("somebody", "known", NOW)), "overridden"),
        (None, "not judged"),
    ],
)
def test_the_verdict_is_that_on_record(verdict: Verdict | None, status: str):
    (found,) = report_on(attributes({}, {"extraction_success": False}), BatchRecord(BATCH_0, verdict)).verdicts
    assert (found.status, found.products, found.failed_products) == (status, 2, 1)
    assert found.reasons == (verdict.reasons if verdict else ())


def test_every_gate_is_there_and_what_failed_comes_first():
    rows = attributes(*[{**WATCH, "material": "canvas"}] * 20, *[{"confidence_material": "low"}] * 10)
    gates = report_on(rows).gates
    assert {one.gate.name for one in gates} == {gate.name for gate in extraction_gates(SHIPPED)}
    assert [one.judgement.outcome for one in gates][:3] == ["failed", "failed", "warned"]
    assert gates[1].gate.name == "watches_are_metal"
    assert gates[1].judgement == judge_all([gates[1].gate], rows)[0]


def test_changes_are_measured_against_the_accepted_figures_worst_first():
    rows = attributes(*[WATCH] * 18, *[{**WATCH, "material": "unknown"}] * 2)
    accepted = {"watches_are_metal": 1.0, "material_unknown_is_at_most_30_percent": 0.06, "gone_rule": 1.0}
    changes = report_on(rows, BatchRecord(BATCH_0, PASSED, accepted)).changes
    assert [(one.name, one.before, one.now, one.worse_by, one.is_drop) for one in changes] == [
        ("watches_are_metal", 1.0, 0.9, 0.1, True),
        ("material_unknown_is_at_most_30_percent", 0.06, 0.1, 0.04, False),
    ]


def test_of_several_batches_only_drops_are_told():
    rows = attributes(*[WATCH] * 20, *[{**WATCH, "batch": "batch_00001", "material": "canvas"}] * 20)
    accepted = {"watches_are_metal": 1.0, "material_unknown_is_at_most_30_percent": 0.0}
    records = [BatchRecord(name, PASSED, accepted) for name in (BATCH_0, "batch_00001")]
    found = report_on(rows, *records)
    assert [(one.batch, one.name) for one in found.changes] == [("batch_00001", "watches_are_metal")]
    assert [one.products for one in found.verdicts] == [20, 20]
    assert not found.is_of_one_batch


def test_distributions_stand_beside_the_accepted_ones():
    rows = attributes({"material": "denim"}, {"material": "metal"})
    before = distributions(attributes({"material": "metal"}))
    material = report_on(rows, BatchRecord(BATCH_0, PASSED, accepted_shares=before)).distributions[0]
    assert (material.attribute, material.applicable) == ("material", 2)
    shown = [one for one in material.shares if one.share or one.before]
    assert shown == [ValueShare("denim", 0.5, 0.0), ValueShare("metal", 0.5, 1.0)]
    assert {one.before for one in report_on(rows).distributions[0].shares} == {None}


def test_samples_take_turns_among_article_types_the_frequent_ones_first():
    rows = attributes(*[{}] * 30, *[WATCH] * 3, {"article_type": "Ties"})
    found = sampled(5, rows)
    assert [one.article_type for one in found] == ["Shirts", "Watches", "Ties", "Shirts", "Watches"]
    assert sampled(5, rows.reverse()) == found
    assert sampled(5, rows[:7], rows[7:31], rows[31:]) == found
    assert len({one.product_id for one in sampled(SAMPLES, rows)}) == 20


def test_failures_are_grouped_by_code_with_the_products():
    broken = {"extraction_success": False, "extraction_errors": ["answer_unparseable:style", "photo_changed:x"]}
    gone = {"extraction_success": False, "extraction_errors": ["photo_missing"]}
    first, changed, second = report_on(attributes({}, broken, gone, broken)).failures
    assert (first.code, first.count, [one.product_id for one in first.products]) == ("answer_unparseable", 2, [1, 3])
    assert first.products[0].errors == ("answer_unparseable:style",)
    assert (changed.code, changed.count, changed.products[0].errors) == ("photo_changed", 2, ("photo_changed:x",))
    assert (second.code, second.count, second.products[0].errors) == ("photo_missing", 1, ("photo_missing",))
    assert first.products[0].attributes == ()  # the defaults of a failed product are no answers


def test_disagreements_show_the_surest_answers_first():
    wrong = {**WATCH, "material": "leather"}
    rows = attributes(
        *[{**wrong, "material_probability": 0.5 + number / 100} for number in range(8)],
        {**WATCH, "material": "canvas", "material_probability": None},
        WATCH,
    )
    (found,) = report_on(rows).disagreements
    assert (found.rule, found.severity, found.count) == ("watches_are_metal", "error", 9)
    assert found.pairs == (Pair("material metal", "leather", 8), Pair("material metal", "canvas", 1))
    assert [one.product_id for one in found.products] == [7, 6, 5, 4, 3, 2][:BREAKERS_SHOWN]
    assert found.more_ids == (1, 0, 8)
    assert found.products[0].note == "expected material metal; found leather"


def test_labels_give_accuracy_and_calibration():
    rows = attributes({"material": "denim", "material_probability": 0.9}, {"material": "metal"})
    labels = pl.DataFrame({"product_id": [0, 1], "material": ["denim", "canvas"]})
    found = report_on(rows, labels=labels)
    assert [(one.attribute, one.labels, one.score) for one in found.accuracies] == [("material", 2, 0.5)]
    assert [(one.attribute, one.calibration.answers) for one in found.calibrations] == [("material", 1)]
    assert report_on(rows).accuracies == ()
    of_others = report_on(rows, labels=labels.with_columns(pl.col("product_id") + 100))
    assert (of_others.accuracies[0].labels, of_others.calibrations) == (0, ())


def test_an_empty_batch_has_a_report():
    rows = attributes({}).clear()
    found = report_on(
        rows, BatchRecord(BATCH_0, judge_batch(BATCH_0, rows, judge_all(extraction_gates(SHIPPED), rows)))
    )
    assert (found.products, found.samples, found.failures, found.disagreements) == (0, (), (), ())
    assert {one.judgement.outcome for one in found.gates} == {"passed"}
