"""Signing in: the SDK's own client by OAuth, and what is said when that cannot work."""

import sys

import pytest

from fashion_assets.compute.workspace import open_workspace, workspace_errors
from fashion_assets.errors import WorkspaceError
from fashion_assets_tests.fakes.databricks.server import CLIENT_SECRET
from fashion_assets_tests.fakes.databricks.vector_search import PLACE


def test_the_client_signs_in_with_the_environments_credentials(client, workspace, vector_search):
    assert client.tables.get(PLACE.source_table).full_name == PLACE.source_table
    assert client.config.auth_type == "oauth-m2m"
    assert len(workspace.tokens) == 1


def test_without_the_extra_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "databricks.sdk", None)
    with pytest.raises(
        WorkspaceError, match=r"The Databricks SDK is not installed.*pip install 'fashion-assets\[databricks\]'"
    ):
        open_workspace()


def test_without_credentials_the_variables_are_named(workspace, monkeypatch):
    for name in workspace.environment():
        monkeypatch.delenv(name)
    with pytest.raises(WorkspaceError, match="DATABRICKS_HOST, DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"):
        open_workspace()


def test_a_wrong_secret_is_not_repeated(workspace, monkeypatch, clock):
    monkeypatch.setenv("DATABRICKS_CLIENT_SECRET", wrong := "dose-of-yesterday")
    client = open_workspace(clock)
    with (
        pytest.raises(
            WorkspaceError, match=r"could not be asked to look \(invalid_client: .* failed\), .*; check DATABRICKS_HOST"
        ) as caught,
        workspace_errors("look"),
    ):
        client.tables.get(PLACE.source_table)
    assert wrong not in str(caught.value) and CLIENT_SECRET not in str(caught.value)


def test_a_workspace_that_does_not_answer_is_given_up(client, workspace, clock):
    workspace.shutdown()
    workspace.server_close()
    with (
        pytest.raises(WorkspaceError, match=r"did not answer when asked to look .*check DATABRICKS_HOST"),
        workspace_errors("look"),
    ):
        client.tables.get(PLACE.source_table)
    assert clock.now >= 300
