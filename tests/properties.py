"""Properties that many parts of the package share, stated once."""

from collections.abc import Callable

import torch
from torch import Tensor


def assert_yaw_equivariant(
    f: Callable[[Tensor], Tensor], image: Tensor, *, step: int = 1, out_step: int | None = None, atol: float = 0.0
) -> None:
    """Assert that turning the input turns the output: f(roll(image, k step)) == roll(f(image), k out_step).

    Both roll along their last dimension, by several whole numbers k, the seam's far side included. An encoder that
    shrinks by 8 has step 8, out_step 1; its decoder step 1, out_step 8. A loss or a figure that must not change has
    out_step 0. `out_step` is `step` unless told otherwise; `atol` 0 asks for the same bits.
    """
    out_step = step if out_step is None else out_step
    straight = f(image)
    turns = image.shape[-1] // step
    for k in sorted({1, turns // 3, turns // 2, turns - 1} - {0}):
        turned = f(image.roll(k * step, dims=-1))
        wanted = straight.roll(k * out_step, dims=-1) if out_step else straight
        torch.testing.assert_close(turned, wanted, rtol=0, atol=atol, msg=lambda m, k=k: f"turned by {k} x {step}: {m}")
