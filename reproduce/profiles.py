"""Where panoramas change, which neither a seam nor a Fréchet distance tells.

From row to row, by latitude: a horizon that is doubled or misplaced shows here, and so does a border between views at
one height. From column to column, by the place in a view: borders between the views of the horizon show here.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation import Interval, mean_interval
from cyclorama.media.images import read_image

NUM_BANDS, NUM_RESAMPLES = 32, 1000
HORIZON_DEG, BORDER = 30, 1 / 30
"""Half the height around the horizon, and the share of a view's width at each side that is its border."""


def profiles(paths: Iterable[Path]) -> Float[Tensor, "pictures bands"]:
    """Mean steps between rows in bands of equal height, each picture's over its mean."""
    steps = [read_image(path).diff(dim=-2).abs().mean((0, 2)) for path in paths]
    bands = torch.stack([torch.stack([part.mean() for part in one.chunk(NUM_BANDS)]) for one in steps])
    return bands / bands.mean(1, keepdim=True)


def profile_difference(ours: Float[Tensor, "pictures bands"], renders: Float[Tensor, "renders bands"]) -> Interval:
    """The mean difference of the mean profiles over the bands; 0 is the renders' own. Ours are resampled."""
    wanted, draw = renders.mean(0), torch.Generator().manual_seed(0)
    resampled = torch.stack(
        [ours[torch.randint(len(ours), (len(ours),), generator=draw)].mean(0) for _ in range(NUM_RESAMPLES)]
    )
    low, high = (resampled - wanted).abs().mean(1).quantile(torch.tensor([0.025, 0.975])).tolist()
    return Interval((ours.mean(0) - wanted).abs().mean().item(), low, high, len(ours))


def border_steps(paths: Sequence[Path], yaws_deg: Sequence[float], num_views: int) -> Interval:
    """The mean step between columns at the borders of the horizon's views, over that of all columns.

    `yaws_deg` is where one of a picture's `num_views` views looks; 1 is a border like any other place.
    """
    return mean_interval(
        torch.tensor([_border_step(*one, 360 / num_views) for one in zip(paths, yaws_deg, strict=True)])
    )


def _border_step(path: Path, yaw_deg: float, width_deg: float) -> float:
    image = read_image(path)
    margin = round(image.shape[-2] * (0.5 - HORIZON_DEG / 180))
    steps = (image - image.roll(1, -1))[:, margin:-margin].abs().mean((0, 1))
    columns = torch.arange(len(steps)) * 360 / len(steps) - 180
    inside = ((columns - yaw_deg) / width_deg + 0.5) % 1
    at_border = (inside < BORDER) | (inside > 1 - BORDER)
    return (steps[at_border].mean() / steps.mean()).item()
