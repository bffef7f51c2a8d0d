import numpy as np
import polars as pl
import pytest

from fashion_assets.errors import ModelError
from fashion_assets.models.clip import photo_vectors as module
from fashion_assets.models.clip.photo_vectors import photo_paths, photo_vectors
from fashion_assets.models.clip.tables import PHOTO_VECTORS
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.fakes.encoder import CountingEncoder

RED = np.array([1, 0, 0, 1]) / np.sqrt(2)
COLORS = ("red", "green", "blue", "yellow", "white")


@pytest.fixture
def photos(tmp_path):
    paths = {color: tmp_path / f"{color}.png" for color in COLORS}
    return {write_photo(tmp_path, path.name, color, is_blank=True): path for color, path in paths.items()}


@pytest.fixture
def red(photos):
    return next(iter(photos))


def test_each_photo_is_embedded_once_for_all_callers(photos, red, store):
    encoder = CountingEncoder()
    first = photo_vectors({red: photos[red]}, encoder, store)
    second = photo_vectors(photos, encoder, store)
    third = photo_vectors(photos, encoder, store)
    assert [result.embedded for result in (first, second, third)] == [1, 4, 0]
    assert [result.reused for result in (first, second, third)] == [0, 1, 5]
    assert encoder.photos == 5 == len(store.read(PHOTO_VECTORS))
    assert set(third.vectors) == set(photos)
    np.testing.assert_allclose(third.vectors[red], RED, atol=1e-6)
    assert third.vectors[red].dtype == np.float32


def test_many_small_files_are_written_together(photos, store, monkeypatch):
    monkeypatch.setattr(module, "MOST_VECTOR_FILES", 3)
    files = []
    for content, path in photos.items():
        photo_vectors({content: path}, CountingEncoder(), store)
        files.append(store.files(PHOTO_VECTORS).count)
    assert files == [1, 2, 3, 1, 2]
    assert photo_vectors(photos, CountingEncoder(), store).embedded == 0


def test_a_photo_problem_is_reported_by_its_code(photos, red, store):
    photos[red].unlink()
    (green, blue) = list(photos)[1:3]
    photos[green].write_bytes(photos[blue].read_bytes())
    result = photo_vectors(photos, CountingEncoder(), store)
    assert {content: problem.code for content, problem in result.problems.items()} == {
        red: "photo_missing",
        green: "photo_changed",
    }
    assert (result.embedded, len(result.vectors)) == (3, 3)


def test_models_share_no_vectors_whatever_their_names(photos, store):
    names = ("ViT-B-32/laion2b_s34b_b79k", "hf-hub:owner/a name#é'x")
    for name in names:
        assert photo_vectors(photos, CountingEncoder(name), store).embedded == 5
    for name in names:
        assert photo_vectors(photos, CountingEncoder(name), store).embedded == 0


@pytest.mark.parametrize(
    "damage",
    [[float("nan")] * 4, [0.0] * 4, [1.0], [1.0, None, 0.0, 0.0], None],
    ids=["nan", "zero", "short", "hole", "gone"],
)
def test_a_malformed_stored_vector_is_computed_again(photos, red, store, damage):
    row = {"photo_sha256": red, "embedding_model": "fake-colors", "embedding": damage}
    store.append(PHOTO_VECTORS, pl.DataFrame([row], schema={name: PHOTO_VECTORS.schema[name] for name in row}))
    for embedded in (1, 0):
        result = photo_vectors({red: photos[red]}, CountingEncoder(), store)
        assert result.embedded == embedded
        np.testing.assert_allclose(result.vectors[red], RED, atol=1e-6)


def test_the_same_vector_stored_twice_is_read_once(photos, red, store):
    photo_vectors(photos, CountingEncoder(), store)
    store.append(PHOTO_VECTORS, store.read(PHOTO_VECTORS))
    result = photo_vectors(photos, CountingEncoder(), store)
    assert (result.embedded, result.reused) == (0, 5)


def test_vectors_are_kept_at_intervals_and_when_the_model_fails(photos, store, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    monkeypatch.setattr(module, "FLUSH_PHOTOS", 2)

    class Failing(CountingEncoder):
        def embed_photos(self, photos):
            kept.append(len(store.read(PHOTO_VECTORS)))
            if self.photos == 3:
                raise ModelError(value="out of order", rule="it must work", remedy="repair it")
            return super().embed_photos(photos)

    kept = []
    with pytest.raises(ModelError):
        photo_vectors(photos, Failing(), store)
    assert kept == [0, 0, 2, 2] and len(store.read(PHOTO_VECTORS)) == 3


@pytest.mark.parametrize("value", [np.nan, 0.6])
def test_a_malformed_vector_of_the_model_is_refused_and_not_kept(photos, store, value):
    class Broken(CountingEncoder):
        def embed_photos(self, photos):
            return np.full((len(photos), 4), value, dtype=np.float32)

    with pytest.raises(ModelError, match="returned 5 vectors of 5 photos"):
        photo_vectors(photos, Broken(), store)
    assert store.read(PHOTO_VECTORS).is_empty()


def test_progress_counts_the_photos_to_embed(photos, red, store, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    photo_vectors({red: photos[red]}, CountingEncoder(), store)
    counts = []
    photo_vectors(photos, CountingEncoder(), store, lambda done, total: counts.append((done, total)))
    assert counts == [(2, 4), (4, 4)]


def test_no_photos_are_no_vectors(store):
    result = photo_vectors({}, CountingEncoder(), store)
    assert (result.vectors, result.problems, result.embedded) == ({}, {}, 0)


def test_products_with_one_photo_have_one_path(tmp_path):
    rows = pl.DataFrame({"photo_sha256": ["b", "a", "b", None], "image_path": ["2.png", "1.png", "0.png", "3.png"]})
    assert photo_paths(rows, tmp_path) == {"a": tmp_path / "1.png", "b": tmp_path / "0.png"}
