"""A panorama made larger by a perspective model: detail is painted into tiles of the sphere that are fused on it.

The panorama is enlarged smoothly and looked at through views as fine as the target, of the model's own size. Their
latents get noise of a middle level from one field on the sphere and are denoised as by `sphere_diffusion`, so there is
no seam and a pole is a place like any other. Last, the difference between the panorama and the painted one, made as
small as it was, is added: what was there stays, and only what is finer was painted.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import avg_pool2d

from cyclorama.diffusion.noise import seeded_generators
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import Degrees
from cyclorama.methods.directional_prompts import prompts_by_height
from cyclorama.methods.noise_field import NoiseField, num_shares
from cyclorama.methods.sphere_diffusion import Progress, SphereTask, denoise, draw_yaw_deg
from cyclorama.methods.sphere_latents import FieldNoise
from cyclorama.methods.sphere_settings import SphereSettings, check_sphere_model, make_fusion, view_size_for
from cyclorama.methods.view_blending import blend_views, encode_views
from cyclorama.methods.view_layouts import TURN_DEG, ViewLayout, on_rings
from cyclorama.models.protocol import Model

STRENGTH = 0.5
"""At 0.3 the miniature adds nothing that can be seen."""
OVERLAP = 0.6
"""The distance of neighbouring tiles by their field of view."""
ROUNDS = 3
"""Differences that are added; three more raise the detail by a thirtieth."""


@torch.no_grad()
def enlarge(
    model: Model,
    panorama: Float[Tensor, "3 height width"],
    height: int,
    prompt: str,
    *,
    seed: int,
    strength: float = STRENGTH,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    progress: Progress | None = None,
) -> Float[Tensor, "3 new_height new_width"]:
    """The panorama at `height` rows, a whole multiple of its own, in [0, 1]; float32 on the CPU.

    `strength` is the noise level that is begun at: more of it paints more and keeps less. `num_steps` is that of a
    whole denoising, of which only the steps below `strength` are taken.

    Raises:
        ValueError: for a picture that is not 2:1, a height that is no multiple above 1, a strength outside [0.05, 1), a
            panoramic model.
    """
    facts, rows = model.capabilities, panorama.shape[-2]
    check_sphere_model(facts)
    check_enlargement(rows, panorama.shape[-1], height, strength)
    smooth = enlarge_smoothly(panorama, height).clamp(0, 1)
    settings = SphereSettings(tiles(tile_fov_deg(facts.native_size[0], height)))
    size = view_size_for(facts, settings.layout, height)
    grid = size // facts.spatial_compression
    camera = Perspective(grid, grid, settings.layout.fov_deg)
    [generator] = seeded_generators([seed])
    task = SphereTask(model, prompts_by_height(prompt), settings, camera, guidance_scale, draw_yaw_deg(generator))
    levels = model.sigmas(num_steps or model.default_steps, size, size).tolist()
    sigmas = [strength, *(t for t in levels if t < strength)]
    views, _ = task.views_at(0)
    fusion = make_fusion(settings, camera)
    clean = fusion.fuse(views, encode_views(model, smooth, views), torch.zeros(facts.latent_channels, fusion.num_cells))
    field = NoiseField.draw(num_shares(camera), facts.latent_channels, generator)
    latents = FieldNoise(fusion, field, clean, strength)
    painted = blend_views(model, *denoise(task, latents, sigmas, progress=progress), height)
    return project_back(painted, panorama)


def check_enlargement(rows: int, columns: int, height: int, strength: float = STRENGTH) -> None:
    """Raises `ValueError` for what `enlarge` cannot do."""
    if columns != 2 * rows:
        raise ValueError(f"got a picture of {rows}x{columns}; wanted a panorama, twice as wide as high")
    if height <= rows or height % rows:
        raise ValueError(
            f"got height {height} for {rows} rows; wanted a whole multiple: 2 or 4 times, {2 * rows} or {4 * rows}"
        )
    if not 0.05 <= strength < 1:
        raise ValueError(f"got strength {strength:g}; wanted 0.05 (keep) to below 1 (paint anew)")


def tile_fov_deg(size: int, height: int) -> Degrees:
    """The width of a tile of `size` pixels whose middle is as fine as the panorama's equator: 90 degrees at most."""
    return min(90.0, math.degrees(2 * math.atan(size * math.pi / (2 * height))))


def tiles(fov_deg: Degrees) -> ViewLayout:
    """Rings of views so close that neighbours overlap by 40 %, in every direction."""
    apart = OVERLAP * fov_deg
    num_rings = math.ceil(180 / apart) | 1  # odd: one lies on the horizon, and the outermost are the poles
    pitches = [-90 + 180 * index / (num_rings - 1) for index in range(num_rings)]
    counts = [max(1, math.ceil(360 * math.cos(math.radians(pitch)) / apart - 1e-9)) for pitch in pitches]
    return ViewLayout(on_rings(*zip(pitches, counts, strict=True)), fov_deg, TURN_DEG)


def enlarge_smoothly(small: Float[Tensor, "3 height width"], height: int) -> Float[Tensor, "3 new_height new_width"]:
    """The panorama by bicubic interpolation across seam and poles; it may leave [0, 1] by a little."""
    return reproject(small, Equirect(*small.shape[-2:]), Equirect(height, 2 * height), mode="bicubic")


def project_back(
    large: Float[Tensor, "3 new_height new_width"], small: Float[Tensor, "3 height width"]
) -> Float[Tensor, "3 new_height new_width"]:
    """The large picture, changed smoothly until the means of its blocks are the small one's pixels.

    Iterative back-projection (Irani and Peleg 1991).
    """
    for _ in range(ROUNDS):
        missing = small - avg_pool2d(large, large.shape[-2] // small.shape[-2])
        large = large + enlarge_smoothly(missing, large.shape[-2])
    return large.clamp(0, 1)
