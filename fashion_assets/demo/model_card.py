"""The README.md beside each demo model's weights, with figures as `evaluate` measured them."""

from fashion_assets.demo.evaluate import DemoScores
from fashion_assets.demo.evaluate_clip import ClipScores
from fashion_assets.demo.evaluate_vlm import VlmScores
from fashion_assets.demo.models import clip_folder, vlm_folder

_SELECTIONS = {
    "catalog": "a shop's mix",
    "balanced": "the balanced mix",
    "unseen": "combinations never trained on",
}

_VLM_CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: image-text-to-text
---
# fashion_assets demo VLM

A small vision-language model of SmolVLM's architecture (Idefics3, {size}), so that the whole pipeline runs
without a network and without a GPU. It was trained from nothing, only on pictures that `fashion_assets.demo` renders.
**It knows nothing about real photos**: use `HuggingFaceTB/SmolVLM-Instruct` or larger for those.

It answers the project's three questions about a product photo (letterboxed to a square, shrunk to 120 x 120) with JSON
as `json.dumps` writes it, so a constrained decoder must allow the blanks after commas and colons.

## Held-out scores

Freshly rendered products of another random world, {products} of each selection, greedy decoding held to the taxonomy,
share of exactly right answers; in brackets what always giving the most frequent answer would score.

| attribute | {titles} |
| --- |{rules}
{rows}
| answers of which no value was forced | {unforced} |

Style keywords and details are lists: exact lists, and F1 of single items.

## Recipe

- Vision: 120 px, patches of 12 px, width 192, 5 layers, 25 image tokens; text: Llama, width 160, 3 layers; all in
  half precision.
- Data: 48,000, later 64,000 rendered photos, two of three from a mix in which all values are about equally frequent;
  one of twelve combinations of type, material, pattern and colour left out; JPEG, mirror, shift, contrast and noise;
  blank photos.
- Stage A teaches the vision tower with a linear head for each attribute; stage B the whole model, loss on the answers
  only, two of three batches in the project's own words and one in other words, a quarter with the text first; stage C
  goes on with twice the photos and one question for each, and is then repeated.
- Two CPU cores, about two hours: `python -m fashion_assets.demo.train vlm`, then twice more, with
  `--resume c --vlm-steps 0 0 690 --seed 5` and with `--resume c --vlm-steps 0 0 1950 --seed 21 --photos 64000`. These
  weights were trained under a limit of minutes on a shared machine, which came to 460, 1,040, 480, 690 and 1,950 steps,
  all but the last on pictures with smaller pockets, buttons, zippers, cords and badges; the same steps from the same
  seeds give about, not exactly, the same weights.

## Limitations

Rendered products only; English; the taxonomy it was trained with. Fine details are at the limit of 120 pixels. An
edited question is understood if it stays near the trained wordings; a new taxonomy value is never answered.
"""

_CLIP_CARD = """---
license: apache-2.0
library_name: open_clip
pipeline_tag: zero-shot-image-classification
---
# fashion_assets demo CLIP

A small CLIP ({size}) in open_clip's format, trained only on pictures that `fashion_assets.demo` renders, so that search
works without a network and without a GPU. **It knows nothing about real photos**, and only the words in `words.txt`.

## Held-out scores

Text to photo among {products} distinct freshly rendered products of another random world.

| figure | score |
| --- | --- |
| full caption, own photo first (R@1) | {recall_at_1:.2f} |
| full caption, own photo among the first five (R@5) | {recall_at_5:.2f} |
| article and one trait ("leather bag"), precision of the first five | {precision_at_5_one_trait:.2f} |
| article and two traits ("blue denim jacket"), precision of the first five | {precision_at_5_two_traits:.2f} |

Chance is {chance:.3f} for R@1.

## Recipe

- Image tower: copied from the demo VLM (for these weights before its last two stages, and on pictures with smaller
  pockets, buttons, zippers, cords and badges), then trained on; text: width 128, 3 layers, 77 tokens; 128 dimensions.
- Captions from two words to whole descriptions; every photo of a batch that fits a caption counts as its match.
- Two CPU cores, about a quarter of an hour, 330 steps: `python -m fashion_assets.demo.train clip`.

## Limitations

Rendered products only; English; other words than those in `words.txt` tell it nothing (`fashion search` warns). Gender,
brand and season cannot be seen in the photos, and it was taught to ignore them.
"""


def write_model_cards(scores: DemoScores) -> None:
    """Write both cards into the weights folders."""
    (vlm_folder() / "README.md").write_text(_vlm_card(scores.vlm), encoding="utf-8")
    (clip_folder() / "README.md").write_text(_clip_card(scores.clip), encoding="utf-8")


def _vlm_card(scores: dict[str, VlmScores]) -> str:
    columns = list(scores.values())
    rows = ["| " + " | ".join([group[0].attribute, *map(_cell, group)]) + " |" for group in _by_attribute(columns)]
    return _VLM_CARD.format(
        size=_size(vlm_folder() / "model.safetensors"),
        products=max(score.products for score in columns[0].attributes),
        titles=" | ".join(_SELECTIONS[selection] for selection in scores),
        rules=" --- |" * len(scores),
        rows="\n".join(rows),
        unforced=" | ".join(f"{column.unforced:.1%}" for column in columns),
    )


def _by_attribute(columns: list[VlmScores]):
    return zip(*(column.attributes for column in columns), strict=True)


def _cell(score) -> str:
    f1 = "" if score.f1 is None else f", F1 {score.f1:.2f}"
    return f"{score.accuracy:.2f}{f1} ({score.majority:.2f})"


def _clip_card(scores: ClipScores) -> str:
    size = _size(clip_folder() / "open_clip_model.safetensors")
    return _CLIP_CARD.format(size=size, chance=1 / scores.products, **scores.__dict__)


def _size(file) -> str:
    size = file.stat().st_size  # two bytes a weight
    return f"{size / 2e6:.1f} million weights, {size / 1e6:.1f} MB"
