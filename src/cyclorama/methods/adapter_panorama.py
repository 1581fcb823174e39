"""Text to panorama with a base model and a panorama adapter (DiT360, CVPR 2026, and our own).

The latents are turned by a random number of latent columns before every step, so that no column is the border of the
picture or of a token for long, and turned back at the end. A sentence names no direction, so the decoded picture is
turned by less than a latent once more: the file's border is any column, not always one of the decoder's grid. Noise and
turns come from the sample's own seed: no picture depends on its batch.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diffusion.noise import draw_integers, draw_noise, seeded_generators
from cyclorama.diffusion.sampling import EulerSolver
from cyclorama.geometry.equirect import roll_each
from cyclorama.models.protocol import Capabilities, Condition, Model

Progress = Callable[[int, int], None]


@torch.no_grad()
def generate_panoramas(
    model: Model,
    prompts: Sequence[str],
    *,
    seeds: Sequence[int],
    height: int,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    yaw_steps: bool = True,
    progress: Progress | None = None,
) -> Float[Tensor, "batch 3 height width"]:
    """One equirectangular panorama of `height` x 2 `height` pixels per prompt and seed, in [0, 1], float32 on the CPU.

    `progress(done, total)` is called after every step. On the CPU samples run one after another (a batch gains nothing
    there), so the same seed gives the same bytes alone or in a batch.

    Raises:
        ValueError: for an empty prompt, another number of seeds than of prompts, or an impossible size.
    """
    check_panorama_size(model.capabilities, height)
    _check_prompts(prompts, seeds)
    at_once = samples_at_once(model, len(seeds))
    steps = model.default_steps if num_steps is None else num_steps
    sigmas = model.sigmas(steps, height, 2 * height)
    batches = range(0, len(seeds), at_once)
    total = steps * len(batches)
    images = []
    for index, start in enumerate(batches):
        part = slice(start, start + at_once)
        condition = model.encode_text(prompts[part])

        def tell(done: int, before: int = index * steps) -> None:
            if progress:
                progress(before + done, total)

        latents, yaw = _sample(model, condition, sigmas, seeds[part], height, guidance_scale, yaw_steps, tell)
        images.append(roll_each(model.decode_latents(latents).float().cpu(), yaw))
    return torch.cat(images)


def _sample(
    model: Model,
    condition: Condition,
    sigmas: Float[Tensor, " steps_and_end"],
    seeds: Sequence[int],
    height: int,
    guidance_scale: float | None,
    yaw_steps: bool,
    tell: Callable[[int], None],
) -> tuple[Float[Tensor, "batch channels latent_height latent_width"], Int[Tensor, " batch"]]:
    """The latents, and the yaw in pixels that decoded pictures still get."""
    facts = model.capabilities
    rows = height // facts.spatial_compression
    generators = seeded_generators(seeds)
    latents = draw_noise(generators, (facts.latent_channels, rows, 2 * rows), device=model.device)
    turned = torch.zeros(len(seeds), dtype=torch.int64)
    solver = EulerSolver(sigmas)
    for done, t in enumerate(solver.times, start=1):
        if yaw_steps:
            turn = draw_integers(generators, 2 * rows)
            latents, turned = roll_each(latents, turn), turned + turn
        times = t.expand(len(seeds)).to(latents.device)
        velocity = model.predict(latents, times, condition, guidance_scale=guidance_scale)
        latents = solver.step(velocity, latents)
        tell(done)
    yaw = draw_integers(generators, facts.spatial_compression) if yaw_steps else turned
    return roll_each(latents, -turned), yaw


def samples_at_once(model: Model, count: int) -> int:
    """One on the CPU, where a batch gains nothing, so that pictures are the same bytes alone or in a batch."""
    return 1 if model.device.type == "cpu" else count


def check_panorama_size(capabilities: Capabilities, height: int, width: int | None = None) -> None:
    """A panorama is 2:1, and a whole number of tokens in every half turn.

    Raises:
        ValueError: with the nearest size that works.
    """
    unit = capabilities.token_multiple
    if width is not None and width != 2 * height:
        raise ValueError(f"got a size of {height}x{width}; a panorama is 2:1: use {height}x{2 * height}")
    if height < unit or height % unit:
        nearest = max(unit, round(height / unit) * unit)
        raise ValueError(f"got height {height}; {capabilities.name} wants a multiple of {unit}: use {nearest}")


def _check_prompts(prompts: Sequence[str], seeds: Sequence[int]) -> None:
    if isinstance(prompts, str):
        raise ValueError(f"got one string, {prompts!r}; wanted a list of prompts")
    if not prompts or any(not prompt.strip() for prompt in prompts):
        raise ValueError("got an empty prompt; wanted a sentence that says what to show")
    if len(prompts) != len(seeds):
        raise ValueError(f"got {len(prompts)} prompts and {len(seeds)} seeds; wanted one seed per prompt")
