"""Teaching the demo CLIP to read before it sees a photo.

Reading is learned slowly and needs no photos: a table of the products' true traits replaces a photo tower that sees
everything. Such a step costs a quarter of one with photos, and when the photos are added, the vectors of the texts
already reflect their traits.
"""

import logging

import torch

from fashion_assets.demo.attributes import DemoProduct
from training.budget import Budget
from training.clip.batches import TRAIT_CODES, caption_batches
from training.clip.captions import TRAITS
from training.clip.loss import Tokenizer, batch_loss
from training.optimizers import Optimizer, Rates

log = logging.getLogger(__name__)

_LOG_EVERY_STEPS = 50
_WIDTH = 256
_RATES = Rates(1e-2, 2e-3)


class TraitTower(torch.nn.Module):
    """In place of a photo tower: from trait codes (n, traits) to vectors (n, dimension)."""

    def __init__(self, dimension: int):
        super().__init__()
        self.values = torch.nn.Embedding(TRAIT_CODES, _WIDTH)
        self.combine = torch.nn.Sequential(
            torch.nn.LayerNorm(_WIDTH),
            torch.nn.Linear(_WIDTH, _WIDTH),
            torch.nn.GELU(),
            torch.nn.Linear(_WIDTH, dimension),
        )

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return self.combine(self.values(codes).sum(1) / len(TRAITS) ** 0.5)


def teach_reading(
    model: torch.nn.Module,
    tokenizer: Tokenizer,
    products: list[DemoProduct],
    budget: Budget,
    seed: int,
    batch_size: int = 160,
) -> TraitTower:
    """Train the text tower of `model` on captions of `products`; returns what stood for the photo tower."""
    tower = TraitTower(model.text_projection.shape[1])
    reading = [(name, weight) for name, weight in model.named_parameters() if not name.startswith("visual.")]
    optimizer = Optimizer([([*reading, *tower.named_parameters()], _RATES)])
    for batch in caption_batches(products, batch_size, seed):
        if budget.is_spent:
            break
        loss = batch_loss(model, tokenizer, tower(batch.traits), batch)
        optimizer.step(loss, budget.learning_rate_factor(20))
        budget.step += 1
        if budget.step % _LOG_EVERY_STEPS == 0:
            log.info("%5d  %4.0f s  reading: loss %.3f", budget.step, budget.seconds, loss.item())
    return tower
