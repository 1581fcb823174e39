"""Pictures of meshes: panoramas and any other projection, with depth, normals and the parts of the scene."""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.antialiasing import rough_pixels, sub_pixels
from cyclorama.diorama.meshes.shading import Seen, see
from cyclorama.diorama.meshes.surfaces import MeshScene
from cyclorama.diorama.render import Render
from cyclorama.diorama.tracing import SKY, Hits
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.poses import require_pose
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.geometry.rotations import rotate_dirs
from cyclorama.media.levels import linear_to_srgb


def render_mesh_panorama(
    scene: MeshScene, height: int, cam_to_world: Float[Tensor, "4 4"], *, antialias: int = 4, shading: str = "auto"
) -> Render:
    """Equirectangular picture of a mesh, [3, height, 2 * height]; the other arguments are `render_mesh`'s."""
    return render_mesh(scene, Equirect(height, 2 * height), cam_to_world, antialias=antialias, shading=shading)


@torch.no_grad()
def render_mesh(
    scene: MeshScene,
    projection: Projection,
    cam_to_world: Float[Tensor, "4 4"],
    *,
    antialias: int = 4,
    shading: str = "auto",
) -> Render:
    """What a camera at a pose sees of a mesh.

    Depth, normals and ids (the number of the part, `tracing.SKY` for nothing) are those of the ray through a pixel's
    centre; `antialias` more rays go through every pixel that differs from its neighbours. Where there is no surface the
    picture is black and the depth inf. `shading` is "unlit" (the paint itself), "lamp" (a lamp at the eye) or "auto".

    Raises ValueError for what is no pose, a negative `antialias` and an unknown `shading`.
    """
    if antialias < 0:
        raise ValueError(
            f"got antialias {antialias}, wanted 0 or more: it is the number of extra rays of a rough pixel"
        )
    matrix = require_pose(cam_to_world).double().cpu()
    turn, eye = matrix[:3, :3], matrix[:3, 3].numpy()
    dirs = camera_dirs(projection, rotation=turn, dtype=torch.float64)
    how = {"shading": shading, "ray_angle": projection.pixel_angle}
    seen = see(scene, eye, dirs.reshape(-1, 3).numpy(), **how)
    hits = _as_hits(scene, seen, eye, dirs)
    light = torch.from_numpy(seen.light)
    if antialias:
        height, width = dirs.shape[:2]
        rough = rough_pixels(light, hits, height, width, wrap=projection.covers_sphere)
        fine = rotate_dirs(sub_pixels(projection, rough, antialias, like=dirs), turn).reshape(-1, 3)
        finer = see(scene, eye, fine.numpy(), **how)
        light[rough] = _averaged(light[rough], seen.faces[rough.numpy()] >= 0, finer, antialias)
    return _picture(light, hits, dirs)


def _averaged(centre: Tensor, centre_met: np.ndarray, finer: Seen, count: int) -> Tensor:
    """The mean of the rays of each pixel that met anything: holes are no dark rims."""
    met = np.concatenate([centre_met[:, None], (finer.faces >= 0).reshape(-1, count)], 1).sum(1)
    total = centre + torch.from_numpy(finer.light).reshape(-1, count, 3).sum(1)
    return total / torch.from_numpy(met).clamp(min=1)[:, None]


def _as_hits(scene: MeshScene, seen: Seen, eye: np.ndarray, dirs: Tensor) -> Hits:
    distance = torch.from_numpy(seen.distance)
    points = torch.from_numpy(eye) + distance.nan_to_num(posinf=0.0)[:, None] * dirs.reshape(-1, 3)
    what = torch.from_numpy(np.where(seen.faces < 0, SKY, scene.parts[seen.faces]))
    return Hits(distance.float(), points.float(), torch.from_numpy(seen.normals), what)


def _picture(light: Tensor, hits: Hits, dirs: Tensor) -> Render:
    height, width = dirs.shape[:2]
    shown = (dirs != 0).any(-1)

    def image(values: Tensor) -> Tensor:
        return rearrange(values, "(h w) c -> c h w", h=height) * shown

    nothing = (hits.what == SKY)[:, None]
    depth = hits.distance.reshape(height, width).masked_fill(~shown, torch.inf)
    ids = hits.what.reshape(height, width).masked_fill(~shown, SKY)
    colours = torch.from_numpy(linear_to_srgb(light.numpy()))
    return Render(image(colours), depth, image(hits.normals), image(hits.points.masked_fill(nothing, 0)), ids)
