"""Training of the demo CLIP: it learns to read without photos, then to put photos where their captions are.

The image tower starts as the demo vision-language model's. What is in a batch is decided in `batches.py`, what is
right in `loss.py`, and reading is taught in `reading.py`.
"""

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import open_clip
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from training.budget import Budget
from training.clip.batches import describable, photo_batches
from training.clip.loss import batch_loss
from training.clip.model import new_model, prepare_folder, save
from training.clip.reading import teach_reading
from training.optimizers import Optimizer, Rates
from training.training_set import TrainingSet
from training.vlm.batches import spoiled

log = logging.getLogger(__name__)

READING_STEPS = 300

_LOG_EVERY_STEPS = 20
_WARMUP_STEPS = 30
_RATES = Rates(5e-3, 1e-3)
_VISION_RATES = Rates(3e-3, 4e-4)
"""Of the image tower, which was trained before and changes slowly."""


# Torch's fused attention is slow on a CPU, as the training of the vision-language model showed.
@sdpa_kernel(SDPBackend.MATH)
def train_clip(
    sets: Iterator[TrainingSet],
    vlm: Path,
    folder: Path,
    budget: Budget,
    seed: int,
    batch_size: int = 160,
    reading_steps: int = READING_STEPS,
) -> None:
    """Train on `sets`, each for about one pass, starting from the vision tower of the model in `vlm`.

    `budget` counts the steps with photos; a budget in minutes includes the `reading_steps` before them. The model is
    written to `folder`, also on the way.
    """
    torch.manual_seed(seed)
    prepare_folder(folder, seed)
    model = new_model(folder, vlm).train()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    sets = map(describable, sets)
    first = next(sets)
    teach_reading(model, tokenizer, first.products, Budget(reading_steps), seed, batch_size)
    is_vision = {id(weight) for weight in model.visual.parameters()} - {id(model.visual.proj)}
    vision = [(name, weight) for name, weight in model.named_parameters() if id(weight) in is_vision]
    rest = [(name, weight) for name, weight in model.named_parameters() if id(weight) not in is_vision]
    optimizer = Optimizer([(vision, _VISION_RATES), (rest, _RATES)])
    batches = photo_batches(itertools.chain([first], sets), batch_size, seed)
    losses: list[float] = []
    while not budget.is_spent:
        pixels, batch = next(batches)
        with torch.autocast("cpu", torch.bfloat16):
            photos = model.encode_image(spoiled(pixels))
        loss = batch_loss(model, tokenizer, photos, batch)
        optimizer.step(loss, budget.learning_rate_factor(_WARMUP_STEPS))
        budget.step += 1
        losses.append(loss.item())
        if budget.step % _LOG_EVERY_STEPS == 0:
            log.info("%5d  %4.0f s  loss %.3f", budget.step, budget.seconds, np.mean(losses[-_LOG_EVERY_STEPS:]))
            save(model, folder)
    save(model, folder)
