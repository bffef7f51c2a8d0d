"""How contenders are started."""

import sys
from pathlib import Path

import pytest

from benchmarks.peers import calls
from benchmarks.peers.race import PEERS, Peer, environment


def test_no_setting_of_the_project_reaches_a_contender(monkeypatch):
    monkeypatch.setenv("FASHION_HOME", "/somewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert not {"FASHION_HOME", "PYTHONDONTWRITEBYTECODE"} & environment(None).keys()


def test_no_contender_reports_its_use():
    assert environment(None).items() >= {"DO_NOT_TRACK": "true", "SCARF_NO_ANALYTICS": "true"}.items()


def test_calls_are_noted_where_they_are_read(tmp_path):
    assert environment(tmp_path / "calls")[calls.FILE] == str(tmp_path / "calls")
    assert calls.FILE not in environment(None)


def test_a_rival_has_pinned_versions_and_the_project_those_that_are_installed():
    assert all("==" in pin for peer in PEERS.values() for pin in peer.versions)
    assert [pin.split("==")[0] for pin in PEERS["daft"].versions] == ["daft", "lancedb"]


def test_a_rival_is_measured_in_two_ways_with_the_same_versions():
    for name in ("pixeltable", "daft"):
        gifted, manual = PEERS[name], PEERS[f"{name}-manual"]
        assert (gifted.way, manual.way) == (None, "manual")
        assert (gifted.module, gifted.environment, gifted.versions) == (
            manual.module,
            manual.environment,
            manual.versions,
        )


def test_the_project_runs_where_the_benchmark_runs():
    assert PEERS["fashion_assets"].python == Path(sys.executable)


def test_an_environment_that_is_missing_names_what_makes_it():
    with pytest.raises(FileNotFoundError, match="`make benchmark-peers` makes"):
        _ = Peer("Nobody", "with_nobody", "nobody").python
