"""Rays into pictures: what each ray meets, how it is lit, and what the eye sees.

`render` takes any unit directions, so panoramas, photographs and single rays are the same picture of the same world.
Depth is the Euclidean distance along the ray in metres, inf where the ray leaves the world (the sky).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.atmosphere import haze, lawn
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.lighting import shade
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.tracing import SKY, WATER, trace
from cyclorama.diorama.water import water_light
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.geometry.rotations import rotation

EXPOSURE, GAMMA = 1.5, 2.2


@dataclass(frozen=True)
class Render:
    """Colours [3, H, W] in [0, 1] (display values) and depth [H, W] in metres along the ray, inf for the sky."""

    colours: Float[Tensor, "3 height width"]
    depth: Float[Tensor, "height width"]


def render_panorama(
    scene: Scene, height: int, *, origin: Float[Tensor, "3"] | None = None, supersample: int = 2
) -> Render:
    """Equirectangular picture of a scene, [3, height, 2 * height]; each pixel averages supersample^2 rays.

    `origin` is the camera's place in metres (the scene's own eye point when None). The depth of a pixel is that of the
    one ray nearest its centre, below and to the right of it when `supersample` is even.
    """
    panorama = Equirect(height * supersample, 2 * height * supersample)
    return _shrink(render(scene, camera_dirs(panorama), origin), supersample)


def render_view(
    scene: Scene,
    height: int,
    width: int,
    fov_deg: Real,
    *,
    yaw_deg: Real = 0.0,
    pitch_deg: Real = 0.0,
    roll_deg: Real = 0.0,
    origin: Float[Tensor, "3"] | None = None,
    supersample: int = 2,
) -> Render:
    """Photograph of a scene with the horizontal field of view `fov_deg`, [3, height, width].

    `origin` and `supersample` are those of `render_panorama`. Raises ValueError for a field of view not in (0, 180).
    """
    turn = rotation(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    dirs = camera_dirs(Perspective(height * supersample, width * supersample, fov_deg), rotation=turn)
    return _shrink(render(scene, dirs, origin), supersample)


@torch.no_grad()
def render(scene: Scene, dirs: Float[Tensor, "height width 3"], origin: Float[Tensor, "3"] | None = None) -> Render:
    """See a scene along world unit directions from `origin` (metres; the scene's own eye point when None)."""
    world = build(scene, dirs.device)
    eye = torch.tensor(world.eye, device=dirs.device) if origin is None else origin.to(dirs)
    rays = rearrange(dirs, "h w c -> (h w) c").float()
    light, distance = look(world, eye, rays)
    colours = rearrange(_develop(light), "(h w) c -> c h w", h=dirs.shape[0])
    return Render(colours, distance.reshape(dirs.shape[:2]))


def look(
    world: World, eye: Float[Tensor, "3"], rays: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, "n 3"], Float[Tensor, " n"]]:
    """Linear light that comes along unit rays to the eye, and the distance in metres that it comes from."""
    skyline = Skyline.of(world.terrain, eye) if world.terrain else None
    hits = trace(world, skyline, eye, rays)
    met = hits.what != SKY
    light = world.sky.colour(rays)
    light[met] = shade(world, skyline, hits.where(met))
    if skyline is None:
        outside = ~met & (rays[:, 1] < 0)
        light[outside] = lawn(world.sky, rays[outside], eye)
        return light, hits.distance
    wet = hits.what == WATER
    if wet.any():
        light[wet] = water_light(world.sky, skyline, hits.where(wet), rays[wet])
    return haze(world.sky, light, hits.distance, rays), hits.distance


def _shrink(fine: Render, factor: int) -> Render:
    """Average the light, not the display values, of factor x factor rays; keep the depth of one of them."""
    if factor == 1:
        return fine
    colours = F.avg_pool2d(fine.colours[None] ** GAMMA, factor)[0] ** (1 / GAMMA)
    middle = slice(factor // 2, None, factor)
    return Render(colours, fine.depth[middle, middle].contiguous())


def _develop(light: Tensor) -> Tensor:
    """Exposure with a shoulder, then the display's gamma."""
    return (1 - torch.exp(-EXPOSURE * light.clamp(min=0))).clamp(0, 1) ** (1 / GAMMA)
