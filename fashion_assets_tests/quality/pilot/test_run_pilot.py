"""A whole pilot with models whose way of answering is known."""

import json
from contextlib import nullcontext
from datetime import UTC, datetime

import polars as pl
import pytest

from fashion_assets.errors import ModelError, SourceError
from fashion_assets.extraction.batch import ExtractionSetup
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.pilot_guard import PilotVerdict, last_pilot, record_pilot
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.quality.pilot.grounding import make_control
from fashion_assets.quality.pilot.run import PHOTOS_PER_STEP, run_comparison, run_pilot
from fashion_assets.quality.pilot.sample import pilot_sample
from fashion_assets.quality.pilot.summary import criteria_rows, forecast_lines
from fashion_assets_tests.factories import photographed, product, products

COLOURS = {"Watches": 2, "Tshirts": 0, "Jeans": 1}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HABITS = {
    "Watches": {"material": "metal", "pattern": "solid color", "formality": "casual"},
    "Tshirts": {"material": "knit fabric", "pattern": "solid color", "formality": "casual"},
    "Jeans": {"material": "denim", "pattern": "striped", "formality": "athletic"},
}


class LookingModel(FakeVisionLanguageModel):
    """Sees knit fabric in red photos, denim in green and metal in blue ones, and nothing in grey ones."""

    ANSWERS = (
        {"material": "knit fabric", "pattern": "striped", "formality": "formal", "collar": "collar"},
        {"material": "denim", "pattern": "solid color", "formality": "casual", "collar": "crew neck"},
        {"material": "metal", "pattern": "checkered", "formality": "athletic", "collar": "v-neck"},
    )

    def _answer(self, photo, question) -> Answer:
        colour = photo.resize((1, 1)).getpixel((0, 0))
        answer = super()._answer(photo, question)
        if max(colour) - min(colour) > 30:
            return answer
        nothing = {"material": "unknown", "confidence": "low"}
        known = json.loads(answer.text)
        return Answer(json.dumps(known | {key: nothing[key] for key in nothing if key in known}))


class HabitModel(FakeVisionLanguageModel):
    """Ignores the photo: what is usual for the article type, which it knows from the file; `otherwise` for others."""

    def __init__(self, types: dict[str, str], otherwise: dict[str, str]):
        super().__init__(model_id="habit")
        self._types = types
        self._otherwise = otherwise

    def prepare(self, photo, sha256=""):
        return HABITS.get(self._types.get(sha256), self._otherwise)

    def _answer(self, habit, question) -> Answer:
        known = {**self.COMMON, "collar": "collar", **habit}
        return Answer(json.dumps({key: known[key] for key in question.keys}))


class Loaded:
    """A resource around a model."""

    def __init__(self, model, price_per_hour=None):
        self.model = model
        self.price_per_hour = price_per_hour

    def load(self, photo_vectors=None):
        return self.model

    def identity(self):
        return self.model.identity

    def describe(self):
        return {"device_name": "none"}


@pytest.fixture
def catalog(tmp_path):
    """Forty products of each type, all photos different."""
    rows = []
    for number in range(120):
        article = list(COLOURS)[number % 3]
        colour = [number, number, number]
        colour[COLOURS[article]] = 250 - number // 3
        rows.append(photographed(number, tmp_path, tuple(colour), article_type=article))
    return products(*rows)


@pytest.fixture
def pilot(catalog, tmp_path, questions, store):
    def run(model, price=None, rows=catalog):
        setup = ExtractionSetup(questions, Loaded(model, price), FakeEncoder(), store, tmp_path)
        return run_pilot(rows, setup, NOW, lambda what: nullcontext(unheard))

    return run


def unheard(done, total):
    """No progress is shown."""


def test_a_model_that_looks_proceeds_with_a_forecast(pilot):
    model = LookingModel()
    found = pilot(model, price=2.0)
    assert found.record.verdict is PilotVerdict.PROCEED
    assert found.grounding.following == found.grounding.different > 0
    assert found.outlook.photos == 120
    assert found.outlook.seconds.low <= found.outlook.seconds.estimate <= found.outlook.seconds.high
    assert found.outlook.cost.estimate == pytest.approx(found.outlook.seconds.estimate / 1800)
    assert found.outlook.tokens_out.estimate == 120 * 3 * 5


def test_the_record_says_the_same_as_the_pilot(pilot, store):
    found = pilot(LookingModel()).record
    record_pilot(store, found)
    known = last_pilot(store, found.prompt_version, found.model_id)
    assert (known.verdict, known.reasons, known.decided_at) == (found.verdict, found.reasons, NOW)
    assert criteria_rows(known.figures) == criteria_rows(found.figures)
    assert forecast_lines(known.figures) == forecast_lines(found.figures)


def test_the_models_own_micro_batch_is_given_back(pilot):
    model = LookingModel()
    model.micro_batch = 64
    pilot(model)
    assert model.micro_batch == 64 > PHOTOS_PER_STEP


HABIT_OTHERWISE = {
    "bold": HABITS["Tshirts"],
    "cautious": {
        "material": "unknown",
        "confidence": "low",
        "pattern": "no clear pattern",
        "formality": "casual",
    },
}


@pytest.mark.parametrize("otherwise", HABIT_OTHERWISE)
@pytest.mark.parametrize("knows_the_control", [False, True])
def test_a_model_that_answers_from_the_article_type_is_caught(pilot, catalog, tmp_path, otherwise, knows_the_control):
    types = dict(catalog.select("photo_sha256", "article_type").iter_rows())
    if knows_the_control:  # told which product each of the control's photos is shown for
        control = make_control(pilot_sample(catalog)[0], tmp_path, tmp_path / "control")
        types |= dict(control.swapped.select("photo_sha256", "article_type").iter_rows())
    found = pilot(HabitModel(types, HABIT_OTHERWISE[otherwise]))
    assert all(one.holds for one in found.criteria), "every figure and both rules are fine"
    assert found.grounding.failed
    assert found.record.verdict is PilotVerdict.RECONSIDER


def test_a_broken_set_up_fails_at_the_first_photo(pilot):
    model = FakeVisionLanguageModel(lambda text: "?")
    with pytest.raises(ModelError, match="could not answer about the first photo") as failed:
        pilot(model)
    assert "fashion journal show" in str(failed.value)
    assert len(model.asked) == 3


def test_without_a_usable_photo_there_is_nothing_to_pilot(pilot):
    with pytest.raises(SourceError, match="No product has a usable photo"):
        pilot(LookingModel(), rows=products(product(1)))


def test_asked_again_nothing_is_asked_and_the_forecast_is_that_of_the_first_time(pilot, store):
    model = LookingModel()
    first = pilot(model)
    record_pilot(store, first.record)
    asked = len(model.asked)
    again = pilot(model)
    assert len(model.asked) == asked
    assert again.outlook == first.outlook
    assert again.record.verdict is first.record.verdict


def test_the_answers_are_in_the_journal_for_the_full_run(pilot, store, catalog):
    pilot(LookingModel())
    photos = set(store.read(RESPONSE_JOURNAL)["photo_sha256"])
    sample = pl.concat(pilot_sample(catalog))
    assert set(sample["photo_sha256"]) <= photos


def test_other_prompts_are_asked_about_the_same_products(catalog, tmp_path, questions, store):
    model = LookingModel()
    setup = ExtractionSetup(questions, Loaded(model), FakeEncoder(), store, tmp_path)
    found = run_comparison(catalog, setup, questions, None, lambda what: nullcontext(unheard))
    assert found.decisive.products == 100
    assert found.better is None
