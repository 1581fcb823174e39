"""The panorama in the middle of a diffusion on the sphere: what each view sees at time t, and one solver step.

Two ways to keep the noise. `StoredNoise` is the published one: signal and noise are one number in every cell, as in
SphereDiff and linear-fusion MultiDiffusion. `FieldNoise` is ours: x_t = signal + t noise, in which the noise never
changes and is white in every view (`NoiseField`), so that only predictions of clean pictures are interpolated and
averaged.
"""

from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.methods.fusion import Fusion, Pictures, Sphere, Views
from cyclorama.methods.noise_field import NoiseField


@runtime_checkable
class SphereLatents(Protocol):
    """A panorama on its way from noise to data."""

    def look(self, views: Views, t: float) -> Pictures:
        """What the views see at time t."""
        ...

    def step(self, views: Views, latents: Pictures, velocities: Pictures, t: float, lower: float) -> None:
        """One Euler step of the whole sphere from t to `lower`, by the velocities that the views predict."""
        ...


class StoredNoise:
    """Cells that hold signal and noise together."""

    def __init__(self, fusion: Fusion, noise: Sphere) -> None:
        self.fusion, self.values = fusion, noise

    def look(self, views: Views, t: float) -> Pictures:
        return self.fusion.look(self.values, views)

    def step(self, views: Views, latents: Pictures, velocities: Pictures, t: float, lower: float) -> None:
        self.values = self.fusion.fuse(views, latents + (lower - t) * velocities, self.values)


class FieldNoise:
    """Cells that hold the signal; noise is looked up in a field on the sphere.

    `clean` is a panorama to begin with, as latents; without one it begins with nothing but noise.
    """

    def __init__(self, fusion: Fusion, field: NoiseField, clean: Sphere | None = None, t: float = 1.0) -> None:
        self.fusion, self.field = fusion, field
        self.clean = torch.zeros(field.values.shape[1], fusion.num_cells) if clean is None else clean
        self.signal: Float[Tensor, "channels cells"] = (1 - t) * self.clean

    def look(self, views: Views, t: float) -> Pictures:
        pairs = zip(views.cameras, views.rotations, strict=True)
        noise = torch.stack([self.field.look(camera, turned) for camera, turned in pairs])
        return self.fusion.look(self.signal, views) + t * noise

    def step(self, views: Views, latents: Pictures, velocities: Pictures, t: float, lower: float) -> None:
        self.clean = self.fusion.fuse(views, latents - t * velocities, self.clean)
        self.signal = (lower / t) * self.signal + (1 - lower / t) * self.clean
