"""Poses: where a camera stands and how it is turned, `[*batch, 4, 4]` matrices.

A pose is `cam_to_world`, `x_world = cam_to_world[:3, :3] @ x_cam + cam_to_world[:3, 3]`; `a_to_b` takes the coordinates
of camera a to those of camera b. Its rotation is the 3 x 3 part, its position the camera's place in the world. Cameras
look along their own -z with +y up (OpenGL); OpenCV's and COLMAP's look along +z with +y down.

Functions that take points or directions `[*batch, *shape, 3]` align the batch dimensions of the poses with the first of
those. Sums are written out instead of matrix products, which autocast and TF32 would round to 8 or 11 bits.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.quaternions import slerp

ROTATION_TOLERANCE = 1e-3  # of R^T R; files round to 6 digits or so
_DEGENERATE = 1e-6  # sine of the angle between the view and `up` below which `up` says nothing


def pose(rotation: Float[Tensor, "*#batch 3 3"], position: Float[Tensor, "*#batch 3"]) -> Float[Tensor, "*out 4 4"]:
    """The pose of a rotation and a position; they are its `[..., :3, :3]` and `[..., :3, 3]`.

    >>> pose(torch.eye(3), torch.tensor([1.0, 2.0, 3.0]))[:3, 3].tolist()
    [1.0, 2.0, 3.0]
    """
    batch = torch.broadcast_shapes(rotation.shape[:-2], position.shape[:-1])
    upper = torch.cat([rotation.expand(*batch, 3, 3), position.unsqueeze(-1).expand(*batch, 3, 1)], dim=-1)
    last = torch.tensor([0.0, 0.0, 0.0, 1.0], dtype=upper.dtype, device=upper.device)
    return torch.cat([upper, last.expand(*batch, 1, 4)], dim=-2)


def invert(cam_to_world: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 4 4"]:
    """`world_to_cam`; its own inverse. A rigid motion needs no division.

    >>> invert(pose(torch.eye(3), torch.tensor([1.0, 2.0, 3.0])))[:3, 3].tolist()
    [-1.0, -2.0, -3.0]
    """
    back = cam_to_world[..., :3, :3].mT
    return pose(back, -_turned(cam_to_world[..., :3, 3], back))


def compose(b_to_c: Float[Tensor, "*#batch 4 4"], a_to_b: Float[Tensor, "*#batch 4 4"]) -> Float[Tensor, "*out 4 4"]:
    """`a_to_c`, the matrix product."""
    return (b_to_c.unsqueeze(-1) * a_to_b.unsqueeze(-3)).sum(-2)


def relative_pose(
    a_to_world: Float[Tensor, "*#batch 4 4"], b_to_world: Float[Tensor, "*#batch 4 4"]
) -> Float[Tensor, "*out 4 4"]:
    """`a_to_b`, the pose of camera a as camera b sees it; swapped arguments give its inverse.

    >>> a, b = (pose(torch.eye(3), torch.tensor([0.0, 0.0, z])) for z in (5.0, 7.0))
    >>> relative_pose(a, b)[:3, 3].tolist()
    [0.0, 0.0, -2.0]
    """
    back = b_to_world[..., :3, :3].mT
    rotation = (back.unsqueeze(-1) * a_to_world[..., :3, :3].unsqueeze(-3)).sum(-2)
    return pose(rotation, _turned(a_to_world[..., :3, 3] - b_to_world[..., :3, 3], back))


def look_at(
    eye: Float[Tensor, "*#batch 3"], target: Float[Tensor, "*#batch 3"], *, up: Float[Tensor, "3"] | None = None
) -> Float[Tensor, "*out 4 4"]:
    """The pose of a level camera at `eye` that sees `target` in its middle; `up` is +y unless told otherwise.

    A camera that looks along `up` or against it is turned as one that pitched there from the front: +x is to its right
    (for an `up` along x, -y or +y).

    Raises ValueError where the target is the eye and for an `up` of length 0.

    >>> look_at(torch.zeros(3), torch.tensor([4.0, 0.0, 0.0]))[:3, 2].tolist()  # backwards
    [-1.0, 0.0, 0.0]
    """
    eye, target = torch.broadcast_tensors(eye, target)
    up = eye.new_tensor([0.0, 1.0, 0.0]) if up is None else up.to(eye)
    if (eye == target).all(-1).any() or not up.any():
        raise ValueError("got a target at the eye or an up of length 0, wanted a direction to look along")
    up, backward = F.normalize(up, dim=-1), F.normalize(eye - target, dim=-1)
    level = torch.linalg.cross(up.expand_as(backward), backward)
    along_up = level.norm(dim=-1, keepdim=True) < _DEGENERATE
    # what pitches to `up` from the front: +x for +y, -y for +x, +x for z
    side = up.new_tensor([1.0, 0.0, 0.0]) if up[0].abs() < 0.9 else torch.stack([up[0] * 0, -up[0].sign(), up[0] * 0])
    right = F.normalize(torch.where(along_up, side.expand_as(backward), level), dim=-1)
    right = F.normalize(_without(right, backward), dim=-1)
    return pose(torch.stack([right, torch.linalg.cross(backward, right), backward], dim=-1), eye)


def interpolate_poses(
    start: Float[Tensor, "*#batch 4 4"], end: Float[Tensor, "*#batch 4 4"], fraction: Float[Tensor, "*#batch"]
) -> Float[Tensor, "*out 4 4"]:
    """Poses between two: positions on the line, rotations on the shortest arc; exact at fractions 0 and 1.

    >>> end = pose(torch.eye(3), torch.tensor([4.0, 0.0, 0.0]))
    >>> interpolate_poses(torch.eye(4), end, torch.tensor([0.0, 0.25]))[:, 0, 3].tolist()
    [0.0, 1.0]
    """
    rotation = slerp(start[..., :3, :3], end[..., :3, :3], fraction)
    at = fraction.unsqueeze(-1)
    return pose(rotation, (1 - at) * start[..., :3, 3] + at * end[..., :3, 3])


def opengl_to_opencv(cam_to_world: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 4 4"]:
    """The same camera with its axes named as OpenCV and COLMAP do, +y down and +z ahead; undone by `opencv_to_opengl`.

    The world keeps its axes.

    >>> opengl_to_opencv(torch.eye(4)).diagonal().tolist()
    [1.0, -1.0, -1.0, 1.0]
    """
    return cam_to_world * cam_to_world.new_tensor([1.0, -1.0, -1.0, 1.0]) + 0.0  # turns -0.0 into 0.0


def opencv_to_opengl(cam_to_world: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 4 4"]:
    """The same camera with axes of +y up and +z behind, as here; undone by `opengl_to_opencv`."""
    return opengl_to_opencv(cam_to_world)


def transform_points(
    points: Float[Tensor, "*points 3"], a_to_b: Float[Tensor, "*batch 4 4"]
) -> Float[Tensor, "*out 3"]:
    """Points of camera a in the coordinates of camera b.

    >>> transform_points(torch.zeros(5, 3), pose(torch.eye(3), torch.ones(3))).shape
    torch.Size([5, 3])
    """
    aligned = align(a_to_b, points)
    return _turned(points, aligned[..., :3, :3]) + aligned[..., :3, 3]


def transform_dirs(dirs: Float[Tensor, "*dirs 3"], a_to_b: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*out 3"]:
    """Directions of camera a in the coordinates of camera b: turned, not moved."""
    return _turned(dirs, align(a_to_b, dirs)[..., :3, :3])


def align(a_to_b: Float[Tensor, "*batch 4 4"], vectors: Float[Tensor, "*shape 3"]) -> Float[Tensor, "*aligned 4 4"]:
    """The poses with dimensions of length 1 between theirs and the matrix, so that they broadcast with the vectors.

    Raises ValueError for vectors with fewer dimensions than the poses, or others than theirs.
    """
    batch, shape = a_to_b.shape[:-2], vectors.shape[:-1]
    if len(shape) < len(batch) or any(n not in (1, m) and m != 1 for n, m in zip(batch, shape, strict=False)):
        raise ValueError(
            f"got poses of shape {tuple(a_to_b.shape)} for vectors of shape {tuple(vectors.shape)}, "
            "wanted the dimensions of the poses first in the vectors"
        )
    return a_to_b.reshape(*batch, *(1,) * (len(shape) - len(batch)), 4, 4)


def require_pose(cam_to_world: Float[Tensor, "*batch 4 4"]) -> Float[Tensor, "*batch 4 4"]:
    """The poses themselves; ValueError, which says how far off, if one is no rotation and position."""
    if cam_to_world.shape[-2:] != (4, 4):
        raise ValueError(f"got a pose of shape {tuple(cam_to_world.shape)}, wanted 4x4 matrices")
    flat = cam_to_world.detach().reshape(-1, 4, 4).double().cpu()
    if not flat.isfinite().all():
        raise ValueError("got a pose with NaN or infinity, wanted a rotation and a position")
    require_rotation(flat[:, :3, :3])
    if not ((flat[:, 3] - flat.new_tensor([0.0, 0.0, 0.0, 1.0])).abs() <= ROTATION_TOLERANCE).all():
        raise ValueError("got a pose whose last row is not 0 0 0 1, wanted cam_to_world (not its transpose)")
    return cam_to_world


def require_rotation(rotation: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotations themselves; ValueError, which says how far off, if one is none."""
    flat = rotation.detach().reshape(-1, 3, 3).double()
    error = (flat.mT @ flat - torch.eye(3, dtype=flat.dtype, device=flat.device)).abs().amax((-2, -1))
    wrong = ~(error <= ROTATION_TOLERANCE) | (torch.linalg.det(flat) < 0)
    if wrong.any():
        first = int(wrong.nonzero()[0])
        raise ValueError(
            f"got a matrix (number {first}) that is no rotation, max |R^T R - 1| {error[first]:.3g} and "
            f"det R {torch.linalg.det(flat[first]):.3g}, wanted 0 and 1: remove scale, shear and mirroring"
        )
    return rotation


def _turned(vectors: Float[Tensor, "*#batch 3"], rotation: Float[Tensor, "*#batch 3 3"]) -> Float[Tensor, "*out 3"]:
    x, y, z = vectors[..., 0:1], vectors[..., 1:2], vectors[..., 2:3]
    return x * rotation[..., 0] + y * rotation[..., 1] + z * rotation[..., 2]


def _without(vectors: Float[Tensor, "*batch 3"], axis: Float[Tensor, "*batch 3"]) -> Float[Tensor, "*batch 3"]:
    """What is left of vectors without their part along a unit axis."""
    return vectors - (vectors * axis).sum(-1, keepdim=True) * axis
