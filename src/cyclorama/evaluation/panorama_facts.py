"""What can be measured on one panorama: its seam, its poles, and how it was held."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Shaped
from torch import Tensor

from cyclorama.evaluation.poles import pole_variance
from cyclorama.evaluation.seams import seam_ratio
from cyclorama.evaluation.tilt import Tilt, guess_tilt
from cyclorama.media.levels import to_dtype

_MOST_PIXELS = 2**22


@dataclass(frozen=True)
class PanoramaFacts:
    """`seam_ratio` as in `seams`; `pole_levels`: the standard deviation along the first and along the last row, in
    levels of 0 to 255; `tilt` as in `tilt`. None is what the picture does not show."""

    seam_ratio: float | None
    pole_levels: tuple[float, float]
    tilt: Tilt | None


def panorama_facts(pixels: Shaped[np.ndarray, "height width 3"]) -> PanoramaFacts:
    """The figures of an equirect, uint8, uint16 or float32. Of a big one the seam is measured on some of its rows."""
    height, width, _ = pixels.shape
    seam = float(seam_ratio(_to_images(pixels[:: -(-height * width // _MOST_PIXELS)])))
    up, down = (255 * pole_variance(_to_images(pixels[[0, -1]])).sqrt())[0].tolist()
    return PanoramaFacts(seam if math.isfinite(seam) else None, (up, down), guess_tilt(pixels))


def _to_images(pixels: Shaped[np.ndarray, "height width 3"]) -> Float[Tensor, "1 3 height width"]:
    levels = to_dtype(np.nan_to_num(pixels), "uint16")
    return rearrange(torch.from_numpy(levels.astype(np.float32) / 65_535), "h w c -> 1 c h w")
