"""How a diffusion on the sphere is set up: views, fusion, noise. The published methods are settings, too."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import Degrees
from cyclorama.methods.fusion import Fusion, LeastSquares, PointMeans, ViewMeans
from cyclorama.methods.noise_field import NoiseField, num_shares
from cyclorama.methods.sphere_latents import FieldNoise, SphereLatents, StoredNoise
from cyclorama.methods.view_layouts import LAYOUTS, SECTORS, ViewLayout
from cyclorama.models.protocol import Capabilities

POINTS_PER_PIXEL = 1.032
"""Points for each pixel of a view, by solid angle: SphereDiff's 26,500 for views of 59x59 at 80 degrees."""
OVERSAMPLE = 1.5
"""Rows of an equirect of latents by those that the middle of a view needs."""


@dataclass(frozen=True)
class SphereSettings:
    """How views cover the sphere, how they are fused, where the noise is, and how long they go together.

    `fusion`: "views", "points" (SphereDiff), "nearest" (its ablation), "least-squares" (on an equirect) or
    "least-squares-points". `alone` is the share of the steps in which views go alone; `tau` and `feather` are those
    of their weights (`fusion.falloff`), `softness_deg` that of the mixture of prompts (`directional_prompts.mixture`).
    """

    layout: ViewLayout = LAYOUTS["14"]
    fusion: Literal["views", "points", "nearest", "least-squares", "least-squares-points"] = "views"
    noise: Literal["field", "stored"] = "field"
    weighted: bool = True
    alone: float = 0.2
    tau: float = 0.3
    feather: float = 0.6
    softness_deg: Degrees = 8.0


_PUBLISHED: Any = {"tau": 0.1, "feather": 0.0, "softness_deg": 0.0}


def spherediff() -> SphereSettings:
    """The published method: 89 views, points of their own, a prompt a view, weights of tau 0.1, together to the end."""
    return SphereSettings(LAYOUTS["89"], "points", "stored", alone=0.0, **_PUBLISHED)


def linear_fusion(layout: ViewLayout = LAYOUTS["14"]) -> SphereSettings:
    """Linear-fusion MultiDiffusion: least squares over turned views of 90 degrees, the last 5 of 28 steps alone."""
    return SphereSettings(replace(layout, fov_deg=90.0), "least-squares", "stored", alone=5 / 28, **_PUBLISHED)


def check_sphere_model(facts: Capabilities) -> None:
    """Views are perspective pictures.

    Raises:
        ValueError: for a model that was trained on panoramas.
    """
    if facts.trained_on == "panorama":
        raise ValueError(
            f"got {facts.name}, which makes panoramas already; the sphere method wants a perspective model: "
            'leave its LoRA out (lora "none") or use the method "adapter"'
        )


def view_size_for(facts: Capabilities, layout: ViewLayout, height: int) -> int:
    """Pixels of a view: its middle twice as fine as the panorama's equator, but half to all of the model's size."""
    native, unit = facts.native_size[0], facts.token_multiple
    needed = Perspective(1, 1, layout.fov_deg).pixel_angle * height / np.pi
    return int(np.ceil(np.clip(2 * needed, native / 2, native) / unit) * unit)


def make_fusion(settings: SphereSettings, camera: Perspective) -> Fusion:
    """The settings' fusion for views of this camera."""
    unit = SECTORS // 2  # so that the width is a multiple of the sectors
    rows = int(np.ceil(OVERSAMPLE * np.pi / camera.pixel_angle / unit)) * unit
    num_points = round(POINTS_PER_PIXEL * camera.height**2 * 4 * np.pi / camera.solid_angles().sum())
    if settings.fusion == "views":
        return ViewMeans(Equirect(rows, 2 * rows))
    if settings.fusion in ("points", "nearest"):
        return PointMeans(num_points, distinct=settings.fusion == "points", weighted=settings.weighted)
    return LeastSquares(Equirect(rows, 2 * rows) if settings.fusion == "least-squares" else num_points)


def start_from_noise(
    facts: Capabilities, settings: SphereSettings, cameras: Sequence[Perspective], generator: torch.Generator
) -> SphereLatents:
    """The sphere at t = 1, for views of these cameras, the layout's first."""
    fusion = make_fusion(settings, cameras[0])
    if settings.noise == "field":
        return FieldNoise(fusion, NoiseField.draw(num_shares(*cameras), facts.latent_channels, generator))
    return StoredNoise(fusion, torch.randn(facts.latent_channels, fusion.num_cells, generator=generator))
