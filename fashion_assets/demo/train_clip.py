"""Training of the demo CLIP: contrastive, where every photo that fits a caption counts as its match.

Captions mention only some traits, so in a batch several photos may fit one; treating only the caption's own photo as
right would teach the model to guess. So each match is to score above all that do not fit, and matches do not compete
with each other. What is in a batch is decided in `clip_batches.py`.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F

from fashion_assets.demo.budget import Budget
from fashion_assets.demo.clip_batches import ClipBatch, clip_batches
from fashion_assets.demo.clip_model import new_model, prepare_folder, save
from fashion_assets.demo.training_set import TrainingSet
from fashion_assets.demo.vlm_batches import spoiled

log = logging.getLogger(__name__)

_LOG_EVERY_STEPS = 20
_WARMUP_STEPS = 30
_LARGEST_SCALE = 100.0


def train_clip(
    sets: Iterator[TrainingSet],
    vlm: Path,
    folder: Path,
    budget: Budget,
    seed: int,
    batch_size: int = 160,
    rate: float = 1e-3,
    vision_rate: float = 3e-4,
) -> None:
    """Train on `sets`, each for about one pass, starting from the vision tower of the model in `vlm`.

    The model is written to `folder`, also on the way. `rate` and `vision_rate` are the peak learning rates.
    """
    torch.manual_seed(seed)
    prepare_folder(folder, seed)
    model = new_model(folder, vlm).train()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    optimizer = _optimizer(model, rate, vision_rate)
    batches = clip_batches(sets, batch_size, seed)
    losses: list[float] = []
    while not budget.is_spent:
        loss = _loss(model, tokenizer, next(batches))
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


def contrast(scores: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    """The mean loss of rows of `scores` (n, m), of which those with `matches` (n, m, bool) should be the highest.

    For each match: how likely a softmax over it and the row's mismatches is to choose a mismatch.
    """
    mismatches = scores.masked_fill(matches, -1e4).logsumexp(1, keepdim=True)
    loss = F.softplus(mismatches - scores) * matches
    return (loss.sum(1) / matches.sum(1)).mean()


def encode_texts(model: torch.nn.Module, tokens: torch.Tensor) -> torch.Tensor:
    """As `model.encode_text` of `tokens` (n, context), but without computing the padding: (n, dimension).

    The attention is causal, so what comes after a text's end changes nothing; short queries become six times cheaper.
    """
    length = int((tokens != 0).sum(1).max())
    tokens = tokens[:, :length]
    hidden = model.token_embedding(tokens) + model.positional_embedding[:length]
    hidden = model.ln_final(model.transformer(hidden, attn_mask=model.attn_mask[:length, :length]))
    ends = (tokens == model.text_eos_id).int().argmax(1)
    return hidden[torch.arange(len(tokens)), ends] @ model.text_projection


def _loss(model: torch.nn.Module, tokenizer, batch: ClipBatch) -> torch.Tensor:
    """Short queries to photos, long captions to photos, and photos to all captions."""
    with torch.autocast("cpu", torch.bfloat16):
        photos = model.encode_image(spoiled(batch.pixels))
        short, long = (encode_texts(model, tokenizer(texts)) for texts in (batch.short, batch.long))
    photos, short, long = (F.normalize(vectors.float(), dim=-1) for vectors in (photos, short, long))
    scale = model.logit_scale.exp().clamp(max=_LARGEST_SCALE)
    of_short, of_long = scale * short @ photos.T, scale * long @ photos.T
    of_photos = torch.cat([of_short, of_long]).T
    photo_fits = torch.cat([batch.short_fits, batch.long_fits]).T
    return (
        contrast(of_short, batch.short_fits) + contrast(of_long, batch.long_fits) + contrast(of_photos, photo_fits)
    ) / 3


def _optimizer(model: torch.nn.Module, rate: float, vision_rate: float) -> torch.optim.AdamW:
    vision = list(model.visual.parameters())
    in_vision = {id(p) for p in vision}
    rest = [p for p in model.parameters() if id(p) not in in_vision]
    groups = [{"params": vision, "peak": vision_rate}, {"params": rest, "peak": rate}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
