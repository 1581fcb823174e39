"""Repainting the masked part of a picture with any model: a panorama on the sphere, or a perspective picture.

The noise of the picture is one field e. Kept latents x0 are put back at every level as (1 - t) x0 + t e, the very noise
that the repainted ones started from, so a border is never a step in the noise. Latents near the border are kept at high
noise only (`softened`), so what is painted meets them and they meet it. Resampling (RePaint, Lugmayr et al. 2022)
goes one level back with fresh noise, known and unknown together. Panoramas are turned before every evaluation, as in
`adapter_panorama`, and by less than a latent before they are encoded, so that the border of the file is any column of
the decoder's grid. Last, in pixels, `membrane.paste` hangs the painted part into the kept one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from cyclorama.diffusion.noise import draw_integers, draw_noise, seeded_generators
from cyclorama.diffusion.sampling import noised
from cyclorama.geometry import pad_sphere
from cyclorama.methods.membrane import harmonic_fill, paste
from cyclorama.models.protocol import Capabilities, Condition, Model

Method = Literal["masked", "published"]
METHODS: tuple[Method, ...] = ("masked", "published")
RESAMPLE = 1
RESAMPLED_LEVELS = (0.3, 0.95)  # the times between which going back pays

Progress = Callable[[int, int], None]


@torch.no_grad()
def repaint(
    model: Model,
    image: Float[Tensor, "3 height width"],
    mask: Float[Tensor, "mask_height mask_width"],
    prompt: str,
    *,
    seed: int,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    resample: int = RESAMPLE,
    method: Method = "masked",
    progress: Progress | None = None,
) -> Float[Tensor, "3 height width"]:
    """The image, in [0, 1], with the part where the mask is above 0 painted anew; float32 on the CPU.

    Pixels of mask 0 are the image's own, bit by bit; what was under the rest is not looked at, and masks between 0 and
    1 blend. A 2:1 image is a panorama. `resample` is how often a level is gone back to; `method` "published" is that of
    DiT360 (FLUX only, `published_repaint`). `progress(done, total)` is called after every evaluation.

    Raises:
        ValueError: for a size that is no whole number of tokens, a mask of another size or outside [0, 1], or one that
            keeps or repaints nothing.
    """
    image, mask = image.detach().float().cpu(), mask.detach().float().cpu()
    check_mask(image, mask)
    check_whole_tokens(model.capabilities, *mask.shape)
    if resample < 0:
        raise ValueError(f"got resample {resample}; wanted 0 or more")
    turn = _less_than_a_latent(model.capabilities, seed) if mask.shape[1] == 2 * mask.shape[0] else 0
    known = model.encode_images(harmonic_fill(image, mask == 0).roll(turn, -1)[None])
    latent_size = (known.shape[-2], known.shape[-1])
    masked = functional.adaptive_avg_pool2d(mask.roll(turn, -1)[None, None], latent_size).to(known.device)
    sigmas = model.sigmas(num_steps or model.default_steps, *mask.shape)
    task = Task(model, known, masked, model.encode_text([prompt]), seed, guidance_scale)
    if method == "published":
        from cyclorama.methods.published_repaint import sample_published

        latents = sample_published(task, sigmas, progress)
    else:
        latents = sample_masked(task, visits(sigmas, resample), progress)
    painted = model.decode_latents(latents)[0].float().cpu()
    return paste(image, painted.roll(-turn, -1), mask)


def _less_than_a_latent(capabilities: Capabilities, seed: int) -> int:
    """Columns of pixels, drawn from the seed."""
    return int(draw_integers(seeded_generators([seed]), capabilities.spatial_compression))


@dataclass(frozen=True)
class Task:
    """One picture to repaint: its latents `known`, and the share of the pixels of each that are `masked`."""

    model: Model
    known: Float[Tensor, "1 channels latent_height latent_width"]
    masked: Float[Tensor, "1 1 latent_height latent_width"]
    condition: Condition
    seed: int
    guidance_scale: float | None

    @property
    def panorama(self) -> bool:
        return self.known.shape[-1] == 2 * self.known.shape[-2]

    def velocity(self, latents: Tensor, t: Tensor, condition: Condition | None = None) -> Tensor:
        times = t.expand(len(latents)).to(latents.device)
        condition = self.condition if condition is None else condition
        return self.model.predict(latents, times, condition, guidance_scale=self.guidance_scale)


@dataclass(frozen=True)
class Visit:
    """One evaluation at time t, a step to `lower`, and then back up to `back` or not."""

    t: Float[Tensor, ""]
    lower: Float[Tensor, ""]
    back: bool


def visits(sigmas: Float[Tensor, " steps_and_end"], resample: int) -> list[Visit]:
    """Every level once, those between `RESAMPLED_LEVELS` `resample` times more."""
    low, high = RESAMPLED_LEVELS
    plan = []
    for t, lower in pairwise(sigmas):
        again = resample if low <= t <= high and lower > 0 else 0
        plan += [Visit(t, lower, back=left > 0) for left in range(again, -1, -1)]
    return plan


def sample_masked(
    task: Task, plan: list[Visit], progress: Progress | None
) -> Float[Tensor, "1 channels latent_height latent_width"]:
    """The latents at time 0, kept ones as they were."""
    generators = seeded_generators([task.seed])
    noise = draw_noise(generators, task.known.shape[1:], device=task.known.device)
    latents, known, change, turned = noise, task.known, softened(task.masked), 0
    for done, visit in enumerate(plan, start=1):
        if task.panorama:
            turn = int(draw_integers(generators, known.shape[-1]))
            latents, noise, known, change = (grid.roll(turn, -1) for grid in (latents, noise, known, change))
            turned += turn
        latents = latents + (visit.lower - visit.t) * task.velocity(latents, visit.t)
        latents = torch.where(change > visit.lower, latents, noised(known, noise, visit.lower[None]))
        if visit.back:
            fresh = draw_noise(generators, known.shape[1:], device=known.device)
            latents, noise = renoised(latents, noise, fresh, lower=visit.lower, upper=visit.t)
        if progress:
            progress(done, len(plan))
    return latents.roll(-turned, -1)


def renoised(
    latents: Float[Tensor, "*shape"], noise: Float[Tensor, "*shape"], fresh: Float[Tensor, "*shape"], *, lower, upper
) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
    """Latents at the time `lower` taken back to `upper`, and the noise that is then in them.

    x_u = a x_l + b n with a = (1 - u) / (1 - l) and b^2 = u^2 - a^2 l^2, so that noise of level l becomes noise of
    level u: RePaint's forward step in the coordinates x_t = (1 - t) x_0 + t e.
    """
    shrink = (1 - upper) / (1 - lower)
    added = (upper**2 - (shrink * lower) ** 2).clamp(min=0).sqrt()
    return shrink * latents + added * fresh, (shrink * lower * noise + added * fresh) / upper


def softened(
    masked: Float[Tensor, "1 1 latent_height latent_width"],
) -> Float[Tensor, "1 1 latent_height latent_width"]:
    """How far each latent may change, 0 (kept) to 1 (painted freely): its masked share, or a little by its neighbours'.

    A latent of change c is put back at times t >= c and free below ("Differential diffusion", Levin and Fried 2023):
    those near the border are guided at high noise and settle at low. On a panorama neighbours are those on the sphere.
    """
    if masked.shape[-1] == 2 * masked.shape[-2]:
        around = pad_sphere(masked, left=1, right=1, top=1, bottom=1)
    else:
        around = functional.pad(masked, (1, 1, 1, 1), mode="replicate")
    return torch.maximum(masked, functional.avg_pool2d(around, 3, stride=1))


def check_mask(image: Float[Tensor, "3 height width"], mask: Float[Tensor, "mask_height mask_width"]) -> None:
    """Raises `ValueError` unless the mask has the image's size, lies in [0, 1], and keeps and repaints something."""
    if image.shape[-2:] != mask.shape:
        wanted, got = ("x".join(map(str, size)) for size in (image.shape[-2:], mask.shape))
        raise ValueError(f"got a mask of {got}; wanted {wanted} (height x width) like the picture: resize the mask")
    if not (mask.min() >= 0 and mask.max() <= 1):
        raise ValueError(f"got a mask from {mask.min():g} to {mask.max():g}; wanted 0 (keep) to 1 (repaint)")
    if not mask.any():
        raise ValueError("got a mask that is black everywhere; wanted the part to repaint in white")
    if mask.all():
        raise ValueError("got a mask that keeps nothing; wanted black where the picture stays: or generate a new one")


def check_whole_tokens(capabilities: Capabilities, height: int, width: int) -> None:
    """Raises `ValueError`, with the nearest size, unless height and width are whole numbers of tokens."""
    unit = capabilities.token_multiple
    if height % unit or width % unit:
        nearest = "x".join(str(max(unit, round(side / unit) * unit)) for side in (height, width))
        raise ValueError(
            f"got a picture of {height}x{width}; {capabilities.name} wants multiples of {unit}: use {nearest}"
        )
