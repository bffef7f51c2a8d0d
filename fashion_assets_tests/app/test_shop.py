"""A shop as a notebook has it: light to import, one index kept open, typed results, and errors as everywhere."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from fashion_assets import Shop
from fashion_assets.app import search as searching
from fashion_assets.app.json_values import json_ready
from fashion_assets.catalog.tables import INGESTED_PRODUCTS
from fashion_assets.demo.models import clip_folder
from fashion_assets.embeddings.tables import VECTOR_COLUMNS
from fashion_assets.errors import FashionError, IndexMissing, SearchError, SettingsError, SourceError
from fashion_assets.extraction.questions import default_prompts_folder
from fashion_assets.models.clip.open_clip_encoder import CONFIG_FILE, encoder_id
from fashion_assets.models.clip.vectors import normalise
from fashion_assets.search.query.filters import Filters
from fashion_assets.search.tables import record_promotion
from fashion_assets.settings import load_settings
from fashion_assets.storage.conforming import conform
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.factories import BATCH_0
from fashion_assets_tests.factories.embedding_rows import build, rows_of
from fashion_assets_tests.fakes.resources import with_fakes

NOT_NEEDED = {"dagster", "typer", "fashion_assets.cli", "fashion_assets.definitions", "scipy"}


@pytest.fixture
def opened(finished_shop):
    """A finished home with fake models, opened."""
    with Shop(finished_shop.settings, with_fakes(finished_shop.settings)) as shop:
        yield shop


def test_importing_the_package_loads_nothing():
    script = "import sys, fashion_assets; print(*[m for m in sys.modules if m.startswith('fashion_assets.')])"
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert outcome.stdout.split() == []
    with pytest.raises(ImportError):
        from fashion_assets import Shops  # noqa: F401


@pytest.fixture
def home_of_demo_clip(tmp_path):
    """A home with an index whose vectors, random ones, are of the shipped CLIP model."""
    settings = load_settings(home=tmp_path / "home")
    model, store = encoder_id(str(clip_folder())), TableStore(settings.tables_uri)
    dimension = json.loads((clip_folder() / CONFIG_FILE).read_text())["model_cfg"]["embed_dim"]
    vectors = normalise(np.random.default_rng(0).normal(size=(4, dimension)))
    rows = rows_of(dict.fromkeys(VECTOR_COLUMNS, vectors), embedding_model=[model] * 4)
    record_promotion(store, build(settings.index_uri, rows, model), "to be searched", datetime.now(UTC))
    on_sale = pl.DataFrame({"product_id": [1, 2, 3]})
    store.merge(INGESTED_PRODUCTS, conform(on_sale, INGESTED_PRODUCTS), BATCH_0)
    return settings.home


def test_searching_needs_neither_dagster_nor_the_command_line(home_of_demo_clip):
    script = (
        "import sys; from fashion_assets import Shop; found = Shop.open().search('red dress'); "
        f"print(*sorted(hit.product_id for hit in found), *({NOT_NEEDED} & set(sys.modules)))"
    )
    environment = {**os.environ, "FASHION_HOME": str(home_of_demo_clip)}
    outcome = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert outcome.stdout.split() == ["1", "2", "3"]


def test_hits_come_with_what_they_were_found_by(opened):
    result = opened.search("red shirt", filters=["price<=20"], limit=3)
    assert [hit.article_type for hit in result] == ["Shirts"] * 3
    assert all(hit.price <= 20 for hit in result.hits)
    assert (result.index, result.index_version) == ("vs_hybrid_search_enriched", opened.index.versions()[0].version)
    assert repr(result).startswith("<SearchResult: 3 products for 'red shirt' in vs_hybrid_search_enriched>\n")
    assert json.loads(json.dumps(json_ready(result)))["hits"][0]["product_id"] == result[0].product_id
    same = opened.search("red shirt", filters=Filters(max_price=20), limit=3)
    assert same.hits == result.hits


def test_a_notebook_shows_photos_and_escapes_names(opened):
    shown = opened.search("red shirt", limit=2)._repr_html_()
    assert shown.count('<img src="data:image/jpeg;base64,') == 2
    assert "<td>Brand Shirt" in shown


def test_a_photo_is_a_file_or_an_image(opened, finished_shop):
    file = finished_shop.folder / "images" / "7.jpg"
    by_file = opened.search(photo=file, limit=5)
    assert 7 in [hit.product_id for hit in by_file]
    assert by_file.index == "vs_image_search"
    from PIL import Image

    assert opened.search(photo=Image.open(file).convert("RGB"), limit=5).hits == by_file.hits
    with pytest.raises(SearchError, match="cannot be used"):
        opened.search(photo="nowhere.jpg")


def test_two_searches_stand_side_by_side(opened):
    compared = opened.compare("red shirt", limit=2)
    assert list(compared.by_index) == ["vs_hybrid_search", "vs_hybrid_search_enriched"]
    assert [len(hits) for hits in compared.as_dict().values()] == [2, 2]


def test_what_is_withdrawn_is_looked_up_once_until_the_tables_change(opened, monkeypatch):
    looked_up = []
    withdrawn_ids = searching.withdrawn_ids
    monkeypatch.setattr(searching, "withdrawn_ids", lambda *a: looked_up.append(1) or withdrawn_ids(*a))
    first = opened.search("red shirt", limit=1)[0].product_id
    opened.search("shirt")
    assert looked_up == [1]
    batch = opened.store.batches(INGESTED_PRODUCTS)[0]
    rows = opened.store.read(INGESTED_PRODUCTS, batch)
    assert first in rows["product_id"]
    opened.store.merge(INGESTED_PRODUCTS, rows.filter(rows["product_id"] != first), batch)
    assert first not in [hit.product_id for hit in opened.search("red shirt", limit=50)]
    assert looked_up == [1, 1]


def test_a_rollback_is_seen_by_the_open_shop(opened, finished_shop):
    before = opened.search("red shirt").index_version
    finished_shop.rows[1][-1] = "Brand Renamed Shirt"
    with finished_shop.open() as pipeline:
        pipeline.ingest()
        for plan in pipeline.plan():
            if plan.must_run:
                pipeline.run_batch(plan.batch)
        assert pipeline.refresh_index()
    after = opened.search("red shirt").index_version
    assert after != before
    outcome = opened.index.roll_back(by="A. Person", reason="to see")
    assert (outcome.left, outcome.live.version) == (after, before)
    assert opened.search("red shirt").index_version == before
    assert [version.is_live for version in opened.index.versions()][:1] == [True]
    assert sum(version.is_live for version in opened.index.versions()) == 1


def test_a_correction_is_recorded_and_taken_back(opened):
    assert opened.correct(3, "material", "Denim", by="A. Person").new == 1
    assert opened.correct(3, "material", "denim", by="A. Person").new == 0
    assert opened.corrections.current().select("product_id", "field", "value").rows() == [(3, "material", "denim")]
    assert [plan.batch for plan in opened.batches() if plan.must_run] == ["batch_00000"]
    assert opened.correct(3, "material", None, by="A. Person").new == 1
    assert opened.corrections.current().is_empty()
    assert opened.correct(10**6, "material", "denim", by="A. Person").unknown_products == (str(10**6),)


@pytest.mark.parametrize(
    ("field", "value", "by", "words"),
    [
        ("colour", "red", "me", "has field 'colour', but it must be one of"),
        ("material", "cheese", "me", "has material 'cheese', but it must be one of"),
        ("material", "denim", " ", "has no author"),
    ],
)
def test_a_correction_that_cannot_be_taken_is_an_error(opened, field, value, by, words):
    with pytest.raises(SourceError, match=words):
        opened.correct(3, field, value, by=by)
    assert opened.corrections.current().is_empty()


def test_plan_status_and_product_agree_with_the_tables(opened):
    plan, status = opened.plan(all_batches=True), opened.status()
    assert [batch.products for batch in plan.batches] == [25, 25]
    assert sum(plan.forecast.questions.values()) == 0
    assert (status.products, status.batches, status.extraction_success_rate) == (50, 2, 1.0)
    assert opened.plan().sentences()[0].startswith("Nothing would run")
    assert opened.show(7)["ingested_products"][0]["product_display_name"] == "Brand Shirt 7"
    assert opened.journal.answers(7).height == 3
    assert opened.journal.statistics().answers["answers"].sum() > 0


def test_a_run_of_what_changed_gives_its_outcomes(opened, finished_shop):
    finished_shop.write_products()
    assert opened.run().outcomes == ()
    with pytest.raises(SettingsError, match="exclude each other"):
        opened.run(["batch_00000"], all_batches=True)
    with pytest.raises(SettingsError, match="must be an asset of a batch"):
        opened.run(until="bread")
    outcome = opened.run(["batch_00000"], until="extracted_attributes").outcomes[0]
    assert (outcome.batch, outcome.is_blocked) == ("batch_00000", False)
    assert opened.retry_failed().batches == ()


def test_a_pilot_gives_its_verdict_and_prompts_are_compared(opened, finished_shop):
    finished_shop.write_products()
    result = opened.pilot()
    assert (result.verdict, result.may_proceed) == ("RECONSIDER", False)  # the fake is sure of leather in grey photos
    assert any("empty photos" in reason for reason in result.reasons)
    assert json_ready(result)["decided_at"] == result.record.decided_at.isoformat()
    assert result.sentences()[-1].startswith("Another model")
    assert len(result.criteria()) > 2
    compared = opened.compare_prompts(default_prompts_folder())
    assert (compared.better, compared.present_version) == (None, compared.other_version)


def test_errors_are_those_of_the_command_line(tmp_path):
    shop = Shop.open(home=tmp_path)
    assert shop.settings.home == tmp_path
    with pytest.raises(IndexMissing, match="Nothing is indexed yet"):
        shop.search("red dress")
    with pytest.raises(IndexMissing, match="Nothing is indexed yet"):
        shop.evaluate_search()
    with pytest.raises(FashionError, match="There is no product '3'"):
        shop.show(3)
    with pytest.raises(SearchError, match="backend 'elastic' is unknown"):
        shop.search("red dress", backend="elastic")
    with pytest.raises(SettingsError, match="give one of them"):
        Shop.open(load_settings(), home=tmp_path)
