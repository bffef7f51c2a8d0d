"""Words are compared without case and accents."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.shop.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Lumière", "lumiere"),
        ("WEISS", "weiss"),
        ("Weiß", "weiss"),
        ("Smørrebrød", "smorrebrod"),
        ("Łódź", "lodz"),
        ("ＳＨＯＰ ﬁt", "shop fit"),
        ("İstanbul", "istanbul"),
        ("T-Shirts & Tops", "t-shirts & tops"),
    ],
)
def test_case_and_marks_are_left_out(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_every_spelling_of_a_text_folds_to_the_same_and_folding_again_changes_nothing(text):
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert forms == {fold(text)}
    assert fold(fold(text)) == fold(text)
