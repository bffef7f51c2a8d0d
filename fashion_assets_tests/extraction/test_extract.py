"""A batch of products to rows: one per product, each question asked once, failures as codes."""

import signal
import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import polars as pl
import pytest

from fashion_assets.errors import ModelError, OutOfDeviceMemory
from fashion_assets.extraction.batch import ExtractionSetup, look_at_batch
from fashion_assets.extraction.extract import extract_batch
from fashion_assets.extraction.journal import Journal
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.retries import failures_by_code
from fashion_assets.extraction.tables import RESPONSE_JOURNAL
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.models.clip.tables import PHOTO_VECTORS
from fashion_assets_tests.factories import BLUE, GREEN, RED, photographed, product, products, write_photo


def test_the_answer_depends_on_the_photo(extract, photos):
    batch, _ = extract(products(photographed(1, photos, RED), photographed(2, photos, GREEN)))
    assert batch.rows["material"].to_list() == ["leather", "denim"]
    assert batch.rows["collar_type"].to_list() == ["collar", "crew neck"]
    assert batch.rows["extraction_success"].all()
    assert batch.rows["material_probability"].to_list() == [1.0, 1.0]


def test_every_product_is_a_row_failed_ones_included(extract, photos):
    broken = photographed(2, photos, GREEN)
    (photos / "2.png").write_bytes(b"no photo any more")
    batch, _ = extract(products(photographed(1, photos, RED), broken, product(3)))
    assert batch.rows["product_id"].to_list() == [1, 2, 3]
    assert batch.rows["extraction_success"].to_list() == [True, False, False]


def test_failures_have_codes_and_defaults(extract, photos):
    gone = photographed(1, photos, RED)
    (photos / "1.png").unlink()
    unreadable = product(2, image_path="2.png", photo_status="unreadable", photo_sha256="x")
    batch, _ = extract(products(gone, unreadable, product(3)))
    assert batch.rows["extraction_errors"].to_list() == [["photo_missing"], ["photo_undecodable"], ["photo_missing"]]
    assert failures_by_code(batch.rows) == {"photo_missing": 2, "photo_undecodable": 1}
    row = batch.rows.row(0, named=True)
    assert (row["material"], row["pattern"], row["confidence_material"]) == ("unknown", "no clear pattern", "low")
    assert (row["formality"], row["style_keywords"], row["fit_type"]) == (None, [], "cannot determine")


def test_a_question_that_was_not_asked_leaves_nulls(extract, photos):
    watch = photographed(1, photos, BLUE, master_category="Accessories", sub_category="Watches")
    batch, model = extract(products(watch))
    row = batch.rows.row(0, named=True)
    assert (row["collar_type"], row["sleeve_length"], row["fit_type"]) == (None, None, "cannot determine")
    assert row["extraction_success"]
    assert "garment_details" not in model.asked


def test_the_journal_has_a_row_for_each_answer_and_no_other(extract, photos, store):
    watch = photographed(1, photos, BLUE, master_category="Accessories", sub_category="Watches")
    gone = photographed(2, photos, RED)
    (photos / "2.png").unlink()
    batch, _ = extract(products(watch, gone))
    assert batch.usage.questions_asked == 2
    journal = store.read(RESPONSE_JOURNAL)
    assert sorted(journal["question_id"]) == ["material_and_pattern", "style_and_formality"]
    version = store.version(RESPONSE_JOURNAL)
    extract(products(watch, gone))
    assert store.version(RESPONSE_JOURNAL) == version


def test_a_photo_that_was_replaced_since_the_ingest_is_not_answered_under_the_old_content(extract, photos, store):
    product_row = photographed(1, photos, GREEN)
    write_photo(photos, "1.png", RED)
    batch, model = extract(products(product_row))
    assert batch.rows["extraction_errors"].to_list() == [["photo_changed"]]
    assert model.asked == []
    photographed(1, photos, GREEN)
    batch, _ = extract(products(product_row))
    assert batch.rows["material"].to_list() == ["denim"]


def test_a_question_is_never_asked_again(extract, photos):
    frame = products(photographed(1, photos, RED), photographed(2, photos, GREEN))
    first, _ = extract(frame)
    again, model = extract(frame)
    assert model.asked == []
    assert again.usage.journal_hits == first.usage.questions_asked == 6
    assert again.rows.equals(first.rows)


def test_two_products_with_one_photo_are_two_rows_and_one_answer(extract, photos):
    batch, model = extract(products(photographed(1, photos, RED), photographed(2, photos, RED)))
    assert len(batch.rows) == 2
    assert model.asked.count("material_and_pattern") == 1


def test_an_edited_prompt_asks_only_that_prompt(extract, photos, questions):
    frame = products(photographed(1, photos, RED))
    extract(frame)
    edited = [replace(q, text=q.text + " Please.") if q.id == "garment_details" else q for q in questions]
    _, model = extract(frame, asked=edited)
    assert model.asked == ["garment_details"]


def test_other_weights_are_asked_again(extract, photos):
    frame = products(photographed(1, photos, RED))
    extract(frame)
    other = FakeVisionLanguageModel(model_id="other")
    extract(frame, other)
    assert len(other.asked) == 3


def test_an_answer_outside_the_vocabulary_fails_the_product(extract, photos):
    model = FakeVisionLanguageModel(rewrite=lambda text: text.replace("leather", "velvet"))
    batch, _ = extract(products(photographed(1, photos, RED)), model)
    assert batch.rows["extraction_errors"].to_list() == [["value_out_of_vocabulary:material='velvet'"]]
    assert batch.rows["extraction_success"].to_list() == [False]
    assert batch.rows["material"].to_list() == ["unknown"]


def test_an_unknown_list_item_is_coded_and_does_not_fail_the_product(extract, photos):
    model = FakeVisionLanguageModel(rewrite=lambda text: text.replace("modern", "cute"))
    batch, _ = extract(products(photographed(1, photos, RED)), model)
    assert batch.rows["extraction_errors"].to_list() == [["unknown_list_item:style_keywords='cute'"]]
    assert batch.rows["extraction_success"].to_list() == [True]
    assert batch.rows["style_keywords"].to_list() == [[]]


def test_what_was_answered_before_an_interruption_is_kept(extract, photos, store, monkeypatch):
    import fashion_assets.extraction.extract as module

    monkeypatch.setattr(module, "FLUSH_PRODUCTS", 2)
    frame = products(*(photographed(i, photos, (200, i, 0)) for i in range(1, 6)))

    class Crashing(FakeVisionLanguageModel):
        def answer(self, photos, question):
            if len(self.asked) >= 8:
                raise KeyboardInterrupt
            return super().answer(photos, question)

    with pytest.raises(KeyboardInterrupt):
        extract(frame, Crashing())
    assert len(store.read(RESPONSE_JOURNAL)) == 8
    batch, model = extract(frame)
    assert len(model.asked) == 15 - 8
    assert len(batch.rows) == 5


def test_one_questions_end_loses_no_other_questions_answers(extract, photos, store):
    class Ending(FakeVisionLanguageModel):
        asks_concurrently = True

        def answer(self, photos, question):
            if question.id == "garment_details":
                raise ModelError(value="the endpoint is gone", rule="it must be there", remedy="start it")
            return super().answer(photos, question)

    with pytest.raises(ModelError, match="is gone"):
        extract(products(photographed(1, photos, RED)), Ending())
    assert sorted(store.read(RESPONSE_JOURNAL)["question_id"]) == ["material_and_pattern", "style_and_formality"]


def test_ctrl_c_stops_a_model_that_is_asked_at_the_same_time_and_keeps_its_answers(extract, photos, store):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    class Stoppable(FakeVisionLanguageModel):
        asks_concurrently = True
        stopped = threading.Event()

        def answer(self, photos, question):
            if question.id == "garment_details":
                time.sleep(0.3)  # until the main thread has handed out the other questions too, and waits
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                assert self.stopped.wait(10)
            first, *others = super().answer(photos, question)
            return [first, *(Answer("", failure="endpoint_down") for _ in others)]

        def stop(self):
            self.stopped.set()

    try:
        with pytest.raises(KeyboardInterrupt):
            extract(products(photographed(1, photos, RED), photographed(2, photos, GREEN)), Stoppable())
    finally:
        signal.signal(signal.SIGINT, before)
    assert store.read(RESPONSE_JOURNAL)["question_id"].n_unique() == 3
    assert len(store.read(RESPONSE_JOURNAL)) == 3


class Small(FakeVisionLanguageModel):
    """Has memory for four photos."""

    micro_batch = 8

    def __init__(self):
        super().__init__()
        self.calls: list[int] = []

    def answer(self, photos, question):
        self.calls.append(len(photos))
        if len(photos) > 4:
            raise OutOfDeviceMemory(value="no room", rule="there must be some", remedy="ask about fewer")
        return super().answer(photos, question)


def test_out_of_memory_halves_the_micro_batch_for_good(extract, photos):
    model = Small()
    batch, _ = extract(products(*(photographed(i, photos, (200, i, 0)) for i in range(1, 18))), model)
    assert batch.rows["extraction_success"].all()
    assert batch.usage.out_of_memory_at == [8]
    assert (batch.usage.micro_batch, max(model.calls[1:])) == (4, 4)
    extract(products(*(photographed(i, photos, (200, i, 9)) for i in range(21, 38))), model)
    assert max(model.calls[1:]) == 4


def test_no_memory_for_a_single_photo_is_one_sentence(extract, photos):
    class Tiny(FakeVisionLanguageModel):
        def answer(self, photos, question):
            raise OutOfDeviceMemory(value="no room", rule="there must be some", remedy="ask about fewer")

    with pytest.raises(ModelError, match="runs out of memory with one photo"):
        extract(products(photographed(1, photos, RED)), Tiny())


def test_a_failure_that_may_pass_is_coded_and_asked_again(extract, photos, store):
    class Flaky(FakeVisionLanguageModel):
        def answer(self, photos, question):
            answers = super().answer(photos, question)
            return [Answer("", failure="timeout")] * len(answers) if question.id == "garment_details" else answers

    frame = products(photographed(1, photos, RED))
    batch, _ = extract(frame, Flaky())
    assert batch.rows["extraction_errors"].to_list() == [["timeout:garment_details"]]
    assert batch.rows["extraction_success"].to_list() == [False]
    assert batch.rows["material"].to_list() == ["leather"]
    assert len(store.read(RESPONSE_JOURNAL)) == 2
    again, model = extract(frame)
    assert model.asked == ["garment_details"]
    assert again.rows["extraction_success"].all()


def test_progress_counts_photos(store, photos, questions):
    calls = []
    frame = products(photographed(1, photos, RED), photographed(2, photos, GREEN))
    extract_batch(frame, photos, questions, FakeVisionLanguageModel(), Journal(store), lambda *a: calls.append(a))
    assert calls == [(0, 2), (2, 2)]


def test_an_empty_batch_has_no_rows(extract):
    batch, _ = extract(products(product(1)).clear())
    assert batch.rows.is_empty()
    assert isinstance(batch.rows.schema["style_keywords"], pl.List)


def test_an_interruption_does_not_wait_for_photos_that_nobody_will_ask_about(extract, photos):
    class Slow(FakeVisionLanguageModel):
        micro_batch = 32
        prepared = 0

        def prepare(self, photo, sha256=""):
            time.sleep(0.02)
            self.prepared += 1
            return photo

        def answer(self, photos, question):
            self.asked_at = self.prepared
            raise KeyboardInterrupt

    model = Slow()
    with pytest.raises(KeyboardInterrupt):
        extract(products(*(photographed(i, photos, (200, i, 0)) for i in range(100))), model)
    assert model.prepared <= model.asked_at + 4


class Unloadable:
    """A Vlm whose model has been asked before and cannot be loaded now."""

    price_per_hour = None

    def load(self, photo_vectors=None):
        raise ModelError(value="The model is gone", rule="it must be there", remedy="restore it")

    def identity(self):
        return FakeVisionLanguageModel().identity

    def describe(self):
        return {"device_name": "none"}


def test_no_model_is_loaded_where_all_answers_are_known(photos, store, questions):
    frame = products(photographed(1, photos, RED), photographed(2, photos, GREEN))
    first = extract_batch(frame, photos, questions, FakeVisionLanguageModel(), Journal(store))
    renamed = frame.with_columns(product_display_name=pl.lit("Another name"))
    setup = ExtractionSetup(questions, Unloadable(), FakeEncoder(), store, photos)
    again = look_at_batch(setup, renamed, lambda what: nullcontext(lambda done, total: None))
    assert again.usage.questions_asked == 0 and again.usage.journal_hits == first.usage.questions_asked
    answered = ["product_id", "material", "pattern", "formality"]
    assert again.rows.select(answered).equals(first.rows.select(answered))


def test_a_model_that_cannot_be_loaded_stops_a_batch_before_its_photos_are_embedded(photos, store, questions):
    frame = products(photographed(1, photos, RED))
    setup = ExtractionSetup(questions, Unloadable(), FakeEncoder(), store, photos)
    with pytest.raises(ModelError, match="The model is gone"):
        look_at_batch(setup, frame, lambda what: nullcontext(lambda done, total: None))
    assert store.version(PHOTO_VECTORS) == -1
