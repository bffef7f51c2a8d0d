"""Places that cannot be used are refused in a sentence that names the setting, before anything is written."""

import pytest

from fashion_assets import Shop
from fashion_assets.app.pipeline import Pipeline
from fashion_assets.errors import SettingsError, StorageError
from fashion_assets.settings import load_settings
from fashion_assets_tests.factories import folder_names


@pytest.mark.parametrize("opened", [Shop, Pipeline])
@pytest.mark.parametrize("name", folder_names.UNUSABLE)
def test_an_unusable_home_is_refused_before_anything_is_written(tmp_path, opened, name):
    with pytest.raises(SettingsError) as refused:
        opened(load_settings(home=tmp_path / name))
    assert str(refused.value).startswith(f"FASHION_HOME is {str(tmp_path / name)!r}, but ")
    assert "set FASHION_HOME to a folder whose path has no " in str(refused.value)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", folder_names.NOT_FOR_DELTA_LAKE)
def test_so_are_unusable_tables_elsewhere(tmp_path, name):
    with pytest.raises(SettingsError, match=r"FASHION_TABLES is .* but Delta Lake cannot .*; set FASHION_TABLES to"):
        Shop(load_settings(home=tmp_path / "home", tables=str(tmp_path / name)))
    assert not [*tmp_path.iterdir()]


def test_delta_lake_needs_a_usable_name_where_a_link_leads(tmp_path):
    (tmp_path / "[client]").mkdir()
    (tmp_path / "client").symlink_to("[client]")
    with pytest.raises(SettingsError, match=r"FASHION_HOME is '.*/client', but Delta Lake cannot .* has '\['"):
        Shop(load_settings(home=tmp_path / "client"))
    Shop(load_settings(home=tmp_path / "client", tables=str(tmp_path / "tables")))


def test_the_home_of_a_folder_that_dagster_can_use_needs_tables_elsewhere_only(tmp_path):
    Shop(load_settings(home=tmp_path / "a|b", tables=str(tmp_path / "tables")))
    Shop(load_settings(home=tmp_path / "a|b", tables="s3://bucket/[tables]"))


@pytest.mark.parametrize("name", folder_names.USABLE)
def test_other_names_are_not(tmp_path, name):
    Shop(load_settings(home=tmp_path / name))


def test_a_home_that_is_too_long_for_sqlite_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="bytes, more than 451; set FASHION_HOME to a folder with a shorter path"):
        Shop(load_settings(home=tmp_path / ("x" * 200) / ("y" * 220)))


def test_a_file_in_place_of_the_home_is_one_sentence_and_the_lock_is_free_again(tmp_path):
    (tmp_path / "home").write_text("not a folder")
    for _ in range(2):
        with pytest.raises(StorageError, match=r"home' cannot be used .*; move away the file in its place"):
            Pipeline(load_settings(home=tmp_path / "home"))
    (tmp_path / "home").unlink()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "dagster").write_text("not a folder")
    for _ in range(2):
        with pytest.raises(StorageError, match="dagster' cannot be used"):
            Pipeline(load_settings(home=tmp_path / "home"))
