"""The wrap of a panorama in numbers: does the last column continue in the first?"""

from einops import reduce
from jaxtyping import Float, Float64
from torch import Tensor


def column_steps(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, "batch width"]:
    """Mean |I[:, x] - I[:, x - 1]| of every column x; entry 0 is the step across the seam."""
    images = images.double()
    return reduce((images - images.roll(1, -1)).abs(), "b c h w -> b w", "mean")


def seam_ratio(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, " batch"]:
    """Step across the seam over the mean step between neighbouring inner columns; about 1 without a seam.

    Also called relative end continuity. Without any inner difference it is inf with a seam and nan without one.
    """
    steps = column_steps(images)
    return steps[:, 0] / steps[:, 1:].mean(1)
