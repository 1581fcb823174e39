"""Rays into pictures: panoramas, photographs and single rays of one world, with its geometry.

Depth is the Euclidean distance along the ray in metres, inf where the ray leaves the world (the sky). Geometry is that
of the one ray through a pixel's centre; the colour of a pixel whose neighbours differ averages several rays.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.antialiasing import TILE, in_tiles, rough_pixels, sub_pixels
from cyclorama.diorama.exposure import develop, display, exposure_of
from cyclorama.diorama.look import Eye
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.tracing import GROUND, ROOM, SKY, Hits
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.geometry.rotations import rotation as turned


@dataclass(frozen=True)
class Render:
    """A picture and its geometry.

    `colours` are display values in [0, 1], `depth` metres along the ray (inf for the sky), `normals` unit vectors of
    the world and `points` world positions in metres (both 0 for the sky). `ids` number the things of the world: the
    `group` of its solids, or `tracing.GROUND`, `SKY`, `ROOM` or `WATER`, which are negative; a solid of no group
    counts as ground or room.
    """

    colours: Float[Tensor, "3 height width"]
    depth: Float[Tensor, "height width"]
    normals: Float[Tensor, "3 height width"]
    points: Float[Tensor, "3 height width"]
    ids: Int[Tensor, "height width"]


def render_panorama(
    scene: Scene,
    height: int,
    *,
    origin: Float[Tensor, "3"] | None = None,
    seconds: float = 0.0,
    antialias: int = 4,
) -> Render:
    """Equirectangular picture of a scene, [3, height, 2 * height]; the other arguments are `render_camera`'s."""
    return render_camera(scene, Equirect(height, 2 * height), origin=origin, seconds=seconds, antialias=antialias)


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
    seconds: float = 0.0,
    antialias: int = 4,
) -> Render:
    """Photograph of a scene with the horizontal field of view `fov_deg`, [3, height, width].

    The other arguments are those of `render_camera`. Raises ValueError for a field of view not in (0, 180).
    """
    turn = turned(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)
    camera = Perspective(height, width, fov_deg)
    return render_camera(scene, camera, rotation=turn, origin=origin, seconds=seconds, antialias=antialias)


@torch.no_grad()
def render_camera(
    scene: Scene,
    projection: Projection,
    *,
    rotation: Float[Tensor, "3 3"] | None = None,
    origin: Float[Tensor, "3"] | None = None,
    seconds: float = 0.0,
    antialias: int = 4,
    device: torch.device | str | None = None,
) -> Render:
    """What a camera turned by `rotation` (camera to world) sees from `origin`, on `device`.

    `origin` is the camera's place in metres (the scene's own eye point when None), `seconds` the time since the scene
    began. `antialias` more rays go through every pixel that differs from its neighbours. Pixels that the projection
    does not show are black sky. Raises ValueError for a negative `antialias`.
    """
    if antialias < 0:
        raise ValueError(f"got antialias {antialias}, wanted 0 or more extra rays for each rough pixel")
    dirs = camera_dirs(projection, rotation=rotation, device=device)
    eye = _eye_at(scene, origin, seconds, dirs.device, projection.pixel_angle)
    light, hits = _look_in_tiles(eye, dirs)
    height, width = dirs.shape[:2]
    if antialias:
        rough = rough_pixels(light, hits, height, width, wrap=projection.covers_sphere)
        fine = sub_pixels(projection, rough, antialias, like=dirs)
        fine = fine if rotation is None else rotate_dirs(fine, rotation)
        extra = _shown(eye, eye.look(fine.reshape(-1, 3))[0]).reshape(-1, antialias, 3)
        light[rough] = (light[rough] + extra.sum(1)) / (1 + antialias)
    return _picture(eye.world, light, hits, dirs)


@torch.no_grad()
def render(
    scene: Scene,
    dirs: Float[Tensor, "height width 3"],
    origin: Float[Tensor, "3"] | None = None,
    *,
    seconds: float = 0.0,
) -> Render:
    """See a scene along world unit directions from `origin` (metres; the scene's own eye point when None)."""
    eye = _eye_at(scene, origin, seconds, dirs.device, None)
    light, hits = _look_in_tiles(eye, dirs.float())
    return _picture(eye.world, light, hits, dirs)


def _eye_at(
    scene: Scene, origin: Tensor | None, seconds: float, device: torch.device, pixel_angle: float | None
) -> Eye:
    world = build(scene, device, seconds)
    place = torch.tensor(world.eye, device=device) if origin is None else origin.to(device, torch.float32)
    return Eye.at(world, place, pixel_angle=pixel_angle)


def _look_in_tiles(eye: Eye, dirs: Tensor) -> tuple[Tensor, Hits]:
    """Displayed light and hits of every pixel in the order of rows; rays travel in tiles of neighbours."""
    height, width = dirs.shape[:2]
    order = in_tiles(height, width, TILE, dirs.device)
    light, hits = eye.look(dirs.reshape(-1, 3)[order])
    back = torch.empty_like(order)
    back[order] = torch.arange(len(order), device=order.device)
    return _shown(eye, light)[back], hits.where(back)


def _shown(eye: Eye, light: Tensor) -> Tensor:
    return display(light, exposure_of(eye.world.scene.time, indoors=eye.world.room is not None))


def _picture(world: World, light: Tensor, hits: Hits, dirs: Tensor) -> Render:
    height, width = dirs.shape[:2]
    shown = (dirs != 0).any(-1)

    def image(values: Tensor) -> Tensor:
        return rearrange(values, "(h w) c -> c h w", h=height) * shown

    sky = (hits.what == SKY)[:, None]
    normals, points = hits.normals.masked_fill(sky, 0), hits.points.masked_fill(sky, 0)
    ids = _ids(world, hits.what).reshape(height, width).masked_fill(~shown, SKY)
    depth = hits.distance.reshape(height, width).masked_fill(~shown, torch.inf)
    return Render(image(develop(light)), depth, image(normals), image(points), ids)


def _ids(world: World, what: Tensor) -> Tensor:
    """Groups of solids in place of their indices."""
    nothing = GROUND if world.room is None else ROOM
    groups = [solid.group if solid.group >= 0 else nothing for solid in world.solids]
    table = torch.tensor([*groups, nothing], device=what.device)
    return torch.where(what >= 0, table[what.clamp(min=0)], what)
