"""A panorama by a model that knows only perspective views, without training (SphereDiff, AAAI 2026, and our own).

Many views of one sphere overlap. At every step each looks at the sphere (`SphereLatents`), the model predicts all of them,
and their predictions are fused to one step of the sphere (`Fusion`). In the last steps every view goes on alone, so that
nothing is averaged that should be sharp (linear-fusion MultiDiffusion, 2026); then the decoded views are blended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.diffusion.noise import seeded_generators
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import rotation_matrix
from cyclorama.methods.directional_prompts import DirectedPrompt, mixture
from cyclorama.methods.fusion import Fusion, LeastSquares, Pictures, PointMeans, ViewMeans, Views, falloff
from cyclorama.methods.noise_field import NoiseField, num_shares
from cyclorama.methods.sphere_latents import FieldNoise, SphereLatents, StoredNoise
from cyclorama.methods.view_layouts import LAYOUTS, ViewLayout
from cyclorama.models.protocol import Capabilities, Condition, Model

Progress = Callable[[int, int], None]
Shares = Float[np.ndarray, "views prompts"]
POINTS_PER_PIXEL = 1.032
"""Points of the sphere for each pixel of a view, by solid angle: SphereDiff's 26,500 for views of 59x59 at 80 degrees."""
VIEWS_AT_ONCE = 4
OVERSAMPLE = 1.5
"""Rows of an equirect of latents by those that the middle of a view needs."""


@dataclass(frozen=True)
class SphereSettings:
    """How views cover the sphere, how they are fused, where the noise is, and how long they go together.

    `fusion`: "views", "points" (SphereDiff), "nearest" (its ablation), "least-squares" (on an equirect) or
    "least-squares-points". `alone` is the share of the steps in which views go alone; `tau` the width of their weights.
    """

    layout: ViewLayout = LAYOUTS["14"]
    fusion: Literal["views", "points", "nearest", "least-squares", "least-squares-points"] = "views"
    noise: Literal["field", "stored"] = "field"
    weighted: bool = True
    alone: float = 0.2
    tau: float = 0.3


def spherediff() -> SphereSettings:
    """The published method: 89 views, points of their own, weights of tau 0.1, joint to the end."""
    return SphereSettings(LAYOUTS["89"], "points", "stored", alone=0.0, tau=0.1)


def linear_fusion(layout: ViewLayout = LAYOUTS["14"]) -> SphereSettings:
    """Linear-fusion MultiDiffusion: least squares over turned views, the last 5 of 28 steps alone."""
    return SphereSettings(layout, "least-squares", "stored", alone=5 / 28, tau=0.1)


@torch.no_grad()
def generate_sphere(
    model: Model,
    prompts: Sequence[DirectedPrompt],
    *,
    seed: int,
    height: int,
    settings: SphereSettings | None = None,
    view_size: int | None = None,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    progress: Progress | None = None,
) -> Float[Tensor, "3 height width"]:
    """One equirectangular panorama of `height` x 2 `height` pixels, in [0, 1], float32 on the CPU.

    `view_size` in pixels is by default what `height` needs, from half the model's size to all of it.
    `progress(done, total)` is called after every step.

    Raises:
        ValueError: for a model that is panoramic already, an odd or empty height, a layout that does not fit.
    """
    settings = settings or SphereSettings()
    check_sphere_model(model.capabilities)
    size = view_size or view_size_for(model.capabilities, settings.layout, height)
    grid = size // model.capabilities.spatial_compression
    sigmas = model.sigmas(num_steps or model.default_steps, size, size).tolist()
    camera = Perspective(grid, grid, settings.layout.fov_deg)
    [generator] = seeded_generators([seed])
    latents = start_from_noise(model.capabilities, settings, camera, generator)
    views, pictures = denoise(model, latents, prompts, sigmas, settings, camera, guidance_scale, progress)
    return blend_views(model, views, pictures, height)


def check_sphere_model(capabilities: Capabilities) -> None:
    """Views are perspective pictures.

    Raises:
        ValueError: for a model that was trained on panoramas.
    """
    if capabilities.trained_on == "panorama":
        raise ValueError(
            f"got {capabilities.name}, which makes panoramas already; wanted a perspective model for the sphere method: "
            'take it without its LoRA (lora="none") or use the method "adapter"'
        )


def view_size_for(capabilities: Capabilities, layout: ViewLayout, height: int) -> int:
    """Pixels of a view whose middle is as fine as the panorama's equator, but half the model's size at least."""
    native, unit = capabilities.native_size[0], capabilities.token_multiple
    needed = Perspective(1, 1, layout.fov_deg).pixel_angle * height / np.pi
    return int(np.ceil(np.clip(needed, native / 2, native) / unit) * unit)


def start_from_noise(
    facts: Capabilities, settings: SphereSettings, camera: Perspective, generator: torch.Generator
) -> SphereLatents:
    """The sphere at t = 1."""
    fusion = make_fusion(settings, camera)
    if settings.noise == "field":
        return FieldNoise(fusion, NoiseField.draw(num_shares(camera), facts.latent_channels, generator))
    return StoredNoise(fusion, torch.randn(facts.latent_channels, fusion.num_cells, generator=generator))


def make_fusion(settings: SphereSettings, camera: Perspective) -> Fusion:
    """The settings' fusion for views of this camera."""
    rows = int(np.ceil(OVERSAMPLE * np.pi / camera.pixel_angle))
    num_points = round(POINTS_PER_PIXEL * camera.height**2 * 4 * np.pi / camera.solid_angles().sum())
    if settings.fusion == "views":
        return ViewMeans(Equirect(rows, 2 * rows))
    if settings.fusion in ("points", "nearest"):
        return PointMeans(num_points, distinct=settings.fusion == "points", weighted=settings.weighted)
    return LeastSquares(Equirect(rows, 2 * rows) if settings.fusion == "least-squares" else num_points)


def denoise(
    model: Model,
    latents: SphereLatents,
    prompts: Sequence[DirectedPrompt],
    sigmas: Sequence[float],
    settings: SphereSettings,
    camera: Perspective,
    guidance_scale: float | None = None,
    progress: Progress | None = None,
) -> tuple[list[Views], list[Pictures]]:
    """The joint steps, then those of every view alone; the last views and their latents at t = 0."""
    num_steps = len(sigmas) - 1
    joint = max(1, round(num_steps * (1 - settings.alone)))
    told = [model.encode_text([prompt.text]) for prompt in prompts]
    views: list[Views] = []
    shares: list[Shares] = []
    seen: list[Pictures] = []
    for step, (t, lower) in enumerate(pairwise(sigmas)):
        if step <= joint:
            views, shares = map(list, zip(*views_at(settings, prompts, camera, step), strict=True))
            seen = [latents.look(part, t) for part in views]
        velocities = [
            predict_views(model, part, t, told, share, guidance_scale) for part, share in zip(seen, shares, strict=True)
        ]
        if step < joint:
            latents.step(list(zip(views, seen, velocities, strict=True)), t, lower)
        else:
            seen = [part + (lower - t) * velocity for part, velocity in zip(seen, velocities, strict=True)]
        if progress:
            progress(step + 1, num_steps)
    return views, seen if joint < num_steps else [latents.look(part, 0.0) for part in views]


def views_at(
    settings: SphereSettings, prompts: Sequence[DirectedPrompt], camera: Perspective, step: int
) -> list[tuple[Views, Shares]]:
    """The layout's views at a step and what each is told; then, for each thing among the prompts, a view of its own."""
    rotations = settings.layout.rotations(step)
    around = Views(camera, rotations, falloff(camera.height, settings.tau)), mixture(prompts, rotations)
    things = [
        (_thing_view(prompt, camera.height), np.eye(len(prompts))[[index]])
        for index, prompt in enumerate(prompts)
        if prompt.size_deg is not None
    ]
    return [around, *things]


def _thing_view(prompt: DirectedPrompt, size: int) -> Views:
    """Twice as wide as the thing; flatter weights than the surroundings', so that it stays whole (SphereDiff)."""
    assert prompt.size_deg is not None
    u = np.abs((2 * np.arange(size) + 1) / size - 1)
    inside = 1 - np.maximum(u[:, None], u[None])
    turned = rotation_matrix(prompt.yaw_deg or 0.0, prompt.pitch_deg)[None]
    return Views(Perspective(size, size, 2 * prompt.size_deg), turned, (inside ** (4 * np.exp(-3))).astype(np.float32))


def predict_views(
    model: Model,
    views: Pictures,
    t: float,
    told: Sequence[Condition],
    shares: Shares,
    guidance_scale: float | None = None,
) -> Pictures:
    """The velocity of each view, in float32 on the CPU: the mean under its prompts, by their shares."""
    velocities = torch.zeros_like(views)
    tasks = [(int(view), int(prompt)) for view, prompt in np.argwhere(shares > 0)]
    at_once = 1 if model.device.type == "cpu" else VIEWS_AT_ONCE
    for first in range(0, len(tasks), at_once):
        few = tasks[first : first + at_once]
        condition = Condition.cat([told[prompt] for _, prompt in few])
        shown = views[[view for view, _ in few]].to(model.device)
        times = torch.full((len(few),), t, device=model.device)
        found = model.predict(shown, times, condition, guidance_scale=guidance_scale).float().cpu()
        for (view, prompt), velocity in zip(few, found, strict=True):
            velocities[view] += float(shares[view, prompt]) * velocity
    return velocities


def blend_views(
    model: Model, views: Sequence[Views], latents: Sequence[Pictures], height: int
) -> Float[Tensor, "3 height width"]:
    """The decoded views as one panorama, one after another, so that a large one needs no more memory than itself."""
    panorama = Equirect(height, 2 * height)
    total, share = torch.zeros(3, height, 2 * height), torch.zeros(height, 2 * height)
    for part, grids in zip(views, latents, strict=True):
        for turned, grid in zip(part.rotations, grids, strict=True):
            picture = model.decode_latents(grid[None].to(model.device, model.dtype)).float().cpu()
            camera = Perspective(*picture.shape[-2:], part.camera.fov_deg)
            weights = torch.from_numpy(_finer(part.weights, camera.height))
            weighted = torch.cat([picture[0] * weights, weights[None]])
            hung = reproject(weighted, camera, panorama, rotation=turned.T)
            total, share = total + hung[:3], share + hung[3]
    return (total / share.clamp(min=1e-12)).clamp(0, 1)


def _finer(weights: Float[np.ndarray, "size size"], size: int) -> Float[np.ndarray, "pixels pixels"]:
    """The weights of a view of `size` pixels."""
    finer = interpolate(torch.from_numpy(weights)[None, None], (size, size), mode="bilinear", align_corners=False)
    return finer[0, 0].numpy()
