"""The scores of the demo models as tables of text, for `python -m training.evaluate` and for the model cards.

Both take the tables from here, so that they cannot differ; drawing them is their own business.
"""

import math
from dataclasses import dataclass

from fashion_assets.demo.vocabulary import ATTRIBUTES
from fashion_assets.quality.labels.calibration import BINS, Group
from training.evaluation.clip import ClipScores, clip_rows
from training.evaluation.photos import CONFIDENT_PROBABILITY
from training.evaluation.scores import DemoScores
from training.evaluation.vlm import AttributeScore, VlmScores

SELECTIONS = {"balanced": "balanced mix", "unseen": "never trained on", "catalog": "a shop's mix"}

GOALS = {
    "material": 0.90,
    "pattern": 0.94,
    "formality": 0.85,
    "style_keywords": 0.75,
    "details": 0.80,
    "collar": 0.95,
    "sleeves": 0.98,
    "fit": 0.95,
}
"""Accuracy, or F1 for the lists."""

MOST_DIFFERENCE = 0.03
MOST_CALIBRATION_ERROR = 0.05
LEAST_NAMING_NOTHING = 0.95

_OFF_DOMAIN_COMMAND = "python -m training.evaluate --off-domain FOLDER"


@dataclass(frozen=True)
class ScoreTable:
    """A table of text with its title, and what one must know to read it."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def vlm_tables(scores: DemoScores) -> list[ScoreTable]:
    """All figures of the vision-language model."""
    return [_attributes(scores), _wordings(scores), *_calibration(scores), _photos(scores)]


def clip_table(scores: ClipScores) -> ScoreTable:
    """All figures of the CLIP."""
    note = "Text to photo among freshly rendered products of another random world."
    return ScoreTable("CLIP", note, ("figure", "score"), clip_rows(scores))


def _attributes(scores: DemoScores) -> ScoreTable:
    selections = list(scores.vlm.values())
    rows = [
        ("products", *(f"{selection.products:,}" for selection in selections), ""),
        ("garments among them", *(_garments(selection) for selection in selections), ""),
    ]
    for key in ATTRIBUTES:
        scored = [{score.attribute: score for score in selection.attributes}.get(key) for selection in selections]
        if not any(scored):
            continue
        goal = f"{GOALS[key]:.2f}"
        if ATTRIBUTES[key].is_list:
            rows.append((f"{key}, F1", *(f"{score.f1:.3f}" if score else "" for score in scored), goal))
            rows.append((f"{key}, whole list", *map(_accuracy, scored), ""))
        else:
            rows.append((key, *map(_accuracy, scored), goal))
    rows.append(("answers", *(f"{selection.answers:,}" for selection in selections), ""))
    rows.append(("of these its own", *(f"{selection.unforced:.1%}" for selection in selections), ""))
    return ScoreTable(
        "Held-out products",
        "Share of right answers about freshly rendered products of another random world, in brackets what always "
        "giving the most frequent answer would score; for lists also F1 of single items. About one of twelve in the "
        "balanced mix is a combination of type, material, pattern and colour that was never trained on; the second "
        "column has only those. Collar, sleeves and fit are asked of garments. An answer is the model's own if the "
        "decoder had to force no value.",
        ("attribute", *(SELECTIONS[selection] for selection in scores.vlm), "goal"),
        rows,
    )


def _accuracy(score: AttributeScore | None) -> str:
    return f"{score.accuracy:.3f} ({score.majority:.2f})" if score else ""


def _garments(scores: VlmScores) -> str:
    return f"{max((score.products for score in scores.attributes if score.attribute == 'fit'), default=0):,}"


def _wordings(scores: DemoScores) -> ScoreTable:
    return ScoreTable(
        "Asked in another way",
        "The same products of the balanced mix, asked with the shipped prompts, with five paraphrases of each that "
        "were never trained on (of which the worst counts), and with the photo or the question first; accuracy, or F1 "
        f"for lists, and differences in points. Goal: not more than {100 * MOST_DIFFERENCE:.0f} points, both times.",
        ("attribute", "of", "shipped", "paraphrased", "points", "photo first", "question first", "points"),
        [
            (
                score.attribute + (", F1" if score.is_list else ""),
                f"{score.products:,}",
                f"{score.shipped:.3f}",
                f"{score.worst_paraphrase:.3f}",
                _points(score.paraphrase_difference),
                f"{score.orders['photo-first']:.3f}",
                f"{score.orders['question-first']:.3f}",
                _points(score.order_difference),
            )
            for score in scores.wordings
        ],
    )


def _calibration(scores: DemoScores) -> list[ScoreTable]:
    balanced = scores.vlm["balanced"].calibration
    columns = ("answers", "mean probability", "material right")
    return [
        ScoreTable(
            "Calibration",
            "Expected calibration error (Guo et al. 2017) of the probability that comes with the material: the mean "
            f"gap between probability and share of right answers in {BINS} bins of equal width.",
            ("products", "answers", "calibration error", "goal"),
            [
                (
                    SELECTIONS[selection],
                    f"{scored.calibration.answers:,}",
                    _share(scored.calibration.error),
                    f"{MOST_CALIBRATION_ERROR:.2f} at most",
                )
                for selection, scored in scores.vlm.items()
            ],
        ),
        ScoreTable(
            "Reliability", "The bins, over the balanced mix.", ("probability", *columns), _group_rows(balanced.bins)
        ),
        ScoreTable(
            "What its confidence means",
            "The confidence that it answers, over the balanced mix.",
            ("confidence", *columns),
            _group_rows(balanced.by_confidence),
        ),
    ]


def _photos(scores: DemoScores) -> ScoreTable:
    is_measured = any(score.kind == "real" for score in scores.photos)
    return ScoreTable(
        "Photos unlike its training",
        "What it says about the material in photos of nothing, and in real ones, about which it knows nothing. It is "
        f"sure where it names a material, not unknown, with a probability of {CONFIDENT_PROBABILITY} or more. Goal: "
        f"unknown or low confidence for {LEAST_NAMING_NOTHING:.0%} of the blank and noisy photos."
        + ("" if is_measured else f" Real photos: not measured; `{_OFF_DOMAIN_COMMAND}` does."),
        (
            "photos",
            "count",
            "unknown",
            "low confidence",
            "either",
            "high confidence",
            "sure",
        ),
        [
            (
                score.kind,
                f"{score.photos:,}",
                f"{score.unknown:.1%}",
                f"{score.low_confidence:.1%}",
                f"{score.names_nothing:.1%}",
                f"{score.high_confidence:.1%}",
                f"{score.is_sure:.1%}",
            )
            for score in scores.photos
        ],
    )


def _group_rows(groups: list[Group]) -> list[tuple[str, ...]]:
    return [(group.label, f"{group.count:,}", _share(group.probability), _share(group.accuracy)) for group in groups]


def _share(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.3f}"


def _points(difference: float) -> str:
    return f"{100 * difference:+.1f}"
