"""`fashion search` says which words the demo CLIP has never seen, where no synonym explains them."""

import pytest

from fashion_assets.cli import search
from fashion_assets.settings import load_settings


@pytest.fixture
def warnings(monkeypatch):
    said = []
    monkeypatch.setattr(search.errors, "print", said.append)
    return said


def test_only_words_that_nothing_explains_are_named(warnings):
    search.warn_of_unknown_words(load_settings(), "plaid zzyzx shirt for ladies")
    (warning,) = warnings
    assert "'zzyzx'" in warning
    assert "plaid" not in warning and "ladies" not in warning


@pytest.mark.parametrize("text", ["red striped shirt", "plaid shirt for ladies", "", None])
def test_of_known_words_nothing_is_said(warnings, text):
    search.warn_of_unknown_words(load_settings(), text)
    assert warnings == []


def test_another_model_may_know_every_word(warnings, tmp_path):
    search.warn_of_unknown_words(load_settings(clip=str(tmp_path)), "zzyzx")
    assert warnings == []
