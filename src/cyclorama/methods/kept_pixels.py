"""What a file gets after a part of it was painted: kept pixels as they were read, in the file's own depth."""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Bool, Float, Shaped
from torch import Tensor

from cyclorama.media.formats import WRITTEN
from cyclorama.media.levels import srgb_to_linear, to_dtype
from cyclorama.media.outputs import FORMATS


def pixels_over(
    before: Shaped[np.ndarray, "height width 3"],
    after: Float[Tensor, "3 height width"],
    kept: Bool[Tensor, "height width"],
) -> Shaped[np.ndarray, "height width 3"]:
    """The picture `after`, in [0, 1], as pixels of the kind of `before` (`media.formats`), which stay where `kept`."""
    values = rearrange(after.clamp(0, 1), "c h w -> h w c").contiguous()
    if before.dtype == np.uint8:
        painted = (values * 255).round().to(torch.uint8).numpy()
    else:
        painted = to_dtype(srgb_to_linear(values.numpy()).astype(np.float32), before.dtype.name)
    return np.where(kept.numpy()[..., None], before, painted)


def lost_in_file(suffix: str, dtype: str) -> str:
    """What a format does to kept pixels of such a type ("uint8", "uint16", "float32"), "" where it keeps every bit."""
    name = FORMATS[suffix.lower()]
    if WRITTEN[name].lossy:
        return f"{name} is lossy, kept pixels are only nearly the same: write a .png to keep every bit"
    if dtype not in WRITTEN[name].dtypes:
        return f"{name} holds no {dtype} pixels, kept ones are converted: write a .tiff to keep every bit"
    return ""
