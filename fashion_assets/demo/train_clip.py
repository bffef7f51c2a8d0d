"""Training of the demo CLIP: it learns to read without photos, then to put photos where their captions are.

The image tower starts as the demo vision-language model's. What is in a batch is decided in `clip_batches.py`, what is
right in `clip_loss.py`, and reading is taught in `clip_text.py`.
"""

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import open_clip
import torch

from fashion_assets.demo.budget import Budget
from fashion_assets.demo.clip_batches import describable, photo_batches
from fashion_assets.demo.clip_loss import batch_loss
from fashion_assets.demo.clip_model import new_model, prepare_folder, save
from fashion_assets.demo.clip_text import teach_reading
from fashion_assets.demo.training_set import TrainingSet
from fashion_assets.demo.vlm_batches import spoiled

log = logging.getLogger(__name__)

READING_STEPS = 300

_LOG_EVERY_STEPS = 20
_WARMUP_STEPS = 30


def train_clip(
    sets: Iterator[TrainingSet],
    vlm: Path,
    folder: Path,
    budget: Budget,
    seed: int,
    batch_size: int = 160,
    reading_steps: int = READING_STEPS,
    rate: float = 1e-3,
    vision_rate: float = 3e-4,
) -> None:
    """Train on `sets`, each for about one pass, starting from the vision tower of the model in `vlm`.

    `budget` counts the steps with photos; a budget in minutes includes the `reading_steps` before them. The model is
    written to `folder`, also on the way. The peak learning rate is `vision_rate` for the image tower, `rate` for the
    rest.
    """
    torch.manual_seed(seed)
    prepare_folder(folder, seed)
    model = new_model(folder, vlm).train()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    sets = map(describable, sets)
    first = next(sets)
    teach_reading(model, tokenizer, first.products, Budget(reading_steps), seed, batch_size)
    optimizer = _optimizer(model, rate, vision_rate)
    batches = photo_batches(itertools.chain([first], sets), batch_size, seed)
    losses: list[float] = []
    while not budget.is_spent:
        pixels, batch = next(batches)
        with torch.autocast("cpu", torch.bfloat16):
            photos = model.encode_image(spoiled(pixels))
        loss = batch_loss(model, tokenizer, photos, batch)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * budget.learning_rate_factor(_WARMUP_STEPS)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        budget.step += 1
        losses.append(loss.item())
        if budget.step % _LOG_EVERY_STEPS == 0:
            log.info("%5d  %4.0f s  loss %.3f", budget.step, budget.seconds, np.mean(losses[-_LOG_EVERY_STEPS:]))
            save(model, folder)
    save(model, folder)


def _optimizer(model: torch.nn.Module, rate: float, vision_rate: float) -> torch.optim.AdamW:
    """The image tower was trained before and changes slowly; its new projection was not."""
    vision = [weight for name, weight in model.visual.named_parameters() if name != "proj"]
    in_vision = {id(p) for p in vision}
    rest = [p for p in model.parameters() if id(p) not in in_vision]
    groups = [{"params": vision, "peak": vision_rate}, {"params": rest, "peak": rate}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
