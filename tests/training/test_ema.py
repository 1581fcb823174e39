"""The average: exact in float32, applied and undone bit for bit."""

import pytest
import torch
from torch import nn

from cyclorama.training.ema import EMA


def test_the_shadow_is_the_average_and_the_weights_come_back():
    net = nn.Linear(2, 2).bfloat16()
    net.bias.requires_grad_(False)
    ema = EMA({"net": net}, decay=0.5)
    before, bias = net.weight.detach().clone(), net.bias.detach().clone()
    with torch.no_grad():
        net.weight += 1
    after = net.weight.detach().clone()
    ema.update(1000)
    torch.testing.assert_close(ema.shadow["net.weight"], (before.float() + after.float()) / 2)
    assert ema.shadow.keys() == {"net.weight"}
    with ema.applied():
        assert torch.equal(net.weight, ema.shadow["net.weight"].bfloat16())
    assert torch.equal(net.weight, after)
    assert torch.equal(net.bias, bias)


def test_early_updates_forget_the_start():
    net = nn.Linear(1, 1)
    ema = EMA({"net": net}, decay=0.999)
    with torch.no_grad():
        net.weight.fill_(5.0)
    for step in range(60):
        ema.update(step)
    torch.testing.assert_close(ema.shadow["net.weight"], net.weight.detach(), rtol=1e-3, atol=1e-3)


def test_the_average_of_other_modules_is_refused():
    with pytest.raises(ValueError, match="other parameters"):
        EMA({"net": nn.Linear(1, 1)}, decay=0.9).load({"x": torch.zeros(1)})
