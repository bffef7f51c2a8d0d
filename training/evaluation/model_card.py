"""The README.md next to each demo model's weights, with the figures that `evaluate` measured."""

from collections.abc import Iterable
from pathlib import Path
from textwrap import fill

from fashion_assets.demo.models import SHIPPED_WEIGHTS, clip_folder, vlm_folder
from training.evaluation.score_tables import ScoreTable, clip_table, vlm_tables
from training.evaluation.scores import DemoScores

VLM_RECIPE = """\
- Vision: 120 px, patches of 12 px, width 192, 5 layers, 25 image tokens; text: Llama, width 160, 3 layers; all in
  half precision.
- Data: 12,000 photos newly rendered for every epoch and shown three times, each time mirrored, shifted, and with
  contrast and noise of its own; two of three from a mix in which all values are about equally frequent; one of twelve
  combinations of type, material, pattern and colour left out. JPEG of changing quality, wider margins. One of ten
  products is of something that no material looks like; one of twelve photos is blank, noisy, cut to pieces, two over
  each other, or shows a thing that is no product.
- Stage A teaches the vision tower with a linear head for each attribute; stage B the whole model, loss on the answers
  only, three of five batches in the project's own words and two in others of up to 340 tokens, half with the text
  first; stage C goes on with twice the photos and one question for each, of garments mostly theirs; stage D asks all of
  them again, that of garments twice. `confidence` is what the material's head is sure of at that moment: high from 0.9,
  medium from 0.6. Muon for the matrices inside the transformers, AdamW for all else.
- `python -m training.train vlm`: 3,000, 300, 2,400 and 2,700 steps. These weights were trained from seed 0
  on two CPU cores in 87 minutes, with other work beside it; stage D in parts of 1,200, 1,000 and 520 steps, each with a
  learning rate schedule of its own, and only the last with three-quarter sleeves as they are drawn now. One run without
  parts has not been measured."""

CLIP_RECIPE = """\
- Text tower first, for 300 steps, with a table of the products' true traits in place of photos.
- Image tower: copied from the demo VLM, then trained on; text: width 128, 3 layers, 77 tokens; 128 dimensions.
- Three captions a photo: two as short as queries, one long, some of these worded as enriched descriptions; half of the
  batches hold only four to eight article types. Every photo that fits a caption shall score above all that do not.
- `python -m training.train clip`: 800 steps. These weights were trained from seed 0 on two CPU cores in 20
  minutes, starting from the VLM as it was after the first part of its stage D, and with shorter three-quarter sleeves
  than are drawn now. Muon for the matrices inside the transformers, AdamW for all else."""

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

{tables}

## Recipe

{recipe}

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

{tables}

## Recipe

{recipe}

## Limitations

Rendered products only; English; other words than those in `words.txt` tell it nothing (`fashion search` warns). Gender,
brand and season cannot be seen in the photos, and it was taught to ignore them.
"""


def write_model_cards(scores: DemoScores, weights: Path = SHIPPED_WEIGHTS) -> None:
    """Write both cards next to the weights."""
    (vlm_folder(weights) / "README.md").write_text(vlm_card(scores, weights), encoding="utf-8")
    (clip_folder(weights) / "README.md").write_text(clip_card(scores, weights), encoding="utf-8")


def vlm_card(scores: DemoScores, weights: Path = SHIPPED_WEIGHTS) -> str:
    """The card of the vision-language model, in Markdown."""
    tables = "\n\n".join(f"### {table.title}\n\n{_markdown(table)}" for table in vlm_tables(scores))
    return _VLM_CARD.format(size=_size(vlm_folder(weights) / "model.safetensors"), tables=tables, recipe=VLM_RECIPE)


def clip_card(scores: DemoScores, weights: Path = SHIPPED_WEIGHTS) -> str:
    """The card of the CLIP, in Markdown."""
    size = _size(clip_folder(weights) / "open_clip_model.safetensors")
    return _CLIP_CARD.format(size=size, tables=_markdown(clip_table(scores.clip)), recipe=CLIP_RECIPE)


def _markdown(table: ScoreTable) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join([*fill(table.note, 120, break_long_words=False).splitlines(), "", *map(_line, lines)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _size(file: Path) -> str:
    size = file.stat().st_size  # two bytes a weight
    return f"{size / 2e6:.1f} million weights, {size / 1e6:.1f} MB"
