"""A search says which words the demo CLIP has never seen, where no synonym explains them; the command line warns."""

import pytest

from fashion_assets.app.search import unexplained_words
from fashion_assets.cli import search
from fashion_assets.settings import load_settings


def test_only_words_that_nothing_explains_are_named():
    assert unexplained_words(load_settings(), "plaid zzyzx shirt for ladies") == ("zzyzx",)


@pytest.mark.parametrize("text", ["red striped shirt", "plaid shirt for ladies", "", None])
def test_known_words_are_not_reported(text):
    assert unexplained_words(load_settings(), text) == ()


def test_another_model_may_know_every_word(tmp_path):
    assert unexplained_words(load_settings(clip=str(tmp_path)), "zzyzx") == ()


def test_the_command_line_warns_of_unknown_words_only(monkeypatch):
    printed = []
    monkeypatch.setattr(search.errors, "print", printed.append)
    search.warn_of_unknown_words(())
    assert printed == []
    search.warn_of_unknown_words(("zzyzx",))
    assert "does not know 'zzyzx'" in printed[0]
