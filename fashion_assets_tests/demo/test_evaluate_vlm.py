"""Scoring the demo models: figures worked out by hand from fake answers, photos of nothing, and the printed tables."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from fashion_assets.cli.app import app
from fashion_assets.demo import evaluate as evaluation
from fashion_assets.demo.evaluate import evaluate
from fashion_assets.demo.evaluate_clip import ClipScores
from fashion_assets.demo.evaluate_photos import evaluate_photos, photo_score, real_photos
from fashion_assets.demo.evaluate_vlm import Reply, ask, reply_of, vlm_scores
from fashion_assets.demo.evaluation_set import evaluation_products
from fashion_assets.demo.model_card import clip_card, vlm_card
from fashion_assets.demo.nothing_to_see import NOTHINGS, nothing_to_see
from fashion_assets.demo.score_tables import vlm_tables
from fashion_assets.errors import SettingsError
from fashion_assets.extraction.model import Answer, FakeVisionLanguageModel
from fashion_assets.extraction.questions import Question
from fashion_assets_tests.factories import write_photo

FEW = 20


@pytest.fixture
def material(questions) -> Question:
    return next(question for question in questions if "material" in question.keys)


@pytest.fixture
def fake_clip() -> ClipScores:
    """Whatever a CLIP scores: scoring a real one takes long."""
    return ClipScores(20, 20, 0.5, 0.75, 0.8, 0.6, (("black boots", 0.2),))


@pytest.fixture
def style(questions) -> Question:
    return next(question for question in questions if "formality" in question.keys)


def said(material: str, pattern: str, confidence: str = "high", probability: float = 1.0, is_own: bool = True) -> Reply:
    return Reply(
        {"material": material, "pattern": pattern, "confidence": confidence}, {"material": probability}, is_own
    )


def test_accuracy_majority_and_own_answers(material: Question):
    truths = [
        {"material": "denim", "pattern": "striped"},
        {"material": "denim", "pattern": "solid color"},
        {"material": "metal", "pattern": "solid color"},
        {"material": "metal", "pattern": "solid color"},
    ]
    replies = [
        said("denim", "striped"),
        said("denim", "striped"),
        said("denim", "striped"),
        said("metal", "striped", is_own=False),
    ]
    scores = vlm_scores(truths, [(material, replies)])
    assert [score.attribute for score in scores.attributes] == ["material", "pattern"]  # not the confidence
    assert [score.score for score in scores.attributes] == [0.75, 0.25]
    assert [score.majority for score in scores.attributes] == [0.5, 0.75]
    assert (scores.products, scores.answers, scores.unforced) == (4, 4, 0.75)
    assert scores.calibration.error == pytest.approx(0.25)


def test_only_asked_products_count(material: Question):
    truths = [{"material": "denim", "pattern": "striped"}, {"material": "metal", "pattern": "striped"}]
    scores = vlm_scores(truths, [(material, [None, said("metal", "striped")])])
    assert [(score.products, score.accuracy) for score in scores.attributes] == [(1, 1.0), (1, 1.0)]


def test_lists_are_scored_by_item_and_as_a_whole(style: Question):
    truths = [
        {"formality": "casual", "style_keywords": ["modern", "sporty"], "details": []},
        {"formality": "casual", "style_keywords": ["modern"], "details": []},
    ]
    replies = [
        Reply({"formality": "casual", "style_keywords": ["modern", "vintage", "elegant"], "details": []}, {}, True),
        Reply({"formality": "casual", "style_keywords": ["modern"], "details": []}, {}, True),
    ]
    keywords, details = vlm_scores(truths, [(style, replies)]).attributes[1:]
    assert keywords.f1 == keywords.score == pytest.approx(2 * 2 / (3 + 4))  # 2 hits, 3 true and 4 named
    assert keywords.accuracy == 0.5
    assert (details.f1, details.accuracy) == (1.0, 1.0)  # nothing there, nothing named


def test_a_forced_value_is_no_answer(material: Question):
    text = json.dumps({"material": "denim", "pattern": "striped", "confidence": "high"})
    reply = reply_of(Answer(text, {"material": 0.9}, {"material": 0.1, "pattern": 1.0, "confidence": 1.0}), material)
    assert not reply.is_own
    assert reply.values == {"pattern": "striped", "confidence": "high"}


def test_each_asking_gets_a_reply_for_each_product_it_is_about(questions: list[Question]):
    products = evaluation_products(6, 1, "balanced")
    model = FakeVisionLanguageModel()
    progress = []
    replies = ask([(model, q) for q in questions], products, lambda *moved: progress.append(moved))
    for question, of_question in zip(questions, replies, strict=True):
        asked = [product.truth[question.keys[0]] is not None for product in products]
        assert [reply is not None for reply in of_question] == asked
    assert progress == [(0, 6), (6, 6)]


def test_photos_of_nothing_are_always_the_same():
    for kind in NOTHINGS:
        photos, again = nothing_to_see(kind, 8), nothing_to_see(kind, 8)
        assert {(photo.mode, photo.size) for photo in photos} == {("RGB", (300, 400))}
        assert [photo.tobytes() for photo in photos] == [photo.tobytes() for photo in again]
        assert len({photo.tobytes() for photo in photos}) == 8
        assert photos[0].tobytes() != nothing_to_see(kind, 1, seed=1)[0].tobytes()


def test_blank_photos_are_smooth_and_noise_is_not():
    def roughness(photo: Image.Image) -> float:
        return float(np.abs(np.diff(np.asarray(photo, float), axis=1)).mean())

    assert max(map(roughness, nothing_to_see("blank", 6))) < min(map(roughness, nothing_to_see("noise", 8)))


def test_admitting_ignorance_is_counted():
    score = photo_score(
        "real",
        [
            said("unknown", "striped", "high", 0.95),
            said("denim", "striped", "low", 0.5),
            said("denim", "striped", "high", 0.9),
            said("denim", "striped", "medium", 0.89),
        ],
    )
    assert (score.photos, score.unknown, score.low_confidence, score.names_nothing) == (4, 0.25, 0.25, 0.5)
    assert (score.high_confidence, score.is_sure) == (0.5, 0.25)


def test_photos_are_asked_about_in_slices():
    photos = [Image.new("RGB", (4, 4), "red")] * 40
    progress = []
    score = evaluate_photos(FakeVisionLanguageModel(), "real", photos, lambda *moved: progress.append(moved))
    assert (score.photos, score.is_sure, score.unknown) == (40, 1.0, 0.0)
    assert progress == [(0, 40), (32, 40), (40, 40)]


def test_real_photos_are_picked_evenly(tmp_path: Path):
    for number in range(10):
        write_photo(tmp_path, f"{number}.jpg", (number * 20, 0, 0))
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "notes.txt").write_text("no photo either")
    assert len(real_photos(tmp_path, 100)) == 10
    reds = [photo.getpixel((0, 0))[0] for photo in real_photos(tmp_path, 4)]
    assert reds == sorted(reds)
    assert reds[0] < 30 and reds[-1] > 130


def test_a_folder_without_photos_is_refused(tmp_path: Path):
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    with pytest.raises(SettingsError, match=r"in which no photo opens; give a folder of photos that end in \.jpg"):
        real_photos(tmp_path, 10)
    with pytest.raises(SettingsError, match=r"which is not a folder; give a folder of real product photos"):
        evaluate(FEW, off_domain=tmp_path / "nowhere")


def test_a_folder_without_models_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"has no demo-vlm; name one with both models, as `make demo-models`"):
        evaluate(FEW, weights=tmp_path)


def test_the_command_prints_what_the_card_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_clip: ClipScores):
    write_photo(tmp_path, "one.jpg", (200, 0, 0))
    monkeypatch.setattr(evaluation, "evaluate_clip", lambda *_, **__: fake_clip)
    measured = []
    monkeypatch.setattr(
        "fashion_assets.cli.demo_evaluate.evaluate_models",
        lambda *a, **k: measured.append(evaluate(*a, **k)) or measured[0],
    )
    result = CliRunner().invoke(app, ["demo", "evaluate", "--products", str(FEW), "--off-domain", str(tmp_path)])
    assert result.exit_code == 0, result.output
    card = vlm_card(measured[0])
    for table in vlm_tables(measured[0]):
        assert table.title in result.output and f"### {table.title}\n" in card
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert f"| {' | '.join(row)} |" in card
            assert all(cell in result.output for cell in row)
    assert "not measured" not in result.output
    assert "| real | 1 |" in card
    assert "{" not in card + clip_card(measured[0])  # every gap of the texts is filled
    of_vlm, _, of_clip = result.output.partition("\nCLIP\n")
    assert "black boots (0.2)" in of_clip
    assert max(len(line) for line in of_vlm.splitlines() if line.startswith("│")) <= 100
