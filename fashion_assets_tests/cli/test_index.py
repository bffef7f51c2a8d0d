"""`fashion index`: the versions and why each is served or not, going back, and serving one that was refused."""

import pytest
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.errors import IndexRefused
from fashion_assets.search.index import refresh
from fashion_assets.settings import load_settings
from fashion_assets.storage.store import TableStore
from fashion_assets_tests.fakes.indexed_shop import IndexedShop


def fashion(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["index", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


@pytest.fixture
def refused(monkeypatch) -> int:
    """The refused version of a shop whose live version has four products."""
    settings = load_settings()
    shop = IndexedShop(TableStore(settings.tables_uri), settings.index_uri)
    shop.refresh()
    shop.sell(1, 2, 3)
    with monkeypatch.context() as patch:
        patch.setattr(refresh, "judge_recall", lambda *_, real=refresh.judge_recall: real(0.5, 0.99))
        return shop.refresh().version


def test_a_refused_version_is_promoted_with_name_and_reason(refused):
    said = fashion("promote", "--by", "A. Person", "--reason", "seen [approved]")
    assert f"Version {refused} with 3 products is live now, instead of version" in said
    assert "It had been refused: recall_at_20_is_at_least_99_percent: The index finds 50.0%" in said
    listed = fashion("list")
    assert f"{refused} (live)" in listed
    assert "promoted by A. Person: seen [approved]" in listed


def test_by_whom_and_why_must_be_said(refused):
    assert CliRunner().invoke(app, ["index", "promote", "--by", "A. Person"]).exit_code == 2
    with pytest.raises(IndexRefused, match="The reason of a promotion is empty"):
        fashion("promote", str(refused), "--by", "A. Person", "--reason", " ")
