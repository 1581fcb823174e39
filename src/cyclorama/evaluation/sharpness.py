"""Sharpness as mean gradient energy, and its ratio to a reference set of the same size.

The energy is the mean over channels and pixels of (I[x+1] - I[x])^2 + (I[y+1] - I[y])^2, in float64, of values in
[0, 1]; circular in x for panoramas, not for views (`wrap=False`). Noise raises it as detail does: read it beside a
picture.
"""

from einops import reduce
from jaxtyping import Float, Float64
from torch import Tensor

from cyclorama.evaluation.intervals import Interval, ratio_interval


def gradient_energy(
    images: Float[Tensor, "batch channels height width"], *, wrap: bool = True
) -> Float64[Tensor, " batch"]:
    """Mean squared forward difference along x (across the seam too, with `wrap`) plus that along y."""
    images = images.double()
    along_x = images.roll(-1, -1) - images if wrap else images.diff(dim=-1)
    along_y = images.diff(dim=-2)
    return reduce(along_x.square(), "b c h w -> b", "mean") + reduce(along_y.square(), "b c h w -> b", "mean")


def sharpness_ratio(
    images: Float[Tensor, "batch channels height width"],
    reference: Float[Tensor, "num_reference channels reference_height reference_width"],
) -> Interval:
    """Mean gradient energy of `images` over that of `reference`, with a bootstrap interval; 1 when equally sharp."""
    if images.shape[-2:] != reference.shape[-2:]:
        got, wanted = (f"{h}x{w}" for h, w in (images.shape[-2:], reference.shape[-2:]))
        raise ValueError(
            f"got images of {got} and a reference of {wanted}, wanted one size; render the reference at {got}"
        )
    return ratio_interval(gradient_energy(images), gradient_energy(reference))
