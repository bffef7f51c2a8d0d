"""Which optimizer moves which weight, and how far."""

import torch
from torch import nn

from training.optimizers import Optimizer, Rates


class Tiny(nn.Module):
    """A matrix within a transformer's layer, with a bias, and a matrix outside of it."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.ModuleList([nn.Linear(4, 4)])
        self.head = nn.Linear(4, 2, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers[0](x))


def moved(model: Tiny, rates: Rates, factor: float = 1.0) -> dict[str, torch.Tensor]:
    """How far one step moves each weight."""
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    loss = model(torch.ones(3, 4)).square().sum()
    Optimizer([(list(model.named_parameters()), rates)]).step(loss, factor)
    return {name: weight.detach() - before[name] for name, weight in model.named_parameters()}


def test_rates_are_for_their_own_weights():
    inner = moved(Tiny(), Rates(inner=0.1, other=0.0))
    assert inner["layers.0.weight"].abs().max() > 0
    assert inner["layers.0.bias"].abs().max() == inner["head.weight"].abs().max() == 0
    other = moved(Tiny(), Rates(inner=0.0, other=0.1))
    assert other["layers.0.weight"].abs().max() == 0
    assert other["layers.0.bias"].abs().max() > 0 and other["head.weight"].abs().max() > 0


def test_an_adam_step_is_as_long_as_its_rate_and_biases_do_not_decay():
    model = Tiny()
    nn.init.constant_(model.layers[0].bias, 100.0)
    bias = moved(model, Rates(inner=0.0, other=0.01))["layers.0.bias"]
    assert torch.allclose(bias.abs(), torch.full((4,), 0.01), rtol=1e-3)  # decay would have made it 0.06


def test_the_factor_scales_a_step():
    whole, half = (moved(Tiny(), Rates(0.0, 0.01), factor)["layers.0.bias"] for factor in (1.0, 0.5))
    assert torch.allclose(whole, 2 * half, rtol=1e-3)


def test_steps_go_down_the_loss():
    model, x = Tiny(), torch.randn(16, 4, generator=torch.Generator().manual_seed(0))
    wanted = x[:, :2] - x[:, 2:]
    optimizer = Optimizer([(list(model.named_parameters()), Rates(0.05, 0.05))])
    losses = []
    for step in range(60):
        loss = (model(x) - wanted).square().mean()
        losses.append(loss.item())
        optimizer.step(loss, 1 - step / 60)
    assert losses[-1] < 0.1 * losses[0]


def test_two_groups_keep_their_own_rates():
    model = Tiny()
    layers, head = (
        [pair for pair in model.named_parameters() if pair[0].startswith(part)] for part in ("layers", "head")
    )
    before = model.head.weight.detach().clone()
    optimizer = Optimizer([(layers, Rates(0.1, 0.1)), (head, Rates(0.0, 0.0))])
    optimizer.step(model(torch.ones(3, 4)).square().sum(), 1.0)
    assert torch.equal(model.head.weight, before)
    assert not torch.equal(model.layers[0].weight, Tiny().layers[0].weight)
