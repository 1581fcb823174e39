"""How much a panorama changes from row to row, by latitude: a horizon that is doubled or misplaced shows here, and so
does a border between views at one height, which neither a seam nor a Fréchet distance tells."""

from collections.abc import Iterable
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.evaluation import Interval
from cyclorama.media.images import read_image

NUM_BANDS, NUM_RESAMPLES = 32, 1000


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
