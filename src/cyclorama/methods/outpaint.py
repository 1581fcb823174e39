"""One photo to a panorama: the photo is placed on the sphere as its camera saw it, and the rest is painted."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from cyclorama.geometry import Equirect, Perspective, reproject, rotation_matrix
from cyclorama.methods.adapter_panorama import check_panorama_size
from cyclorama.methods.masked_sampling import RESAMPLE, Method, Progress, repaint
from cyclorama.models.protocol import Model

COVERED = 0.5  # of a pixel at the photo's edge, or more: it belongs to the photo, and only what is shown is averaged
FINEST = 4  # photo pixels a side of a panorama pixel; finer photos are shrunk first
Degrees = float | int


def outpaint(
    model: Model,
    photo: Float[Tensor, "3 rows columns"],
    prompt: str,
    *,
    fov_deg: Degrees,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    seed: int,
    height: int | None = None,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    resample: int = RESAMPLE,
    method: Method = "masked",
    progress: Progress | None = None,
) -> tuple[Float[Tensor, "3 height width"], Bool[Tensor, "height width"]]:
    """A panorama of `height` (None: the model's) x twice that around the photo, in [0, 1], and where it is the photo.

    `fov_deg` is the photo's horizontal field of view; yaw, pitch and roll say where its camera looked, so a photo taken
    with the camera tilted is levelled. Placed pixels are those of `place_photo`, bit by bit. The rest as `repaint`.

    Raises:
        ValueError: for a camera that places no pixel, and what `repaint` raises.
    """
    rows = model.capabilities.native_size[0] if height is None else height
    check_panorama_size(model.capabilities, rows)
    placed, kept = place_photo(photo, rows, fov_deg=fov_deg, yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    panorama = repaint(
        model,
        placed,
        (~kept).float(),
        prompt,
        seed=seed,
        num_steps=num_steps,
        guidance_scale=guidance_scale,
        resample=resample,
        method=method,
        progress=progress,
    )
    return panorama, kept


def place_photo(
    photo: Float[Tensor, "3 rows columns"],
    height: int,
    *,
    fov_deg: Degrees,
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
) -> tuple[Float[Tensor, "3 height width"], Bool[Tensor, "height width"]]:
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
    cover = layers[3]
    kept = cover >= COVERED
    if not kept.any():
        raise ValueError(
            f"got a photo of {fov_deg:g} degrees, which covers no pixel of a panorama {height} pixels high; "
            "wanted a larger field of view or panorama"
        )
    return torch.where(kept, (layers[:3] / cover.clamp(min=COVERED)).clamp(0, 1), 0.0), kept


def _shrunk(
    photo: Float[Tensor, "3 rows columns"], fov_deg: Degrees, sphere: Equirect
) -> Float[Tensor, "3 fewer_rows fewer_columns"]:
    """A photo of at most `FINEST` pixels a side of a panorama pixel, averaged."""
    rows, columns = photo.shape[-2:]
    fineness = sphere.pixel_angle / Perspective(rows, columns, fov_deg).pixel_angle
    if fineness <= FINEST:
        return photo
    size = [max(1, round(side * FINEST / fineness)) for side in (rows, columns)]
    return functional.interpolate(photo[None], size, mode="bilinear", antialias=True)[0]
