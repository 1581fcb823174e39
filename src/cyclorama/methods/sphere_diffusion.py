"""A panorama by a model that knows only perspective views, without training (after SphereDiff, AAAI 2026).

The panorama at time t is a clean part and noise, x_t = signal + t noise. The noise is one field on the sphere that every
view sees as white noise (`NoiseField`); the signal is an equirect of latents. At each step the views look at both, the
model predicts what each shows, x_0 = x_t - t v, the predictions are fused to one equirect (`stitch`), and the signal
takes its share of it: one Euler step of the whole sphere, because the noise never changes. In the last steps every view
goes on alone, so that nothing is averaged that should be sharp, and the decoded views are blended.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.noise_field import NoiseField, num_shares
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import rotation_matrix
from cyclorama.geometry.stitching import stitch
from cyclorama.geometry.viewsets import rings
from cyclorama.models.protocol import Condition, Model

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SphereViews:
    """Square upright views of `fov_deg` in rings {pitch_deg: count}, all turned by `turn_deg` of yaw at every step."""

    rings: tuple[tuple[float, int], ...]
    fov_deg: float
    turn_deg: float = 0.0

    def rotations(self, step: int) -> Float[np.ndarray, "views 3 3"]:
        """The views' `cam_to_world` at a step."""
        return rotation_matrix(yaw_deg=self.turn_deg * step) @ rings(dict(self.rings))


LAYOUTS = {
    "six": SphereViews(((0.0, 4), (90.0, 1), (-90.0, 1)), 100.0, 10.0),
    "fourteen": SphereViews(((0.0, 4), (60.0, 4), (-60.0, 4), (90.0, 1), (-90.0, 1)), 90.0, 10.0),
}


@torch.no_grad()
def generate_sphere(
    model: Model,
    prompt: str,
    *,
    seed: int,
    height: int,
    views: SphereViews,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    alone: float = 0.2,
    tau: float = 0.3,
    oversample: float = 1.5,
    view_size: int | None = None,
    progress: Progress | None = None,
) -> Float[Tensor, "3 height width"]:
    facts = model.capabilities
    size = (view_size or facts.native_size[0]) // facts.spatial_compression
    camera = Perspective(size, size, views.fov_deg)
    rows = int(np.ceil(oversample * np.pi / camera.pixel_angle))
    sphere = Equirect(rows, 2 * rows)
    generator = torch.Generator().manual_seed(seed)
    field = NoiseField.draw(num_shares(camera), facts.latent_channels, generator)
    sigmas = model.sigmas(num_steps or model.default_steps, size * facts.spatial_compression, size * facts.spatial_compression)
    condition = model.encode_text([prompt])
    blend = falloff(size, tau)
    signal = torch.zeros(facts.latent_channels, *(rows, 2 * rows))
    joint = max(1, round((len(sigmas) - 1) * (1 - alone)))
    latents = rotations = None
    for step, (t, lower) in enumerate(pairwise(sigmas)):
        if step < joint or latents is None:
            rotations = views.rotations(min(step, joint - 1))
            seen = torch.stack([reproject(signal, sphere, camera, rotation=one, mode="bicubic", antialias=False) for one in rotations])
            latents = seen + t * torch.stack([field.look(camera, one) for one in rotations])
        velocity = predict(model, latents, t, condition, guidance_scale)
        if step < joint - 1:
            fused, _ = stitch(latents - t * velocity, camera, rotations, sphere, blend=blend, mode="bicubic")
            signal = (lower / t) * signal + (1 - lower / t) * fused
        else:
            latents = latents + (lower - t) * velocity
        if progress:
            progress(step + 1, len(sigmas) - 1)
    pictures = torch.cat([model.decode_latents(one[None]).float().cpu() for one in latents])
    pixels = pictures.shape[-1]
    seen = Perspective(pixels, pixels, views.fov_deg)
    panorama, _ = stitch(pictures, seen, rotations, Equirect(height, 2 * height), blend=falloff(pixels, tau))
    return panorama.clamp(0, 1)


def predict(model: Model, latents: Tensor, t: Tensor, condition: Condition, guidance_scale: float | None) -> Tensor:
    found = [
        model.predict(one[None], t[None], condition, guidance_scale=guidance_scale).float()
        for one in latents
    ]
    return torch.cat(found)


def falloff(size: int, tau: float) -> Float[np.ndarray, "size size"]:
    """exp(-|u| / tau) over the view, u in [-1, 1]^2: SphereDiff's weights."""
    u = (2 * np.arange(size) + 1) / size - 1
    return np.exp(-np.hypot(u[:, None], u[None]) / tau).astype(np.float32)
