"""One photo to a panorama: the photo is placed on the sphere as its camera saw it, and the rest is painted."""

from typing import Any, Literal

from jaxtyping import Bool, Float
from torch import Tensor

from cyclorama.geometry.placing import place_photo
from cyclorama.geometry.rotations import Degrees
from cyclorama.methods.adapter_panorama import check_panorama_size
from cyclorama.methods.directional_prompts import prompts_by_height
from cyclorama.methods.masked_sampling import RESAMPLE, Method, Progress, repaint
from cyclorama.methods.sphere_diffusion import generate_sphere
from cyclorama.models.protocol import Model


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
    method: Method | Literal["sphere"] = "masked",
    progress: Progress | None = None,
) -> tuple[Float[Tensor, "3 height width"], Bool[Tensor, "height width"]]:
    """A panorama of `height` (None: the model's) x twice that around the photo, in [0, 1], and where it is the photo.

    `fov_deg` is the photo's horizontal field of view; yaw, pitch and roll say where its camera looked, so a photo taken
    with the camera tilted is levelled. Placed pixels are those of `place_photo`, bit by bit. The rest as `repaint`, or,
    with the method "sphere", by a perspective model as `generate_sphere`.

    Raises:
        ValueError: for a camera that places no pixel, and what `repaint` or `generate_sphere` raises.
    """
    rows = model.capabilities.native_size[0] if height is None else height
    check_panorama_size(model.capabilities, rows)
    placed, kept = place_photo(photo, rows, fov_deg=fov_deg, yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    how: Any = {"seed": seed, "num_steps": num_steps, "guidance_scale": guidance_scale, "progress": progress}
    if method == "sphere":
        told = prompts_by_height(prompt)
        return generate_sphere(model, told, height=rows, placed=(placed, kept), **how), kept
    return repaint(model, placed, (~kept).float(), prompt, resample=resample, method=method, **how), kept
