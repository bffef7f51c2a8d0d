"""What a plan would infer, counted by hand: journaled answers cost nothing, a photo of two batches is inferred once."""

from datetime import UTC, datetime, timedelta

import pytest

from fashion_assets.app.plan import RunPlan, nothing_would_run, sums_in_words
from fashion_assets.automation.forecast import Estimate, Forecast, forecast
from fashion_assets.automation.planning import BatchPlan
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.extraction.journal import Journal, journal_rows
from fashion_assets.extraction.model import Answer, ModelIdentity
from fashion_assets.quality.verdicts.verdict import Verdict
from fashion_assets_tests.factories import product, products

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MODEL = ModelIdentity("model", "none", "greedy")
MATERIAL, STYLE, GARMENT = "material_and_pattern", "style_and_formality", "garment_details"
PLANS = [
    BatchPlan("batch_00000", ("new batch",), None, ""),
    BatchPlan("batch_00001", ("vlm changed", "photos changed"), None, ""),
    BatchPlan("batch_00002", (), Verdict("batch_00002", "", False, ("gate: 0 of 25 rows",)), ""),
]


def photo(number, **values):
    return product(number, photo_status="ok", photo_sha256=f"p{number}", **values)


@pytest.fixture
def shop(store):
    """Two shirts and a product without a photo; then a watch (no garment questions) and the first shirt's photo."""
    store.merge(INGESTED_PRODUCTS, products(photo(1), photo(2), product(3)), "batch_00000")
    watch = photo(4, master_category="Accessories", sub_category="Watches")
    store.merge(INGESTED_PRODUCTS, products(watch, {**photo(5), "photo_sha256": "p1"}), "batch_00001")
    store.merge(INGESTED_PRODUCTS, products(photo(6)), "batch_00002")
    return store


@pytest.fixture
def answer(store, questions):
    """Journals answers of `seconds` each, with 10 tokens in for each of them and 5 out."""

    def answer(question_id, photos, seconds, identity=MODEL, at=NOW):
        (question,) = [q for q in questions if q.id == question_id]
        answers = [Answer("{}", prompt_tokens=round(10 * seconds), answer_tokens=5, seconds=seconds)] * len(photos)
        Journal(store).append(journal_rows(question, identity, photos, answers, at))

    return answer


def estimate_of(result: Forecast) -> Estimate:
    assert result.estimate is not None
    return result.estimate


def test_questions_and_photos_are_counted_once(shop, questions):
    result = forecast(shop, PLANS, questions, MODEL)
    assert [(b.batch, b.reasons, b.products, b.photos, b.questions) for b in result.batches] == [
        ("batch_00000", ("new batch",), 3, 2, {GARMENT: 2, MATERIAL: 2, STYLE: 2}),
        ("batch_00001", ("vlm changed", "photos changed"), 2, 1, {GARMENT: 0, MATERIAL: 1, STYLE: 1}),
    ]
    assert [plan.batch for plan in result.stopped] == ["batch_00002"]
    assert (result.photos, result.questions) == (3, {GARMENT: 2, MATERIAL: 3, STYLE: 3})


def test_all_batches_are_counted_if_requested(shop, questions):
    result = forecast(shop, PLANS, questions, MODEL, all_batches=True)
    assert [(b.batch, b.reasons) for b in result.batches][2] == ("batch_00002", ("asked for",))
    assert result.stopped == ()


def test_a_model_that_has_answered_nothing_cannot_be_estimated(shop, questions, answer):
    answer(MATERIAL, ["p9"], 1.0, ModelIdentity("other", "none", "greedy"))
    result = forecast(shop, PLANS, questions, MODEL)
    assert result.estimate is None
    assert "`fashion pilot` describes 100 products" in sums_in_words(result, has_price=False)[-1]


def test_the_estimate_is_what_each_question_took_so_far(shop, questions, answer):
    answer(MATERIAL, ["p1", "p2"], 2.0)  # known now: of this question only the watch is left
    answer(MATERIAL, ["x1", "x2"], 4.0)
    answer(STYLE, ["x1"], 9.0)
    result = forecast(shop, PLANS, questions, MODEL, price_per_hour=7200)
    assert result.questions == {GARMENT: 2, MATERIAL: 1, STYLE: 3}
    # Material takes 3 s on average, style 9 s; the garment question was never asked: (2 + 2 + 4 + 4 + 9) / 5 = 4.2 s.
    estimate = estimate_of(result)
    assert estimate.seconds == pytest.approx(3 + 3 * 9 + 2 * 4.2)
    assert estimate.prompt_tokens == 384
    assert estimate.answer_tokens == 6 * 5
    assert estimate.measured == 5
    assert estimate.cost == pytest.approx(2 * 38.4)
    lines = sums_in_words(result, has_price=True)
    assert lines[1] == "About 38 s in the model, 384 tokens in and 30 out, by its latest 5 answers."
    assert lines[2] == "About 76.80 at that time's price."
    assert RunPlan(result, None, True, True).as_dict()["stopped_by_gates"] == {"batch_00002": ("gate: 0 of 25 rows",)}


def test_requests_that_are_answered_at_the_same_time_share_it(shop, questions, answer):
    answer(MATERIAL, ["x"], 8.0)
    result = forecast(shop, PLANS, questions, MODEL, at_once=4)
    assert estimate_of(result).seconds == pytest.approx(8 * 8.0 / 4)
    assert estimate_of(result).cost is None
    assert "FASHION_PRICE_PER_HOUR" in sums_in_words(result, has_price=False)[2]


def test_the_remaining_question_takes_the_time_of_reading_the_photo(shop, questions, answer):
    answer(MATERIAL, ["x"], 9.0)  # asked first: this is the time for looking, and 1 s
    answer(STYLE, ["x"], 1.0)
    answer(GARMENT, ["x"], 1.0)
    answer(MATERIAL, ["p1", "p2", "p4"], 9.0)
    result = forecast(shop, PLANS, questions, MODEL)
    assert result.questions == {GARMENT: 2, MATERIAL: 0, STYLE: 3}
    assert estimate_of(result).seconds == pytest.approx((9 + 1) + (9 + 1) + 9)


def test_only_the_latest_answers_count(shop, questions, answer, monkeypatch):
    monkeypatch.setattr("fashion_assets.automation.forecast.LATEST_ANSWERS", 2)
    answer(STYLE, ["x1"], 100.0, at=NOW - timedelta(days=1))
    answer(STYLE, ["x2", "x3"], 1.0)
    assert estimate_of(forecast(shop, PLANS, questions, MODEL)).seconds == pytest.approx(8 * 1.0)


def test_where_all_is_answered_no_model_is_needed(shop, questions, answer):
    for question_id in (MATERIAL, STYLE, GARMENT):
        answer(question_id, ["p1", "p2", "p4"], 2.0)
    result = forecast(shop, PLANS, questions, MODEL)
    assert (result.photos, estimate_of(result).seconds) == (0, 0)
    assert sums_in_words(result, has_price=True)[1:] == ["All answers are in the journal; nothing would be inferred."]
    products = sum(batch.products for batch in result.batches)
    (told,) = sums_in_words(result, has_price=True, without_photo=1)[1:]
    assert f"1 of the {products} products have no usable photo" in told
    (told,) = sums_in_words(result, has_price=True, without_photo=products)[1:]
    assert told.startswith(f"None of the {products} products has a usable photo")


def test_nothing_to_run_says_whether_anything_was_ingested(shop):
    assert "no batch has changed as of the last ingest" in nothing_would_run(is_ingested=True)
    assert "Nothing has been ingested yet" in nothing_would_run(is_ingested=False)
    assert forecast(shop, [], [], MODEL).batches == ()
