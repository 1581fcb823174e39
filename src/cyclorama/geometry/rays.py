"""Rays of posed cameras: origins, directions, Plücker coordinates, and where their points lie for another camera.

A camera is a projection (`Equirect`, `Perspective`, ...) and a pose `cam_to_world`. Depth is the Euclidean distance
along a ray, inf where the ray leaves the world: such a point has a direction for every camera and no position.
Everything is differentiable in the pose and the depth.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.poses import align, transform_dirs
from cyclorama.geometry.projection import Projection


def rays(
    camera: Projection, cam_to_world: Float[Tensor, "*batch 4 4"]
) -> tuple[Float[Tensor, "*batch height width 3"], Float[Tensor, "*batch height width 3"]]:
    """Origins and unit directions in the world of the rays through all pixels' centres.

    The direction is 0 where the picture shows nothing (beyond the circle of a fisheye).

    >>> from cyclorama.geometry.equirect import Equirect
    >>> origins, dirs = rays(Equirect(4, 8), torch.eye(4))
    >>> origins.shape, dirs.shape
    (torch.Size([4, 8, 3]), torch.Size([4, 8, 3]))
    """
    in_camera = camera.pixel_dirs(like=cam_to_world)
    dirs = transform_dirs(in_camera.expand(*cam_to_world.shape[:-2], *in_camera.shape), cam_to_world)
    return cam_to_world[..., None, None, :3, 3].expand_as(dirs), dirs


def plucker(camera: Projection, cam_to_world: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 6 height width"]:
    """Plücker coordinates (d, o x d) in the world of all pixels' rays; o may be any point of the ray.

    >>> from cyclorama.geometry.equirect import Equirect
    >>> plucker(Equirect(4, 8), torch.eye(4).expand(2, 3, 4, 4)).shape
    torch.Size([2, 3, 6, 4, 8])
    """
    origins, dirs = rays(camera, cam_to_world)
    return rearrange(torch.cat([dirs, torch.linalg.cross(origins, dirs)], dim=-1), "... h w c -> ... c h w")


def seen_from(
    dirs: Float[Tensor, "*shape 3"], distance: Float[Tensor, "*#shape"], a_to_b: Float[Tensor, "*batch 4 4"]
) -> tuple[Float[Tensor, "*out 3"], Float[Tensor, "*out_distances"]]:
    """Unit direction and distance, for camera b, of points at a distance along unit directions of camera a.

    A point at distance inf is a direction that only turns; its distance stays inf. The dimensions of the poses come
    first in `dirs`, as in `transform_dirs`. The inverse takes the result and `invert(a_to_b)`.

    >>> ahead = torch.tensor([0.0, 0.0, -1.0])
    >>> a_to_b = torch.eye(4) + torch.tensor([[0.0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    >>> [part.tolist() for part in seen_from(ahead, torch.tensor(1.0), a_to_b)]
    [[1.0, 0.0, 0.0], 1.0]
    """
    turned, baseline = transform_dirs(dirs, a_to_b), align(a_to_b, dirs)[..., :3, 3]
    distance = distance.unsqueeze(-1)
    one, near, infinite = torch.ones_like(distance), distance < 1, distance.isinf()
    # the point, or beyond 1 the point divided by its distance: exact at 0 and at infinity
    point = torch.where(near, distance, one) * turned + baseline / torch.where(near, one, distance)
    length = torch.linalg.vector_norm(point, dim=-1, keepdim=True)
    unit = point / torch.where(length == 0, torch.ones_like(length), length)
    finite = length * torch.where(near | infinite, one, distance)
    return unit, torch.where(infinite, distance, finite).squeeze(-1)
