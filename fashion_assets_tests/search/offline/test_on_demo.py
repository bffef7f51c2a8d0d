"""On rendered products with the demo CLIP: figures of every suite, and rich descriptions shuffled among products."""

import shutil

import numpy as np
import polars as pl
import pytest
from dagster import AssetKey

from fashion_assets.app.pipeline import Pipeline, RunFailed
from fashion_assets.app.shop import Shop
from fashion_assets.embeddings.tables import EMBEDDINGS
from fashion_assets.embeddings.vectors import hybrid
from fashion_assets.gates.history import latest_judgements
from fashion_assets.orchestration.dagster_home import open_instance
from fashion_assets.search.index.versions import INDEXES, open_live
from fashion_assets.search.offline.compare import judge_offline_quality
from fashion_assets.search.offline.evaluate import (
    AS_SERVED,
    CATALOG_METRICS,
    CATALOG_QUERIES,
    DIFFERENCE,
    VECTORS,
    query_set,
)
from fashion_assets.search.offline.metrics import NDCG
from fashion_assets.search.offline.tables import ENRICHMENT_PAYS, NOT_WORSE, SEARCH_QUALITY
from fashion_assets.search.query.search import BASELINE_INDEX, DEFAULT_INDEX
from fashion_assets.search.tables import last_attempt, live_promotion
from fashion_assets.settings import load_settings
from fashion_assets_tests.factories.embedding_rows import build

VALUES = ["suite", "index", "ranking", "metric", "value", "low", "high", "queries"]


@pytest.fixture(scope="module")
def demo(finished_demo, tmp_path_factory):
    """Settings, the pipeline after its run on a small demo catalog, and its Dagster instance."""
    home = tmp_path_factory.mktemp("demo") / "home"
    shutil.copytree(finished_demo, home)
    settings = load_settings(home=home, demo_products=100, device="cpu")
    instance = open_instance(settings.dagster_home)
    with Pipeline(settings, instance=instance) as pipeline:
        yield settings, pipeline, instance


def test_the_asset_records_and_shows_what_the_command_measures(demo):
    settings, pipeline, instance = demo
    recorded = pipeline.store.read(SEARCH_QUALITY).select(VALUES)
    assert recorded.sort(VALUES[:4]).equals(Shop.open(settings).evaluate_search().sort(VALUES[:4]))
    of_queries = recorded.filter(suite=CATALOG_QUERIES)
    assert set(of_queries.filter(ranking=VECTORS)["index"]) == {*INDEXES, DIFFERENCE}
    assert set(of_queries.filter(ranking=AS_SERVED)["index"]) == {BASELINE_INDEX, DEFAULT_INDEX, DIFFERENCE}
    assert of_queries["ranking"].n_unique() == 6, "by vectors, as served, and without each of four parts"
    assert set(of_queries["metric"]) == set(CATALOG_METRICS)
    shown = instance.get_latest_materialization_event(AssetKey("search_quality")).asset_materialization.metadata
    assert DIFFERENCE in shown["figures"].value
    assert shown["ndcg_at_10_of_vs_hybrid_search_enriched"].value > shown["ndcg_at_10_of_vs_hybrid_search"].value
    judged = latest_judgements(pipeline.store).filter(name=NOT_WORSE)
    assert judged.select("asset", "outcome").rows() == [("vs_hybrid_search_enriched", "passed")]
    judged = latest_judgements(pipeline.store).filter(name=ENRICHMENT_PAYS)
    assert judged.select("asset", "outcome").rows() == [("search_quality", "passed")]


def test_figures_are_well_above_chance_and_lie_in_their_intervals(demo):
    figures = demo[1].store.read(SEARCH_QUALITY)
    assert figures.select((pl.col("low") <= pl.col("value")) & (pl.col("value") <= pl.col("high"))).to_series().all()
    keys = ["index", "ranking", "metric"]
    reached = figures.filter(suite=CATALOG_QUERIES).rows_by_key(keys, unique=True, named=True)
    assert reached[DEFAULT_INDEX, VECTORS, NDCG]["value"] > 0.5
    served = reached[DEFAULT_INDEX, AS_SERVED, NDCG]["value"]
    for less in (VECTORS, "as served, without full text", "as served, without boosts"):
        assert reached[DEFAULT_INDEX, less, NDCG]["value"] < served
    assert reached[DIFFERENCE, AS_SERVED, NDCG]["low"] > 0, "the enriched search beats the baseline"


def test_rich_descriptions_shuffled_among_products_are_judged_worse_and_not_promoted(demo, tmp_path):
    settings, pipeline, _ = demo
    encoder = pipeline.resources.clip.load()
    rows = pipeline.store.read(EMBEDDINGS)
    texts = rows["embedded_text"].sample(fraction=1, shuffle=True, seed=0)
    vectors = encoder.embed_texts(texts.to_list())
    photos = rows["image_embedding"].is_not_null()
    mixed = hybrid(np.stack(rows.filter(photos)["image_embedding"].to_numpy()), vectors[photos.to_numpy()], 0.5)
    places = iter(mixed.tolist())
    shuffled = rows.with_columns(
        embedded_text=texts,
        text_embedding_enriched=pl.Series(vectors.tolist(), dtype=pl.List(pl.Float32)),
        hybrid_embedding_enriched=pl.Series(
            [next(places) if has_photo else None for has_photo in photos], dtype=pl.List(pl.Float32)
        ),
    )
    built = build(str(tmp_path / "worse"), shuffled, encoder.model_id)
    worse, live = open_live(str(tmp_path / "worse"), built.version), open_live(settings.index_uri)
    asked = query_set(pipeline.store, settings.own_labels)
    (judgement,) = judge_offline_quality(worse, live, encoder, asked.queries, asked.relevance)
    assert judgement.outcome == "failed"
    (back,) = judge_offline_quality(live, worse, encoder, asked.queries, asked.relevance)
    assert back.outcome == "passed"

    version = live_promotion(pipeline.store)["index_version"]
    pipeline.store.merge(EMBEDDINGS, shuffled, "batch_00000")
    with pytest.raises(RunFailed):
        pipeline.refresh_index()
    assert live_promotion(pipeline.store)["index_version"] == version
    refused = last_attempt(pipeline.store)
    assert refused["reason"].startswith(f"refused: {NOT_WORSE}: ")
    assert not pipeline.refresh_index(), "the same content is not built again"
