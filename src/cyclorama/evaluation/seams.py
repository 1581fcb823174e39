"""The wrap of a panorama: does the last column continue in the first?

Every figure takes panoramas `[batch, channels, height, width]` with values in [0, 1], computes in float64 and gives one
number per image. A natural image differs from column to column, so no figure is 0 for a seamless picture: print the
renders' own value beside it.
"""

import torch
from einops import rearrange, reduce
from jaxtyping import Float, Float64
from torch import Tensor
from torch.nn.functional import conv2d

from cyclorama.geometry.seam import column_steps
from cyclorama.geometry.seam import seam_ratio as seam_ratio

SCHARR_X = ((-3.0, 0.0, 3.0), (-10.0, 0.0, 10.0), (-3.0, 0.0, 3.0))
GREY = (0.299, 0.587, 0.114)


def end_continuity(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, " batch"]:
    """Step across the seam, mean |I[:, 0] - I[:, -1]|: in the picture's own values, so a busy picture has more."""
    return column_steps(images)[:, 0]


def seam_rank(images: Float[Tensor, "batch channels height width"]) -> Float64[Tensor, " batch"]:
    """Share of the inner column steps that are smaller than the step across the seam; about 0.5 without a seam."""
    steps = column_steps(images)
    seam, inner = steps[:, :1], steps[:, 1:]
    return (inner < seam).double().mean(1) + 0.5 * (inner == seam).double().mean(1)


def seam_border_ratio(
    images: Float[Tensor, "batch channels height width"], *, token_size: int = 16
) -> Float64[Tensor, " batch"]:
    """Step across the seam over the mean step at the inner borders of the token columns.

    The fair figure for blocky pictures: the seam is a token border too.
    """
    steps = _checked(images, token_size=token_size)
    return steps[:, 0] / steps[:, token_size::token_size].mean(1)


def token_border_ratio(
    images: Float[Tensor, "batch channels height width"], *, token_size: int = 16
) -> Float64[Tensor, " batch"]:
    """Blockiness: mean step at the inner borders of the token columns over the mean of all other inner column steps.

    1 for a picture in which the grid of `token_size` pixels cannot be told.
    Rows are left out: the horizon itself is a token border.
    """
    inner = _checked(images, token_size=token_size)[:, 1:]
    at_border = torch.arange(1, inner.shape[1] + 1) % token_size == 0
    return inner[:, at_border].mean(1) / inner[:, ~at_border].mean(1)


def discontinuity_score(
    images: Float[Tensor, "batch 3 height width"], *, floor: float = 0.1
) -> Float64[Tensor, " batch"]:
    """DS: with a1..a4 the horizontal 3x3 Scharr responses (grey, unnormalised) to the last and first three columns,

        DS = 1/(2L) sum_y |a2| / (|a1| + c) + |a3| / (|a4| + c),  c = `floor`, L rows (all but the first and the last).

    a1 is centred on the last column but one, a2 on the last, a3 on the first, a4 on the second. A flat image with a
    seam step h gives 160 h; a seamless natural image 0.6 to 1.0, not 0. ValueError below 3 rows and 6 columns.
    """
    return _discontinuity_at(images, torch.zeros(1, dtype=torch.long), floor=floor)


def interior_discontinuity_score(
    images: Float[Tensor, "batch 3 height width"], *, floor: float = 0.1, num_columns: int = 16
) -> Float64[Tensor, " batch"]:
    """The DS that the picture has anyway: the mean over `num_columns` even places between its columns, far from the
    seam or near, never across it."""
    places = torch.linspace(3, max(images.shape[-1] - 3, 3), num_columns, dtype=torch.float64).round().long()
    return _discontinuity_at(images, places, floor=floor)


def _discontinuity_at(images: Tensor, places: Tensor, *, floor: float) -> Float64[Tensor, " batch"]:
    """Mean DS of the steps from column x - 1 to column x, for x in `places`."""
    height, width = images.shape[-2:]
    if height < 3 or width < 6:
        raise ValueError(
            f"got images of {height}x{width}, wanted 3 rows and 6 columns or more for a discontinuity score"
        )
    grey = torch.einsum("bchw,c->bhw", images.double(), images.new_tensor(GREY, dtype=torch.float64))
    columns = (places[:, None] + torch.arange(-3, 3)).to(images.device) % width
    strips = rearrange(grey[..., columns], "b h p w -> (b p) 1 h w")
    kernel = rearrange(strips.new_tensor(SCHARR_X), "h w -> 1 1 h w")
    a1, a2, a3, a4 = conv2d(strips, kernel).abs().unbind(-1)
    ratios = a2 / (a1 + floor) + a3 / (a4 + floor)
    return 0.5 * reduce(ratios, "(b p) 1 h -> b", "mean", p=len(places))


def _checked(images: Tensor, *, token_size: int) -> Tensor:
    width = images.shape[-1]
    if token_size < 2 or width % token_size or width < 2 * token_size:
        raise ValueError(
            f"got images {width} pixels wide for tokens of {token_size} pixels, wanted two whole tokens or more; "
            "pass the token_size of the model that made them"
        )
    return column_steps(images)
