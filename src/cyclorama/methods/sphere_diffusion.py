"""A panorama by a model that knows only perspective views, without training (SphereDiff, AAAI 2026, and our own).

Many views of one sphere overlap. At every step each looks at the sphere (`SphereLatents`), the model predicts them all,
and their predictions are fused to one step of the sphere (`Fusion`). In the last steps every view goes on alone, so
that nothing is averaged that should be sharp (linear-fusion MultiDiffusion, 2026); then the decoded views are blended.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import max_pool2d

from cyclorama.diffusion.noise import seeded_generators
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.rotations import Degrees
from cyclorama.methods.directional_prompts import DirectedPrompt, mixture
from cyclorama.methods.fusion import Pictures, Views, falloff, flat
from cyclorama.methods.membrane import harmonic_fill, paste
from cyclorama.methods.sphere_latents import SphereLatents
from cyclorama.methods.sphere_settings import SphereSettings, check_sphere_model, start_from_noise, view_size_for
from cyclorama.methods.view_blending import blend_views, encode_views, look_in_pixels
from cyclorama.models.protocol import Condition, Model

Progress = Callable[[int, int], None]
Shares = Float[np.ndarray, "views prompts"]
VIEWS_AT_ONCE = 4
"""Views in one batch on a GPU."""
SMALLEST = 4
"""Latents on a side of the smallest view: bicubic looks need four."""


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
    placed: tuple[Float[Tensor, "3 height width"], Bool[Tensor, "height width"]] | None = None,
    progress: Progress | None = None,
) -> Float[Tensor, "3 height width"]:
    """One equirectangular panorama of `height` x 2 `height` pixels, in [0, 1], float32 on the CPU.

    `view_size` in pixels is by default twice what `height` needs, half the model's size to all of it. `placed` is a
    panorama of which a part is fixed, and where: those pixels are returned bit by bit. `progress(done, total)` is
    called after every step.

    Raises:
        ValueError: for a model that is panoramic already, a view that is no whole number of tokens, too few points.
    """
    settings = settings or SphereSettings()
    facts = model.capabilities
    check_sphere_model(facts)
    size = view_size or view_size_for(facts, settings.layout, height)
    if size % facts.token_multiple:
        raise ValueError(f"got views of {size} pixels; {facts.name} wants a multiple of {facts.token_multiple}")
    grid = size // facts.spatial_compression
    if grid < SMALLEST:
        raise ValueError(
            f"got views of {size} pixels, {grid} latents; wanted {SMALLEST * facts.spatial_compression} pixels or more"
        )
    camera = Perspective(grid, grid, settings.layout.fov_deg)
    [generator] = seeded_generators([seed])
    task = SphereTask(model, prompts, settings, camera, guidance_scale, draw_yaw_deg(generator))
    views, _ = task.views_at(0)
    latents = start_from_noise(facts, settings, list(dict.fromkeys(views.cameras)), generator)
    sigmas = model.sigmas(num_steps or model.default_steps, size, size).tolist()
    fixed = None if placed is None else FixedPart.of(*placed)
    panorama = blend_views(model, *denoise(task, latents, sigmas, fixed=fixed, progress=progress), height)
    return panorama if placed is None else paste(placed[0], panorama, (~placed[1]).float())


@dataclass(frozen=True)
class SphereTask:
    """What the views of one panorama are told and how the model looks at them; `camera` is that of their latents.

    `yaw_deg` is added to all views of a turning layout.
    """

    model: Model
    prompts: Sequence[DirectedPrompt]
    settings: SphereSettings
    camera: Perspective
    guidance_scale: float | None = None
    yaw_deg: Degrees = 0.0

    def views_at(self, step: int) -> tuple[Views, Shares]:
        """The layout's views at a step, one more for each thing among the prompts, and what each is told."""
        around, size = self.settings.layout.rotations(step, self.yaw_deg), self.camera.height
        things = [(index, one, 2 * one.size_deg) for index, one in enumerate(self.prompts) if one.size_deg is not None]
        views = Views(
            cameras=(*[self.camera] * len(around), *(Perspective(size, size, fov) for _, _, fov in things)),
            rotations=np.stack([*around, *(one.rotation for _, one, _ in things)]),
            weights=np.stack(
                [*[falloff(size, self.settings.tau, self.settings.feather)] * len(around), *[flat(size)] * len(things)]
            ),
        )
        told = np.eye(len(self.prompts))[[index for index, _, _ in things]]
        spoken = mixture(self.prompts, around, softness_deg=self.settings.softness_deg)
        return views, np.concatenate([spoken, told])


def draw_yaw_deg(generator: torch.Generator) -> Degrees:
    """Where a turning layout begins: any direction may become the middle of a view, or its border."""
    return 360 * float(torch.rand((), generator=generator, dtype=torch.float64))


def joint_steps(num_steps: int, alone: float) -> int:
    """How many steps the views go together, if that share of them is not."""
    return max(1, round(num_steps * (1 - alone)))


def denoise(
    task: SphereTask,
    latents: SphereLatents,
    sigmas: Sequence[float],
    *,
    fixed: "FixedPart | None" = None,
    progress: Progress | None = None,
) -> tuple[Views, Pictures]:
    """The joint steps, then those of every view alone: the last views, and their latents at t = 0."""
    num_steps = len(sigmas) - 1
    joint = joint_steps(num_steps, task.settings.alone)
    conditions = [task.model.encode_text([prompt.text]) for prompt in task.prompts]

    def look(step: int) -> tuple[Views, Shares, Pictures, "FixedViews | None"]:
        views, shares = task.views_at(step)
        return views, shares, latents.look(views, sigmas[step]), fixed and fixed.seen_by(task.model, views)

    views, shares, seen, held = look(0)
    for step, (t, lower) in enumerate(pairwise(sigmas)):
        if 0 < step <= joint:
            views, shares, seen, held = look(step)
        velocities = predict_views(task.model, seen, t, conditions, shares, task.guidance_scale)
        if held is not None:
            velocities = held.towards(seen, velocities, t)
        if step < joint:
            latents.step(views, seen, velocities, t, lower)
        else:
            seen = seen + (lower - t) * velocities
        if progress:
            progress(step + 1, num_steps)
    return views, seen if joint < num_steps else latents.look(views, 0.0)


def predict_views(
    model: Model,
    views: Pictures,
    t: float,
    conditions: Sequence[Condition],
    shares: Shares,
    guidance_scale: float | None = None,
) -> Pictures:
    """The velocity of each view, in float32 on the CPU: the mean under its prompts, by their shares."""
    velocities = torch.zeros_like(views)
    tasks = [(int(view), int(prompt)) for view, prompt in np.argwhere(shares > 0)]
    at_once = 1 if model.device.type == "cpu" else VIEWS_AT_ONCE
    for first in range(0, len(tasks), at_once):
        few = tasks[first : first + at_once]
        told = Condition.cat([conditions[prompt] for _, prompt in few])
        shown = views[[view for view, _ in few]].to(model.device)
        times = torch.full((len(few),), t, device=model.device)
        found = model.predict(shown, times, told, guidance_scale=guidance_scale).float().cpu()
        for (view, prompt), velocity in zip(few, found, strict=True):
            velocities[view] += float(shares[view, prompt]) * velocity
    return velocities


@dataclass(frozen=True)
class FixedPart:
    """A part of the panorama that is given: the panorama, smoothly filled beside it, and 1 where it is painted."""

    filled: Float[Tensor, "3 height width"]
    painted: Float[Tensor, "1 height width"]

    @classmethod
    def of(cls, placed: Float[Tensor, "3 height width"], kept: Bool[Tensor, "height width"]) -> "FixedPart":
        """What is not kept is filled first, so that nothing of it is seen."""
        return cls(harmonic_fill(placed, kept), (~kept).float()[None])

    def seen_by(self, model: Model, views: Views) -> "FixedViews":
        """The same in views; those that show nothing of it as a whole latent are not encoded."""
        facts = model.capabilities
        kept = max_pool2d(look_in_pixels(model, self.painted, views), facts.spatial_compression) == 0
        which = [index for index, one in enumerate(kept) if one.any()]
        latents = torch.zeros(len(views), facts.latent_channels, views.size, views.size)
        if which:
            latents[which] = encode_views(model, self.filled, views.only(which))
        return FixedViews(latents, kept)


@dataclass(frozen=True)
class FixedViews:
    """Clean latents of views, and which of them lie in the fixed part as a whole."""

    latents: Pictures
    kept: Bool[Tensor, "views 1 size size"]

    def towards(self, seen: Pictures, velocities: Pictures, t: float) -> Pictures:
        """The velocities, but those of fixed latents lead to them."""
        return torch.where(self.kept, (seen - self.latents) / t, velocities)
