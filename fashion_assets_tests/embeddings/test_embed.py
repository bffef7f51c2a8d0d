import hashlib

import numpy as np
import polars as pl
import pytest

from fashion_assets.embeddings import embed as embed_module
from fashion_assets.embeddings.tables import EMBEDDINGS, VECTOR_COLUMNS
from fashion_assets.embeddings.vectors import vector_problems
from fashion_assets.errors import ModelError
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import write_photo
from fashion_assets_tests.factories.embedded_products import MONDAY, TUESDAY, embed, frame, nothing_known, product
from fashion_assets_tests.fakes.encoder import CountingEncoder

RED = np.array([1, 0, 0, 1]) / np.sqrt(2)
BLUE = np.array([0, 0, 1, 1]) / np.sqrt(2)


@pytest.fixture
def red(tmp_path):
    return write_photo(tmp_path, "red.png", "red", is_blank=True)


def vector(result, column, product_id=1):
    return result.rows.filter(pl.col("product_id") == product_id)[column].to_list()[0]


def test_each_vector_is_made_of_what_its_name_says(tmp_path, red):
    rows = frame(
        product(
            1, red, "red.png", baseline_description="blue", rich_text_description="red blue", use_enriched_text=True
        )
    )
    result = embed(rows, tmp_path, image_weight=0.25)
    enriched = np.array([0.5, 0, 0.5, 1]) / np.sqrt(1.5)
    mixed = 0.25 * RED + 0.75 * BLUE
    mixed_enriched = 0.25 * RED + 0.75 * enriched
    np.testing.assert_allclose(vector(result, "image_embedding"), RED, atol=1e-6)
    np.testing.assert_allclose(vector(result, "text_embedding"), BLUE, atol=1e-6)
    np.testing.assert_allclose(vector(result, "text_embedding_enriched"), enriched, atol=1e-6)
    np.testing.assert_allclose(vector(result, "hybrid_embedding"), mixed / np.linalg.norm(mixed), atol=1e-6)
    np.testing.assert_allclose(
        vector(result, "hybrid_embedding_enriched"), mixed_enriched / np.linalg.norm(mixed_enriched), atol=1e-6
    )


def test_rows_fit_the_table_and_carry_their_provenance(tmp_path, red):
    result = embed(frame(product(1, red, "red.png", price=9.5)), tmp_path)
    assert dict(result.rows.schema) == {name: kind for name, kind in EMBEDDINGS.schema.items() if name != "row_hash"}
    row = result.rows.row(0, named=True)
    expected = {
        "price": 9.5,
        "photo_sha256": red,
        "embedding_model": "fake-colors",
        "embedding_dimension": 4,
        "hybrid_image_weight": 0.5,
        "updated_at": MONDAY,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("rich", "is_trusted", "expected"),
    [("red", True, "red"), ("red", False, "blue"), ("red", None, "blue"), (None, True, "blue")],
)
def test_the_rich_text_is_embedded_only_where_it_is_trusted(tmp_path, red, rich, is_trusted, expected):
    row = product(1, red, "red.png", baseline_description="blue", rich_text_description=rich)
    result = embed(frame({**row, "use_enriched_text": is_trusted}), tmp_path)
    assert result.rows["embedded_text"].to_list() == [expected]


def test_a_product_without_a_readable_photo_keeps_its_texts_only(tmp_path, red):
    (tmp_path / "broken.png").write_bytes(b"not a photo")
    broken = hashlib.sha256(b"not a photo").hexdigest()
    rows = frame(
        product(1, red, "red.png"),
        product(2, None, None),
        product(3, "a", "gone.png"),
        product(4, broken, "broken.png"),
    )
    encoder = CountingEncoder()
    result = embed(rows, tmp_path, encoder)
    assert encoder.photos == result.photos_embedded == 1
    assert result.skipped_without_photo == 3
    reasons = {product_id: reason.split(":")[0] for product_id, reason in result.unreadable_photos.items()}
    assert reasons == {2: "photo_missing", 3: "photo_missing", 4: "photo_undecodable"}
    without = result.rows.filter(pl.col("product_id") != 1)
    for column in ("image_embedding", "hybrid_embedding", "hybrid_embedding_enriched"):
        assert without[column].null_count() == 3
    assert result.rows["has_photo"].to_list() == [True, False, False, False]
    assert without["text_embedding"].null_count() == without["text_embedding_enriched"].null_count() == 0


def test_equal_photos_and_texts_of_a_batch_are_embedded_once(tmp_path, red):
    rows = frame(*(product(number, red, "red.png") for number in range(5)))
    encoder = CountingEncoder()
    result = embed(rows, tmp_path, encoder)
    assert (encoder.photos, encoder.texts) == (1, ["Shirt"])
    assert (result.photos_embedded, result.texts_embedded, result.reused) == (1, 1, 0)
    assert result.rows["image_embedding"].null_count() == 0


def test_unchanged_input_calls_no_model_and_changes_no_row(tmp_path, red):
    rows = frame(product(1, red, "red.png"), product(2, None, None))
    first = embed(rows, tmp_path)
    encoder = CountingEncoder()
    second = embed(rows, tmp_path, encoder, known=first.rows, now=TUESDAY)
    assert (encoder.photos, encoder.texts) == (0, [])
    assert (second.photos_embedded, second.texts_embedded, second.reused) == (0, 0, 2)
    assert second.rows.equals(first.rows)


def test_only_what_changed_is_embedded_and_dated(tmp_path, red):
    blue = write_photo(tmp_path, "blue.png", "blue", is_blank=True)
    first = embed(frame(product(1, red, "red.png"), product(2, red, "red.png")), tmp_path)
    encoder = CountingEncoder()
    rows = frame(product(1, red, "red.png"), product(2, blue, "blue.png", baseline_description="blue Shirt"))
    second = embed(rows, tmp_path, encoder, known=first.rows, now=TUESDAY)
    assert (encoder.photos, encoder.texts) == (1, ["blue Shirt"])
    assert second.reused == 2
    assert second.rows["updated_at"].to_list() == [MONDAY, TUESDAY]
    np.testing.assert_allclose(vector(second, "image_embedding", 2), BLUE, atol=1e-6)


def test_a_new_price_needs_no_model_but_is_a_change(tmp_path, red):
    first = embed(frame(product(1, red, "red.png", price=1.0)), tmp_path)
    second = embed(frame(product(1, red, "red.png", price=2.0)), tmp_path, known=first.rows, now=TUESDAY)
    assert (second.photos_embedded, second.texts_embedded) == (0, 0)
    assert second.rows["updated_at"].to_list() == [TUESDAY]


def test_a_new_image_weight_needs_no_model_but_new_hybrids(tmp_path, red):
    rows = frame(product(1, red, "red.png", baseline_description="blue"))
    first = embed(rows, tmp_path)
    second = embed(rows, tmp_path, known=first.rows, image_weight=1.0, now=TUESDAY)
    assert (second.photos_embedded, second.texts_embedded) == (0, 0)
    np.testing.assert_allclose(vector(second, "hybrid_embedding"), RED, atol=1e-6)
    assert second.rows["updated_at"].to_list() == [TUESDAY]


def test_vectors_of_another_model_are_never_reused(tmp_path, red):
    rows = frame(product(1, red, "red.png"))
    first = embed(rows, tmp_path)
    second = embed(rows, tmp_path, CountingEncoder("other-weights"), known=first.rows, now=TUESDAY)
    assert (second.photos_embedded, second.texts_embedded, second.reused) == (1, 1, 0)
    assert second.rows["embedding_model"].to_list() == ["other-weights"]


def test_a_photo_that_comes_back_is_written_to_the_table(tmp_path, red):
    """The row hash must differ although the vectors are not in it, or the merge would keep the nulls."""
    store, rows = TableStore(str(tmp_path / "tables")), frame(product(1, red, "red.png"))
    (tmp_path / "red.png").rename(tmp_path / "away.png")
    store.merge(EMBEDDINGS, embed(rows, tmp_path).rows, "batch_00000")
    (tmp_path / "away.png").rename(tmp_path / "red.png")
    stored = store.read(EMBEDDINGS, "batch_00000")
    store.merge(EMBEDDINGS, embed(rows, tmp_path, known=stored).rows, "batch_00000")
    assert store.read(EMBEDDINGS, "batch_00000")["image_embedding"].null_count() == 0


class BrokenEncoder(CountingEncoder):
    """Spoils the first vector that it makes of photos or of texts."""

    def __init__(self, spoilt: str, value: float):
        super().__init__()
        self.spoilt, self.value = spoilt, value

    def embed_photos(self, photos):
        return self._spoil(super().embed_photos(photos), "photos")

    def embed_texts(self, texts):
        return self._spoil(super().embed_texts(texts), "texts")

    def _spoil(self, vectors, made_of):
        if made_of == self.spoilt:
            vectors[0] = self.value
        return vectors


@pytest.mark.parametrize("spoilt", ["photos", "texts"])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, 0.6])
def test_a_model_that_returns_malformed_vectors_is_refused(tmp_path, red, spoilt, value):
    rows = frame(product(1, red, "red.png"), product(2, None, None, baseline_description="Blue shirt"))
    count = 1 if spoilt == "photos" else 2
    with pytest.raises(ModelError, match=rf"'fake-colors' returned 1 vectors of {count} {spoilt}.*FASHION_DTYPE"):
        embed(rows, tmp_path, BrokenEncoder(spoilt, value))


DAMAGES = {"nan": [float("nan")] * 4, "zero": [0.0] * 4, "long": [2.0, 0, 0, 0], "short": [1.0], "gone": None}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("column", VECTOR_COLUMNS)
def test_malformed_stored_vectors_are_never_reused_and_their_repair_is_written(tmp_path, red, column, damage):
    """The hash of a damaged row is that of its repaired one but for `vector_repairs`: the merge must still write it."""
    store = TableStore(str(tmp_path / "tables"))
    rows = frame(product(1, red, "red.png"), product(2, None, None, baseline_description="blue"))
    sound = embed(rows, tmp_path).rows
    is_hit = pl.col("product_id") == 1
    damaged = pl.when(is_hit).then(pl.lit(damage, dtype=pl.List(pl.Float32))).otherwise(column)
    store.merge(EMBEDDINGS, sound.with_columns(damaged.alias(column)), "batch_00000")

    repaired = embed(rows, tmp_path, known=store.read(EMBEDDINGS, "batch_00000"), now=TUESDAY).rows
    assert store.merge(EMBEDDINGS, repaired, "batch_00000").updated == 1
    stored = store.read(EMBEDDINGS, "batch_00000")
    assert stored.select(VECTOR_COLUMNS).equals(sound.select(VECTOR_COLUMNS))
    assert vector_problems(stored, list(VECTOR_COLUMNS), [1]).is_well_formed
    assert stored.select("vector_repairs", "updated_at").rows() == [(1, TUESDAY), (0, MONDAY)]

    again = embed(rows, tmp_path, known=stored, now=TUESDAY)
    assert (again.photos_embedded, again.texts_embedded) == (0, 0)
    assert store.merge(EMBEDDINGS, again.rows, "batch_00000").total == 0


def test_what_was_read_back_from_delta_is_unchanged(tmp_path, red):
    store, rows = TableStore(str(tmp_path / "tables")), frame(product(1, red, "red.png"), product(2, None, None))
    store.merge(EMBEDDINGS, embed(rows, tmp_path).rows, "batch_00000")
    again = embed(rows, tmp_path, known=store.read(EMBEDDINGS, "batch_00000"), now=TUESDAY)
    assert (again.photos_embedded, again.texts_embedded) == (0, 0)
    assert store.merge(EMBEDDINGS, again.rows, "batch_00000").total == 0


def test_chunks_change_nothing_and_progress_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(embed_module, "CHUNK", 2)
    colors = ["red", "green", "blue", "yellow", "white"]
    hashes = [write_photo(tmp_path, f"{color}.png", color, is_blank=True) for color in colors]
    (tmp_path / "green.png").unlink()
    rows = frame(
        *(
            product(number, sha, f"{color}.png", baseline_description=color)
            for number, (sha, color) in enumerate(zip(hashes, colors, strict=True))
        )
    )
    calls = []
    result = embed(rows, tmp_path, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(2, 5), (4, 5), (5, 5)]
    assert (result.photos_embedded, result.texts_embedded, list(result.unreadable_photos)) == (4, 5, [1])
    np.testing.assert_allclose(vector(result, "image_embedding", 2), BLUE, atol=1e-6)


def test_an_empty_batch_has_no_rows(tmp_path):
    result = embed(frame(product(1, None, None)).clear(), tmp_path)
    assert result.rows.is_empty() and result.rows.schema == nothing_known().schema
    assert all(result.rows.schema[name] == pl.List(pl.Float32) for name in VECTOR_COLUMNS)
