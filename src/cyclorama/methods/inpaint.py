"""Repainting a part of a panorama: what a mask or a direction and a field of view select."""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry import Equirect, angle_between, reproject, rotation_matrix, solid_angles
from cyclorama.methods.adapter_panorama import check_panorama_size
from cyclorama.methods.masked_sampling import RESAMPLE, Method, Progress, check_mask, repaint
from cyclorama.methods.membrane import paste
from cyclorama.models.protocol import Capabilities, Model


def inpaint(
    model: Model,
    panorama: Float[Tensor, "3 height width"],
    mask: Float[Tensor, "mask_height mask_width"],
    prompt: str,
    *,
    seed: int,
    height: int | None = None,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    resample: int = RESAMPLE,
    method: Method = "masked",
    progress: Progress | None = None,
) -> Float[Tensor, "3 height width"]:
    """The panorama, in [0, 1], with the part where the mask is above 0 painted anew, in its own size.

    `height` is that of the picture the model paints (None: `working_height`); what it paints is brought to the
    panorama's size, and hung into it there. Everything else as `masked_sampling.repaint`, which this is where the sizes
    agree.

    Raises:
        ValueError: for a picture that is not 2:1, and what `repaint` raises.
    """
    check_is_panorama(panorama.shape[-2], panorama.shape[-1])
    check_mask(panorama, mask)
    rows = working_height(model.capabilities, panorama.shape[-2]) if height is None else height
    check_panorama_size(model.capabilities, rows)
    sampling: dict[str, Any] = {"num_steps": num_steps, "guidance_scale": guidance_scale, "resample": resample}
    sampling |= {"seed": seed, "method": method, "progress": progress}
    if rows == panorama.shape[-2]:
        return repaint(model, panorama, mask, prompt, **sampling)
    original, mask = panorama.detach().float().cpu(), mask.detach().float().cpu()
    here, there = Equirect(*mask.shape), Equirect(rows, 2 * rows)
    part = (reproject(mask[None], here, there)[0] > 0).float()
    painted = repaint(model, reproject(original, here, there), part, prompt, **sampling)
    return paste(original, reproject(painted, there, here, mode="bicubic"), mask)


def region_mask(
    height: int, *, yaw_deg: float | int = 0.0, pitch_deg: float | int = 0.0, fov_deg: float | int
) -> Float[Tensor, "height width"]:
    """A round region of a panorama of `height` x 2 `height` pixels: 1 inside, 0 outside, one blended pixel between.

    It is all that lies within half of `fov_deg` of the direction. Its solid angle is 2 pi (1 - cos(fov / 2)).

    Raises:
        ValueError: for a field of view that is not between 0 and 360, or smaller than a pixel.
    """
    sphere = Equirect(height, 2 * height)
    if not 0 < fov_deg < 360:
        raise ValueError(f"got a field of view of {fov_deg:g} degrees; wanted more than 0 and less than 360")
    middle = torch.from_numpy(rotation_matrix(yaw_deg, pitch_deg) @ (0.0, 0.0, -1.0))
    dirs = sphere.pixel_dirs(like=middle)
    inside = (math.radians(fov_deg) / 2 - angle_between(dirs, middle)) / sphere.pixel_angle
    mask = (inside + 0.5).clamp(0, 1).float()
    if not mask.any():
        raise ValueError(f"got a region of {fov_deg:g} degrees, less than a pixel; wanted more than {180 / height:.2g}")
    return mask


def working_height(capabilities: Capabilities, height: int) -> int:
    """The height at which a panorama is repainted: its own, rounded to whole tokens, but at most the model's."""
    unit = capabilities.token_multiple
    return max(unit, min(capabilities.native_size[0], round(height / unit) * unit))


def share_of_sphere(mask: Float[Tensor, "height width"]) -> float:
    """How much of the sphere a mask covers, by solid angle, 0 to 1."""
    weights = solid_angles(*mask.shape)
    return float((mask.cpu() * weights).sum() / weights.sum())


def check_is_panorama(height: int, width: int) -> None:
    """Raises `ValueError` for a picture that is not 2:1."""
    if width != 2 * height:
        raise ValueError(f"got a picture of {height}x{width} (height x width); a panorama is twice as wide as high")
