"""Each text is embedded once by a model; known ones need no model."""

import numpy as np
import polars as pl
import pytest

from fashion_assets.errors import ModelError
from fashion_assets.models.clip import text_vectors
from fashion_assets.models.clip.encoder import FakeEncoder
from fashion_assets.models.clip.tables import TEXT_VECTORS
from fashion_assets.models.clip.text_vectors import TextVectors
from fashion_assets.storage.store import TableStore

TEXTS = ["red shirt", "blue shirt", "green shirt", "white shirt", "yellow shirt"]


@pytest.fixture
def store(tmp_path):
    return TableStore(str(tmp_path / "tables"))


@pytest.fixture
def embedded(monkeypatch):
    """The texts that a model was given so far."""
    given: list[str] = []
    real = FakeEncoder.embed_texts
    monkeypatch.setattr(FakeEncoder, "embed_texts", lambda self, texts: given.extend(texts) or real(self, texts))
    return given


def no_model():
    raise AssertionError("no model is needed for known texts")


def of(store, model="fake-colors", **options):
    return TextVectors(store, model, lambda: FakeEncoder(model), **options)


def test_vectors_are_the_models_in_the_order_of_the_texts(store, monkeypatch):
    monkeypatch.setattr(text_vectors, "TEXTS_AT_A_TIME", 2)
    asked = [*TEXTS, TEXTS[1]]
    vectors = of(store).embed_texts(asked)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, FakeEncoder().embed_texts(asked))


def test_a_text_is_embedded_once_and_then_no_model_is_loaded(store, embedded):
    first = of(store)
    first.embed_texts(TEXTS[:3])
    first.embed_texts(TEXTS[2:4])
    assert embedded == TEXTS[:4]
    again = TextVectors(store, "fake-colors", no_model).embed_texts(TEXTS[3::-1])
    np.testing.assert_array_equal(again, FakeEncoder().embed_texts(TEXTS[3::-1]))
    of(store).embed_texts(TEXTS)
    assert embedded[-1] == TEXTS[4]
    assert len(store.read(TEXT_VECTORS)) == len(TEXTS)


def test_another_models_vectors_are_not_used(store, embedded):
    of(store).embed_texts(TEXTS)
    of(store, "another").embed_texts(TEXTS)
    assert embedded == [*TEXTS, *TEXTS]
    assert store.read(TEXT_VECTORS)["embedding_model"].n_unique() == 2


def test_vectors_that_are_not_kept_are_not_written(store):
    of(store, is_kept=False).embed_texts(TEXTS)
    assert store.version(TEXT_VECTORS) == -1


def test_a_damaged_vector_is_embedded_again(store, embedded):
    of(store).embed_texts(TEXTS)
    damaged = store.read(TEXT_VECTORS).head(1).with_columns(embedding=pl.lit([0.0, 0.0, 0.0, 0.0]))
    store.append(TEXT_VECTORS, damaged)
    np.testing.assert_array_equal(of(store).embed_texts(TEXTS), FakeEncoder().embed_texts(TEXTS))


def test_a_vector_that_is_not_sound_is_refused(store, monkeypatch):
    monkeypatch.setattr(FakeEncoder, "embed_texts", lambda self, texts: np.full((len(texts), 4), np.nan))
    with pytest.raises(ModelError, match="5 vectors of 5 texts that are not finite"):
        of(store).embed_texts(TEXTS)
    assert store.version(TEXT_VECTORS) == -1


def test_no_text_needs_no_model(store):
    assert len(TextVectors(store, "fake-colors", no_model).embed_texts([])) == 0
