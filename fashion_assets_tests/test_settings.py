"""Settings: profiles fill in defaults, and what cannot work is one sentence with the name and the value."""

import pytest

from fashion_assets.errors import SettingsError
from fashion_assets.settings import load_settings


def test_demo_is_the_default_and_needs_nothing():
    settings = load_settings()
    assert (settings.profile, settings.vlm, settings.clip, settings.preset) == ("demo", "demo", "demo", "reference")
    assert settings.source == settings.home.absolute() / "demo" / "catalog.csv"


def test_local_names_the_real_models():
    settings = load_settings(profile="local", source="a.csv")
    assert settings.vlm == "HuggingFaceTB/SmolVLM-Instruct"
    assert settings.clip == "ViT-B-32/laion2b_s34b_b79k"


def test_databricks_is_local_with_more(monkeypatch):
    monkeypatch.setenv("FASHION_PROFILE", "databricks")
    monkeypatch.setenv("FASHION_DATABRICKS_CATALOG", "shop")
    monkeypatch.setenv("FASHION_DATABRICKS_SCHEMA", "fashion")
    settings = load_settings(source="a.csv")
    assert (settings.vlm, settings.is_demo_catalog) == ("HuggingFaceTB/SmolVLM-Instruct", False)
    assert not load_settings(profile="local").has_delta_sync_indexes


def test_tables_and_index_are_below_home_in_another_folder_or_in_an_object_store(tmp_path):
    settings = load_settings(home="shop")
    assert (settings.tables_uri, settings.index_uri) == (f"{tmp_path}/shop/tables", f"{tmp_path}/shop/index")
    elsewhere = load_settings(tables="s3://bucket/tables", index="vectors")
    assert (elsewhere.tables_uri, elsewhere.index_uri) == ("s3://bucket/tables", f"{tmp_path}/vectors")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("FASHION_PROFILE", "local")
    monkeypatch.setenv("FASHION_COLUMNS", '{"product_id": "sku"}')
    monkeypatch.setenv("FASHION_MICRO_BATCH", "4")
    settings = load_settings()
    assert (settings.profile, settings.columns, settings.micro_batch) == ("local", {"product_id": "sku"}, 4)


def test_settings_come_from_a_dotenv_file(tmp_path):
    (tmp_path / ".env").write_text("FASHION_PROFILE=local\nFASHION_DEVICE=cpu\nOTHER=1\n")
    assert (load_settings().profile, load_settings().device) == ("local", "cpu")


@pytest.mark.parametrize(
    ("photos", "preset", "root"),
    [
        (None, "reference", "shop"),
        ("pictures", "reference", "pictures"),
        ("shop/images", "reference", "shop"),
        ("shop/images", None, "shop/images"),
    ],
)
def test_photos_folder(photos, preset, root):
    settings = load_settings(profile="local", source="shop/a.csv", photos=photos, preset=preset)
    assert str(settings.photos_root) == root


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FASHION_PROFILE", "prod", "FASHION_PROFILE is 'prod'"),
        ("FASHION_MICRO_BATCH", "0", "FASHION_MICRO_BATCH is '0'"),
        ("FASHION_MEMORY_SHARE", "1.5", "FASHION_MEMORY_SHARE is '1.5'"),
        ("FASHION_COLUMNS", "sku", "FASHION_COLUMNS is 'sku', but it must be JSON"),
        ("FASHION_DATABRICKS_SCHEMA", "a/b", "FASHION_DATABRICKS_SCHEMA is 'a/b'"),
        ("FASHION_SOURCE", "mine.csv", "FASHION_SOURCE is 'mine.csv'.*FASHION_PROFILE=local"),
    ],
)
def test_what_cannot_work_is_a_sentence(monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=words):
        load_settings()


def test_local_without_a_source_says_what_is_missing(monkeypatch):
    with pytest.raises(SettingsError, match="FASHION_SOURCE is not set"):
        load_settings(profile="local").require_source()


@pytest.mark.parametrize(
    ("named", "location"),
    [
        ("file:///srv/tables", "/srv/tables"),
        ("file:///srv/tables", "/srv/tables"),
        ("file://localhost/srv/my%20shop/a#b?c", "/srv/my shop/a#b?c"),
        ("/srv/a://b", "/srv/a:/b"),
        ("/srv/Jörg's #1 {x} 100% ", "/srv/Jörg's #1 {x} 100% "),
        ("gs://bucket/my tables", "gs://bucket/my tables"),
    ],
)
def test_a_folder_is_named_by_its_path_or_by_a_file_uri(named, location):
    settings = load_settings(tables=named, index=named)
    assert settings.tables_uri == settings.index_uri == location


@pytest.mark.parametrize("named", ["file://tables", "file://server/share/tables"])
def test_a_file_uri_that_is_not_of_this_machine_is_refused(named):
    with pytest.raises(SettingsError, match=r"FASHION_TABLES is .*a file:// URI must name .* as file:///folder"):
        load_settings(tables=named)
