"""Ordinary photos as training data for panoramas (DiT360, CVPR 2026): placed on the sphere, the rest masked.

A photo looks at the horizon, 90 degrees wide, unless its row says how wide it is and how far up it looks: one lateral
face of the cube. Its direction does not matter, because training rolls it.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from cyclorama.data.folder import resize_equirect
from cyclorama.data.rows import CaptionedImage
from cyclorama.geometry.placing import place_photo

LATERAL_FOV_DEG = 90.0
OUTSIDE = 0.5
"""Grey outside the photo: the mean of what the auto-encoder sees."""

Placed = tuple[Float[Tensor, "3 height width"], Float[Tensor, "height width"] | None]


def read_equirect(item: CaptionedImage, height: int) -> Placed:
    """The picture as an equirect of `height` x 2 `height`, and what of it is supervised (None: everything).

    Raises:
        ValueError: for a picture or mask that cannot be read, or a mask of another size.
    """
    image, mask = item.read(), item.read_mask()
    if mask is not None and mask.shape != image.shape[1:]:
        raise ValueError(
            f"the mask is {tuple(mask.shape)} (height x width) and its picture {tuple(image.shape[1:])}; make them the "
            "same size"
        )
    if item.projection == "equirect":
        return resize_equirect(image, height), None if mask is None else _resize_mask(mask, height)
    return place_supervised(image, height, fov_deg=item.fov_deg, pitch_deg=item.pitch_deg, mask=mask)


def place_supervised(
    photo: Float[Tensor, "3 height width"],
    height: int,
    *,
    fov_deg: float | None = None,
    pitch_deg: float = 0.0,
    mask: Float[Tensor, "height width"] | None = None,
) -> tuple[Float[Tensor, "3 rows columns"], Float[Tensor, "rows columns"]]:
    """A photo at yaw 0 of an equirect of `height` rows, grey elsewhere, and the mask of where it is.

    Without `fov_deg` its middle square is taken for 90 degrees, as published.
    """
    layers = photo if mask is None else torch.cat([photo, mask[None]])
    layers = layers if fov_deg is not None else _middle_square(layers)
    wide = LATERAL_FOV_DEG if fov_deg is None else fov_deg
    placed, seen = place_photo(layers, height, fov_deg=wide, pitch_deg=pitch_deg)
    kept = seen.to(placed) if mask is None else seen * (placed[3] > 0.999)
    return torch.where(seen, placed[:3], OUTSIDE), kept.to(placed)


def latent_mask(mask: Float[Tensor, "height width"], rows: int, columns: int) -> Float[Tensor, "1 rows columns"]:
    """1 where every pixel of a latent is supervised, else 0."""
    cells = functional.adaptive_avg_pool2d(mask[None, None], (rows, columns))[0]
    return (cells > 0.999).float()


def _middle_square(photo: Float[Tensor, "channels height width"]) -> Float[Tensor, "channels size size"]:
    size = min(photo.shape[-2:])
    top, left = ((length - size) // 2 for length in photo.shape[-2:])
    return photo[..., top : top + size, left : left + size]


def _resize_mask(mask: Float[Tensor, "rows columns"], height: int) -> Float[Tensor, "height width"]:
    """A pixel is supervised if all that it covers is."""
    resized = functional.interpolate(mask[None, None], (height, 2 * height), mode="bilinear", antialias=True)
    return (resized[0, 0] > 0.999).to(mask)
