"""Training of the demo CLIP: contrastive, where every photo that fits a caption counts as its match.

Captions mention only some traits, so in a batch several photos may fit one; treating only the caption's own photo as
right would teach the model to guess. The targets are spread evenly over all that fit.
"""

import logging
import random
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F

from fashion_assets.demo.attributes import DemoProduct
from fashion_assets.demo.budget import Budget
from fashion_assets.demo.captions import TRAITS, Caption, random_caption, traits_of
from fashion_assets.demo.clip_model import new_model, prepare_folder, save
from fashion_assets.demo.training_set import TrainingSet
from fashion_assets.demo.vlm_batches import pixels_of, spoiled

log = logging.getLogger(__name__)

_LOG_EVERY_STEPS = 20


def train_clip(
    data: TrainingSet,
    vlm: Path,
    folder: Path,
    budget: Budget,
    seed: int,
    batch_size: int = 160,
    rate: float = 1e-3,
    vision_rate: float = 3e-4,
) -> None:
    """Train on `data`, starting from the vision tower of the model in `vlm`, and write the model to `folder`."""
    torch.manual_seed(seed)
    rng, text_rng = np.random.default_rng(seed), random.Random(seed)
    prepare_folder(folder, seed)
    model = new_model(folder, vlm).train()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    readable = np.array([i for i, product in enumerate(data.products) if product.clarity != "ruined"])
    traits = trait_matrix([data.products[i] for i in readable])
    optimizer = _optimizer(model, rate, vision_rate)
    losses: list[float] = []
    while not budget.is_spent:
        chosen = rng.integers(0, len(readable), batch_size)
        captions = [random_caption(data.products[i], text_rng) for i in readable[chosen]]
        pixels = spoiled(pixels_of(data.photos[readable[chosen]]))
        tokens = tokenizer([caption.text for caption in captions])
        loss = _loss(model, pixels, tokens, fits(captions, traits[chosen], traits[chosen]))
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * budget.learning_rate_factor(30)
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


def trait_matrix(products: list[DemoProduct]) -> torch.Tensor:
    """(products, traits): a number for each trait's value, comparable within a column."""
    rows = [traits_of(product) for product in products]
    codes: dict[tuple[str, object], int] = {}
    return torch.tensor([[codes.setdefault((t, row[t]), len(codes)) for t in TRAITS] for row in rows])


def fits(captions: list[Caption], own: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """(captions, photos): does a photo have every trait that the caption mentions? `own` are the captions' products."""
    mentioned = torch.tensor([[trait in caption.mentioned for trait in TRAITS] for caption in captions])
    return ((own[:, None] == others[None]) | ~mentioned[:, None]).all(-1)


def _loss(model: torch.nn.Module, pixels: torch.Tensor, tokens: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        photos, texts = model.encode_image(pixels), model.encode_text(tokens)
    photos, texts = F.normalize(photos.float(), dim=-1), F.normalize(texts.float(), dim=-1)
    scores = model.logit_scale.exp().clamp(max=100) * texts @ photos.T
    targets = matches.float()
    per_text = (targets / targets.sum(1, keepdim=True) * scores.log_softmax(1)).sum(1).mean()
    per_photo = (targets / targets.sum(0, keepdim=True) * scores.log_softmax(0)).sum(0).mean()
    return -(per_text + per_photo) / 2


def _optimizer(model: torch.nn.Module, rate: float, vision_rate: float) -> torch.optim.AdamW:
    vision = list(model.visual.parameters())
    in_vision = {id(p) for p in vision}
    rest = [p for p in model.parameters() if id(p) not in in_vision]
    groups = [{"params": vision, "peak": vision_rate}, {"params": rest, "peak": rate}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), weight_decay=0.02, fused=True)
