"""What people read of the journal: sums by model and question, and which answers a product's row is made of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal, journal_rows
from fashion_assets.extraction.journal_report import answers_about, journal_statistics
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets_tests.factories import RED, photographed, products

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAKE = FakeVisionLanguageModel().identity


@pytest.fixture
def answer(store):
    def answer(question, *photos, at=NOW, identity=FAKE, **values):
        answers = [Answer("{}", **values)] * len(photos)
        Journal(store).append(journal_rows(question, identity, photos, answers, at))

    return answer


def test_sums_are_by_model_question_and_version_and_tell_repeated_answers(store, questions, answer):
    assert journal_statistics(store).is_empty()
    garment, material, _ = questions
    answer(material, "a", "b", prompt_tokens=10, answer_tokens=5, seconds=1.0)
    answer(material, "a", at=NOW + HOUR, prompt_tokens=10, answer_tokens=5, seconds=4.0)
    answer(garment, "a", identity=replace(FAKE, model_id="other"), prompt_tokens=7)
    first, second = journal_statistics(store).to_dicts()
    assert (first["model_id"], first["question_id"], first["answers"]) == ("fake", material.id, 3)
    assert (first["repeated"], first["tokens_in"], first["tokens_out"], first["mean_seconds"]) == (1, 30, 15, 2.0)
    assert (first["first"], first["last"]) == (NOW, NOW + HOUR)
    assert (second["model_id"], second["answers"], second["tokens_in"]) == ("other", 1, 7)


@pytest.fixture
def extracted(store, tmp_path, questions):
    """A product that was extracted with the fake, as its row."""
    frame = products(photographed(1, tmp_path, RED))
    batch = extract_batch(frame, tmp_path, questions, FakeVisionLanguageModel(), Journal(store))
    return batch.rows.row(0, named=True)


def test_the_answers_behind_a_row_are_told_from_later_and_other_ones(store, questions, answer, extracted):
    photo, later = extracted["photo_sha256"], extracted["extraction_timestamp"] + HOUR
    answer(questions[0], photo, at=later)  # the same question again: the first answer counts
    answer(questions[1], photo, at=later, identity=replace(FAKE, model_id="other"))
    answer(replace(questions[1], text="Edited."), photo, at=later)
    answer(questions[1], "another photo")
    shown = answers_about(store, [photo, photo], extracted, questions)
    assert len(shown) == 6
    assert shown["answered_at"].is_sorted(descending=True)
    assert sorted(shown.filter("is_used")["question_id"]) == sorted(q.id for q in questions)
    assert shown.filter("is_used")["answered_at"].max() == extracted["extraction_timestamp"]


def test_an_edited_text_under_the_old_version_is_told_by_the_present_questions(store, questions, answer, extracted):
    photo = extracted["photo_sha256"]
    edited = replace(questions[0], text="Edited.")
    answer(edited, photo, at=extracted["extraction_timestamp"])
    used = answers_about(store, [photo], extracted, questions).filter("is_used")
    assert edited.text_hash not in used["text_hash"].to_list()
    assert len(used) == 3


@pytest.mark.parametrize("row", [None, {"extraction_timestamp": None}])
def test_without_a_row_or_an_answer_nothing_is_used(store, questions, answer, row):
    answer(questions[0], "a")
    assert answers_about(store, ["a"], row, questions)["is_used"].to_list() == [False]
    assert answers_about(store, [], row, questions).is_empty()
