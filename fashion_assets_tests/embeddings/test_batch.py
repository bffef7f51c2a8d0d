import polars as pl

from fashion_assets.compute.batch_context import BatchContext
from fashion_assets.embeddings.batch import compute_embeddings
from fashion_assets.enrichment.describe import describe
from fashion_assets.models.clip.tables import PHOTO_VECTORS
from fashion_assets.quality.rules.consistency import broken_rules
from fashion_assets_tests.factories import BATCH_0, BLUE, RED, attributes, photographed
from fashion_assets_tests.fakes.resources import GPU, FakeClipResource


def test_a_blank_picture_gets_no_vector(store, tmp_path):
    rows = attributes(
        photographed(1, tmp_path, RED),
        photographed(2, tmp_path, BLUE) | {"photo_status": "blank"},
        photographed(3, tmp_path, BLUE) | {"photo_status": "missing", "photo_sha256": None},
    )
    descriptions = describe(rows, broken_rules(rows))
    batch = BatchContext(BATCH_0, store, tmp_path, lambda line: None)
    computed = compute_embeddings(batch, descriptions, FakeClipResource(model="fake", gpu=GPU))
    assert computed.rows.sort("product_id")["image_embedding"].is_not_null().to_list() == [True, False, False]
    assert computed.figures["photos_embedded"] == 1
    assert (
        store.read(PHOTO_VECTORS)["photo_sha256"].to_list()
        == rows.filter(pl.col("product_id") == 1)["photo_sha256"].to_list()
    )
