"""The notebook of the docs, cell by cell, on a small finished shop with fake models."""

import re

import pytest

from fashion_assets import Shop
from fashion_assets_tests.fakes.resources import with_fakes

PUBLIC = [name for name in dir(Shop) if not name.startswith("_")]
NOT_COMMANDS = {"open", "close", "encoder", "resources", "pipeline"}


@pytest.fixture
def text(repository) -> str:
    return (repository / "docs" / "notebook.md").read_text()


def test_the_cells_run_in_their_order(text, finished_shop, monkeypatch, capsys):
    finished_shop.write_products()
    settings = finished_shop.settings
    monkeypatch.setattr(Shop, "open", classmethod(lambda cls: cls(settings, with_fakes(settings))))
    cells = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(cells) > 5
    names: dict[str, object] = {}
    for cell in cells:
        exec(compile(cell, "docs/notebook.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "batch_00000 corrections changed" in printed
    assert "50 1.0" in printed


@pytest.mark.parametrize("name", sorted({*PUBLIC} - NOT_COMMANDS))
def test_everything_that_a_shop_can_do_is_listed(text, name):
    assert re.search(rf"`(shop\.)?{name}\b", text)
