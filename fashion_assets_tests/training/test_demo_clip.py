"""The shipped CLIP: loads as its users load it, finds photos by words, and knows which words it knows."""

import pytest

from fashion_assets.demo.clip_words import WORDS_FILE, unknown_words
from fashion_assets.demo.models import clip_folder
from training.clip.captions import known_words
from training.evaluation.clip import evaluate_clip
from training.evaluation.clip_queries import QUERIES
from training.evaluation.model_card import CLIP_RECIPE

SOME_QUERIES = QUERIES[::4]


def test_weights_are_small_and_described():
    assert (clip_folder() / "open_clip_model.safetensors").stat().st_size < 10_000_000
    card = (clip_folder() / "README.md").read_text()
    assert "license: apache-2.0" in card and "knows nothing about real photos" in card
    assert CLIP_RECIPE in card


def test_photos_are_found_by_captions_and_by_short_queries():
    scores = evaluate_clip(clip_folder(), products=100, gallery=300, queries=SOME_QUERIES)
    assert scores.recall_at_1 > 0.85  # chance: 0.01
    assert scores.recall_at_5 > 0.95
    assert scores.precision_at_5_two_words > 0.85
    assert scores.precision_at_5_three_words > 0.85


def test_a_description_of_forty_words_is_not_cut():
    import open_clip

    words = (known_words() * 2)[10:50]
    tokens = open_clip.get_tokenizer(f"local-dir:{clip_folder()}")([" ".join(words)])
    assert tokens.shape == (1, 77)
    assert tokens[0, -1] == 0  # padding: there was room to spare


@pytest.mark.parametrize(
    "text, unknown",
    [
        ("striped shirt", []),
        ("Blue denim jeans", []),
        ("a red leather bag with buttons", []),
        ("T-shirts, hoodies and sneakers", []),
        ("jacket in burgundy leather", []),
        ("cyberpunk jacket", ["cyberpunk"]),
        ("qwertz, Qwertz shirt by Prada", ["qwertz", "by", "prada"]),
        ("", []),
    ],
)
def test_unknown_words(text: str, unknown: list[str]):
    assert unknown_words(text) == unknown


def test_the_shipped_words_are_those_of_the_captions():
    assert (clip_folder() / WORDS_FILE).read_text().split() == known_words()
