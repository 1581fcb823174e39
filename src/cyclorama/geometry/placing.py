"""A perspective picture on the sphere, where its camera looked."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import Degrees, rotation_matrix

COVERED = 0.5
"""Of a pixel at the photo's edge, or more: it belongs to the photo, and only what is shown is averaged."""
FINEST = 4
"""Photo pixels a side of a panorama pixel; finer photos are shrunk first."""


def place_photo(
    photo: Float[Tensor, "channels rows columns"],
    height: int,
    *,
    fov_deg: Degrees,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
) -> tuple[Float[Tensor, "channels height width"], Bool[Tensor, "height width"]]:
    """The photo on a panorama of `height` x 2 `height` pixels, 0 elsewhere, and the pixels that it covers.

    Averaged where it is shrunk, so nothing flickers; `equirect_to_perspective` takes the photo again.

    Raises:
        ValueError: for a field of view outside (0, 180) degrees, or so small that no pixel is covered.
    """
    sphere = Equirect(height, 2 * height)
    photo = _shrunk(photo.detach().float().cpu(), fov_deg, sphere)
    camera = Perspective(photo.shape[-2], photo.shape[-1], fov_deg)
    turned = rotation_matrix(yaw_deg, pitch_deg, roll_deg).T
    layers = reproject(torch.cat([photo, torch.ones_like(photo[:1])]), camera, sphere, rotation=turned, mode="bicubic")
    cover = layers[-1]
    kept = cover >= COVERED
    if not kept.any():
        raise ValueError(
            f"got a photo of {fov_deg:g} degrees, which covers no pixel of a panorama {height} pixels high; "
            "wanted a larger field of view or panorama"
        )
    return torch.where(kept, (layers[:-1] / cover.clamp(min=COVERED)).clamp(0, 1), 0.0), kept


def _shrunk(
    photo: Float[Tensor, "channels rows columns"], fov_deg: Degrees, sphere: Equirect
) -> Float[Tensor, "channels fewer_rows fewer_columns"]:
    """A photo of at most `FINEST` pixels a side of a panorama pixel, averaged."""
    rows, columns = photo.shape[-2:]
    fineness = sphere.pixel_angle / Perspective(rows, columns, fov_deg).pixel_angle
    if fineness <= FINEST:
        return photo
    size = [max(1, round(side * FINEST / fineness)) for side in (rows, columns)]
    return functional.interpolate(photo[None], size, mode="bilinear", antialias=True)[0]
