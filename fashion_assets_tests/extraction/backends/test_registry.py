"""Which back ends there are, and what is said of packages that bring one which cannot be."""

import sys
from pathlib import Path

import pytest

from fashion_assets.app.retry import settings_to_retry_with
from fashion_assets.automation.resources import build_resources
from fashion_assets.compute.cluster_settings import settings_of_cluster
from fashion_assets.compute.resources import ComputeResource, DatabricksCompute
from fashion_assets.errors import SettingsError
from fashion_assets.extraction.backends import registry
from fashion_assets.extraction.backends.backend import FailureCode
from fashion_assets.extraction.backends.endpoint.backend import ENDPOINT
from fashion_assets.extraction.backends.transformers.backend import TRANSFORMERS
from fashion_assets.settings import load_settings
from fashion_assets_tests.fakes.foreign_backend import acme_vlm
from fashion_assets_tests.fakes.foreign_backend.package import install

ACME = {"acme": "acme_vlm:BACKEND"}
MINIMAL = """
from pydantic import Field
from fashion_assets.extraction.backends.backend import Backend, FailureCode, NoSettings
from fashion_assets.settings import SettingsGroup

class Own(SettingsGroup):
    url: str = Field("", description="Where.")

class Alien(SettingsGroup):
    url: str = Field("", description="Where.", validation_alias="FASHION_ENDPOINT")

class Astray(SettingsGroup):
    url: str = Field("", description="Where.", validation_alias="FASHION_OTHER_URL")

NO_BACKEND = {}
demo = Backend("demo", None, NoSettings)
endpoint = Backend("endpoint", None, NoSettings)
databricks = Backend("databricks", None, type("Catalog", (SettingsGroup,), {"__annotations__": {"catalog": str}}))
alien = Backend("alien", None, Alien)
astray = Backend("astray", None, Astray)
late = Backend("late", None, Own, (FailureCode("timeout", "Somebody was late."),))
silent = Backend("silent", None, Own, (FailureCode("not_answered", "There is no answer."),))
shared = Backend("shared", None, Own, (FailureCode("timeout", "The endpoint took too long to answer."),))
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Installs packages of one module for the length of a test."""
    before = set(sys.modules)

    def install_here(module, source, entry_points):
        install(tmp_path / "site", module, source, entry_points, monkeypatch)

    yield install_here
    registry.registered.cache_clear()
    for name in {"acme_vlm", "minimal"} - before:
        sys.modules.pop(name, None)


@pytest.fixture
def acme(installed):
    installed("acme_vlm", Path(acme_vlm.__file__).read_text(), ACME)


@pytest.fixture
def on_clusters(tmp_path):
    """Settings that have batches computed on clusters, and what is given."""
    volume = "/Volumes/shop/fashion/files"

    def load(**given):
        return load_settings(
            **{
                "profile": "databricks",
                "source": tmp_path / "a.csv",
                "vlm": "demo",
                "clip": "demo",
                "databricks_catalog": "shop",
                "databricks_schema": "fashion",
                "tables": "s3://bucket/fashion",
                "databricks_volume": volume,
                "databricks_folders": {str(tmp_path): volume},
                **given,
            }
        )

    return load


def test_a_foreign_back_end_is_chosen_by_name_and_brings_its_settings(acme, monkeypatch, tmp_path):
    monkeypatch.setenv("FASHION_ACME_URL", "http://acme.test")
    (tmp_path / ".env").write_text("FASHION_ACME_AT_ONCE=3\nFASHION_ACME_URL=http://elsewhere.test\n")
    settings = load_settings(profile="local", vlm="acme:vision-2", acme_quality="fine", acme_key="sesame")
    vlm = build_resources(settings).vlm
    assert vlm.identity().model_id == "vision-2@acme/fine"
    assert vlm.describe() == {"device_name": "Acme at http://acme.test", "at_once": 3}
    assert vlm.requests_at_once == 3
    assert vars(vlm.load())["_key"] == "sesame"
    assert "sesame" not in f"{vlm!r} {vlm.model_dump()} {settings!r}"


def test_the_name_alone_has_no_model(acme):
    assert build_resources(load_settings(vlm="acme")).vlm.model == ""


def test_an_endpoint_may_serve_a_model_that_is_named_like_a_back_end(acme):
    vlm = build_resources(load_settings(vlm="acme:7b", endpoint="http://localhost:1/v1")).vlm
    assert vlm.identity().model_id == "acme:7b@localhost:1"


def test_a_wrong_value_of_a_foreign_setting_is_a_sentence(acme, monkeypatch):
    monkeypatch.setenv("FASHION_ACME_AT_ONCE", "0")
    with pytest.raises(SettingsError, match=r"^FASHION_ACME_AT_ONCE is '0', but input should be greater than"):
        build_resources(load_settings(vlm="acme"))
    with pytest.raises(SettingsError, match=r"^FASHION_ENDPOINT_TRIES is 0, but "):
        build_resources(load_settings(endpoint_tries=0))


def test_a_retry_may_change_the_settings_of_every_back_end(acme):
    settings = settings_to_retry_with(["FASHION_ACME_QUALITY=fine", "FASHION_ENDPOINT_TRIES=2"])
    assert registry.chosen(load_settings(vlm="acme")).read_settings(settings).quality == "fine"
    assert ENDPOINT.read_settings(settings).tries == 2


def test_clusters_get_the_settings_of_their_back_end_without_secrets(on_clusters):
    settings = on_clusters(image_splitting=True)
    there = settings_of_cluster(settings, TRANSFORMERS.values_for_cluster(settings))
    assert build_resources(settings).compute.settings == there
    assert TRANSFORMERS.read_settings(load_settings(**there)).image_splitting
    assert "sesame" not in str(ENDPOINT.values_for_cluster(load_settings(endpoint_key="sesame")))


def test_a_foreign_back_end_stays_on_this_machine(acme, on_clusters):
    assert type(build_resources(on_clusters(vlm="clip")).compute) is DatabricksCompute
    assert type(build_resources(on_clusters(vlm="acme")).compute) is ComputeResource


@pytest.mark.parametrize("vlm", ["acme:vision-2", "clip:ViT-B-32"])
def test_a_back_end_that_nobody_registered_is_a_sentence(vlm):
    with pytest.raises(SettingsError, match=rf"FASHION_VLM is '{vlm}', but no back end is named .*install the package"):
        build_resources(load_settings(vlm=vlm))


def test_a_folder_may_have_a_colon_in_its_name(tmp_path):
    (tmp_path / "acme:2").mkdir()
    assert registry.chosen(load_settings(vlm="acme:2")) is registry.DEFAULT


@pytest.mark.parametrize(
    ("source", "entry_points", "words"),
    [
        ("import no_such_module", {"minimal": "minimal:BACKEND"}, r"does not load .*No module named 'no_such_module'"),
        ("raise OSError", {"minimal": "minimal:BACKEND"}, r"does not load .*\(OSError\)"),
        ("", {"minimal": "minimal:BACKEND"}, "does not load .*BACKEND"),
        (MINIMAL, {"minimal": "minimal:NO_BACKEND"}, "a dict, but it must be a Backend"),
        (MINIMAL, {"other": "minimal:alien"}, "calls itself 'alien', but both names must be the same"),
        (MINIMAL, {"demo": "minimal:demo"}, "its name is taken"),
        (MINIMAL, {"endpoint": "minimal:endpoint"}, "its name is taken"),
        (MINIMAL, {"databricks": "minimal:databricks"}, "its setting FASHION_DATABRICKS_CATALOG belongs to another"),
        (MINIMAL, {"alien": "minimal:alien"}, "its setting FASHION_ENDPOINT belongs to another"),
        (MINIMAL, {"astray": "minimal:astray"}, "its setting FASHION_OTHER_URL does not begin with FASHION_ASTRAY_"),
        (MINIMAL, {"late": "minimal:late"}, "its failure code 'timeout' already means something else"),
        (MINIMAL, {"silent": "minimal:silent"}, "its failure code 'not_answered' already means something else"),
    ],
)
def test_a_package_that_cannot_be_registered_is_named_with_the_remedy(installed, source, entry_points, words):
    installed("minimal", source, entry_points)
    with pytest.raises(SettingsError, match=rf"of the package 'minimal' .*{words}.*uninstall (it|that package)\.$"):
        registry.registered()


def test_two_packages_cannot_share_a_name(installed, acme):
    installed("minimal", MINIMAL.replace('Backend("late"', 'Backend("acme"'), {"acme": "minimal:late"})
    with pytest.raises(SettingsError, match=r"'acme' of the package '.*its name is taken by another back end"):
        registry.registered()


def test_a_failure_code_may_be_shared_where_it_means_the_same(installed):
    installed("minimal", MINIMAL, {"shared": "minimal:shared"})
    assert registry.failure_meanings()["timeout"] == "The endpoint took too long to answer."


@pytest.mark.parametrize("code", ["", "Busy", "too:busy", "busy_", "zu spät"])
def test_a_failure_code_is_a_word(code):
    with pytest.raises(SettingsError, match=f"The failure code is '{code}'"):
        FailureCode(code, "It was busy.")


def test_a_failure_code_without_a_meaning_is_refused():
    with pytest.raises(SettingsError, match="'busy' has no meaning"):
        FailureCode("busy", " ")
