"""How pictures come to the size that a network wants: named presets, because FID moves by points with the resize.

| preset | arithmetic | used by |
|---|---|---|
| `tf1` | bilinear, pixel i looked up at i * scale, as TensorFlow 1 does | torch-fidelity, torchmetrics < 1.8 |
| `bilinear` | bilinear, pixel centres at i + 1/2 | pytorch-fid, most code for FVD |
| `aa` | bilinear, averaged where it shrinks | torchmetrics >= 1.8 |
| `clean` | Pillow's bicubic on floats, channel by channel, clipped to [0, 1] | clean-fid |

The first two pick pixels where they shrink. A picture of the wanted size is returned as it is.
"""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate


def resize(
    images: Float[Tensor, "batch 3 height width"], size: tuple[int, int], preset: str
) -> Float[Tensor, "batch 3 rows columns"]:
    """Pictures of `size` (height, width), with values in [0, 1] as the images have. ValueError: an unknown preset."""
    if preset not in PRESETS:
        raise ValueError(f"got the resize {preset!r}, wanted one of {', '.join(PRESETS)}")
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"got the size {height}x{width}, wanted a height and a width of 1 pixel or more")
    return images if images.shape[-2:] == size else _PRESETS[preset](images, size)


def _bilinear(images: Tensor, size: tuple[int, int]) -> Tensor:
    return interpolate(images, size, mode="bilinear", align_corners=False, antialias=False)


def _averaged(images: Tensor, size: tuple[int, int]) -> Tensor:
    return interpolate(images, size, mode="bilinear", align_corners=False, antialias=True)


def _tensorflow_1(images: Tensor, size: tuple[int, int]) -> Tensor:
    """`tf.compat.v1.image.resize_bilinear` with its defaults; the last pixel is repeated beyond the end."""
    low, high, share = _neighbours(images.shape[-1], size[1], images)
    across = torch.lerp(images[..., low], images[..., high], share)
    low, high, share = _neighbours(images.shape[-2], size[0], images)
    return torch.lerp(across[..., low, :], across[..., high, :], share[:, None])


def _neighbours(before: int, after: int, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """For each new pixel the two old ones it lies between and how far it is from the first."""
    place = torch.arange(after, dtype=torch.float32, device=like.device) * torch.tensor(before / after)
    low = place.long().clamp_max(before - 1)
    return low, (low + 1).clamp_max(before - 1), (place - low).to(like.dtype)


def _pillow(images: Tensor, size: tuple[int, int]) -> Tensor:
    arrays = images.detach().cpu().float().numpy().reshape(-1, *images.shape[-2:])
    wide = (size[1], size[0])  # Pillow's order
    resized = [np.asarray(Image.fromarray(one).resize(wide, Image.Resampling.BICUBIC)) for one in arrays]
    stacked = torch.from_numpy(np.stack(resized).clip(0, 1))
    return stacked.reshape(*images.shape[:-2], *size).to(images.device, images.dtype)


_PRESETS: dict[str, Callable[[Tensor, tuple[int, int]], Tensor]] = {
    "tf1": _tensorflow_1,
    "bilinear": _bilinear,
    "aa": _averaged,
    "clean": _pillow,
}
PRESETS = tuple(_PRESETS)
