"""Camera paths: `[num_frames, 4, 4]` poses (`cam_to_world`), the first and the last included unless said otherwise."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.geometry.poses import interpolate_poses, pose, require_pose
from cyclorama.geometry.quaternions import matrix_to_quaternion, quaternion_to_matrix, slerp_quaternions, turn_between
from cyclorama.geometry.rotations import Degrees

_STEPS = 256  # per segment of a spline, to measure its length

Mix = Callable[[Tensor, Tensor, Tensor], Tensor]


def line(start: Float[Tensor, "4 4"], end: Float[Tensor, "4 4"], num_frames: int) -> Float[Tensor, "frames 4 4"]:
    """Straight from one pose to another at constant speed, turning by the shortest arc.

    >>> line(torch.eye(4), torch.eye(4), 3).shape
    torch.Size([3, 4, 4])
    """
    _require_frames(num_frames)
    require_pose(torch.stack([start, end]))
    return interpolate_poses(start, end, torch.linspace(0, 1, num_frames, dtype=start.dtype, device=start.device))


def orbit(
    num_frames: int,
    *,
    radius: float | int,
    centre: Float[Tensor, "3"] | None = None,
    axis: Float[Tensor, "3"] | None = None,
    sweep_deg: Degrees = 360,
    outwards: bool = False,
) -> Float[Tensor, "frames 4 4"]:
    """Round the centre in a circle, looking at it, or away from it; up is the axis, +y unless told otherwise.

    The first camera stands behind the centre, at +z of it, and a positive sweep moves to the right of one that looks
    at the centre. Whole laps leave out their last frame, which would repeat the first. An axis other than +y tilts the
    whole path by the shortest arc.

    Raises ValueError for a radius that is not positive and an axis of length 0.

    >>> orbit(4, radius=2)[:, :3, 3].int().tolist()
    [[0, 0, 2], [2, 0, 0], [0, 0, -2], [-2, 0, 0]]
    """
    _require_frames(num_frames)
    if not 0 < radius < math.inf:
        raise ValueError(f"got an orbit of radius {radius}, wanted more than 0")
    like = next((given for given in (centre, axis) if given is not None), torch.zeros(3))
    steps = num_frames if sweep_deg % 360 == 0 else max(num_frames - 1, 1)
    angle = torch.arange(num_frames, dtype=torch.float64) * (math.radians(sweep_deg) / steps)
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    out = torch.stack([angle.sin(), zero, angle.cos()], dim=-1)
    backward = -out if outwards else out
    up = torch.stack([zero, one, zero], dim=-1)
    rotation = torch.stack([torch.linalg.cross(up, backward), up, backward], dim=-1)
    tilt = torch.eye(3, dtype=torch.float64) if axis is None else _tilt(axis.double().cpu())
    path = pose(tilt @ rotation, radius * out @ tilt.mT).to(like)
    return path if centre is None else pose(path[:, :3, :3], path[:, :3, 3] + centre)


def spline(
    keys: Float[Tensor, "keys 4 4"], num_frames: int, *, constant_speed: bool = False
) -> Float[Tensor, "frames 4 4"]:
    """A smooth path through key poses, two or more.

    Every gap between keys takes the same time, so with `num_frames = 1 + n (K - 1)` key k is frame n k, exactly. With
    `constant_speed` the camera moves the same distance in every frame instead (turns by the same angle, if it stays in
    its place) and only the first and the last key are frames. The path is that of `spline_at`.

    >>> keys = orbit(3, radius=2)
    >>> torch.equal(spline(keys, 9)[[0, 4, 8]], keys)
    True
    """
    _require_frames(num_frames)
    fraction = torch.linspace(0, 1, num_frames, dtype=keys.dtype, device=keys.device)
    times = _times_at_constant_speed(keys, fraction) if constant_speed else fraction * (len(keys) - 1)
    return spline_at(keys, times)


def spline_at(keys: Float[Tensor, "keys 4 4"], times: Float[Tensor, " frames"]) -> Float[Tensor, "frames 4 4"]:
    """Poses of the spline at times counted in keys: key k at time k, exactly; times in [0, K - 1].

    Catmull-Rom by the pyramid of Barry and Goldman, "A recursive evaluation algorithm for a class of Catmull-Rom
    splines" (1988), with centripetal knots, which make no cusps and no loops (Yuksel, Schaefer and Keyser, "On the
    parameterization of Catmull-Rom curves", 2009). Rotations go through the same pyramid by slerp (Schlag, Graphics
    Gems II, 1991), so both have a continuous direction at the keys. The distance of two keys for the knots is that of
    their positions, as a part of the mean, and that of their rotations, as a part of half a turn, added.

    Raises ValueError for fewer than two keys, neighbours that are the same pose, and what is no pose.
    """
    if len(keys) < 2:
        raise ValueError(f"got {len(keys)} key poses, wanted at least two")
    require_pose(keys)
    knots = _knots(keys)
    first = times.floor().long().clamp(0, len(keys) - 2)
    t = torch.lerp(knots[first + 1], knots[first + 2], times - first)
    near = first.unsqueeze(-1) + torch.arange(4, device=keys.device)
    quaternions = _same_signs(matrix_to_quaternion(keys[:, :3, :3]))
    rotation = quaternion_to_matrix(_pyramid(_extended(quaternions, _slerp)[near], knots[near], t, _slerp))
    position = _pyramid(_extended(keys[:, :3, 3], _lerp)[near], knots[near], t, _lerp)
    nearest = times.round().long().clamp(0, len(keys) - 1)
    return torch.where((times == nearest)[:, None, None], keys[nearest], pose(rotation, position))


def _pyramid(
    values: Float[Tensor, "frames 4 n"], knots: Float[Tensor, "frames 4"], t: Float[Tensor, " frames"], mix: Mix
) -> Float[Tensor, "frames n"]:
    def between(low: Tensor, high: Tensor, i: int, j: int) -> Tensor:
        return mix(low, high, (t - knots[:, i]) / (knots[:, j] - knots[:, i]))

    p0, p1, p2, p3 = values.unbind(1)
    a1, a2, a3 = between(p0, p1, 0, 1), between(p1, p2, 1, 2), between(p2, p3, 2, 3)
    return between(between(a1, a2, 0, 2), between(a2, a3, 1, 3), 1, 2)


def _lerp(low: Tensor, high: Tensor, fraction: Tensor) -> Tensor:
    return low + fraction.unsqueeze(-1) * (high - low)


def _slerp(low: Tensor, high: Tensor, fraction: Tensor) -> Tensor:
    return slerp_quaternions(low, high, fraction)


def _extended(values: Float[Tensor, "keys n"], mix: Mix) -> Float[Tensor, "more n"]:
    """One more key at each end, as far beyond it as its neighbour is before it."""
    back = values.new_full((1,), -1.0)
    return torch.cat([mix(values[:1], values[1:2], back), values, mix(values[-1:], values[-2:-1], back)])


def _knots(keys: Float[Tensor, "keys 4 4"]) -> Float[Tensor, " more"]:
    moved = (keys[1:, :3, 3] - keys[:-1, :3, 3]).norm(dim=-1)
    turned = turn_between(keys[:-1, :3, :3], keys[1:, :3, :3]) / math.pi
    distance = moved / moved.mean().clamp(min=torch.finfo(keys.dtype).tiny) + turned
    if not (distance > 0).all():
        same = int((distance == 0).nonzero()[0])
        raise ValueError(f"got key poses {same} and {same + 1} that are the same, wanted different neighbours")
    steps = distance.sqrt()
    return torch.cat([steps.new_zeros(1), torch.cat([steps[:1], steps, steps[-1:]]).cumsum(0)])


def _same_signs(quaternions: Float[Tensor, "keys 4"]) -> Float[Tensor, "keys 4"]:
    """The quaternions with signs that lead from each to the next by the shortest arc."""
    flips = torch.where((quaternions[1:] * quaternions[:-1]).sum(-1) < 0, -1.0, 1.0).to(quaternions)
    return quaternions * torch.cat([flips.new_ones(1), flips.cumprod(0)]).unsqueeze(-1)


def _times_at_constant_speed(
    keys: Float[Tensor, "keys 4 4"], fraction: Float[Tensor, " frames"]
) -> Float[Tensor, " frames"]:
    dense = torch.linspace(0, len(keys) - 1, (len(keys) - 1) * _STEPS + 1, dtype=torch.float64, device=keys.device)
    path = spline_at(keys.detach().double(), dense)
    steps = (path[1:, :3, 3] - path[:-1, :3, 3]).norm(dim=-1)
    if not steps.any():
        steps = turn_between(path[:-1, :3, :3], path[1:, :3, :3])
    length = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
    wanted = fraction.double() * length[-1]
    after = torch.searchsorted(length, wanted).clamp(1, len(dense) - 1)
    part = ((wanted - length[after - 1]) / (length[after] - length[after - 1]).clamp(min=1e-300)).clamp(0, 1)
    return torch.lerp(dense[after - 1], dense[after], part).to(fraction)


def _tilt(axis: Float[Tensor, "3"]) -> Float[Tensor, "3 3"]:
    """The shortest rotation that takes +y to the axis; half a turn about x for -y."""
    length = axis.norm()
    if not 0 < length < math.inf:
        raise ValueError(f"got an orbit about the axis {axis.tolist()}, wanted a direction")
    x, y, z = (axis / length).tolist()
    if y < -1 + 1e-12:
        return torch.diag(torch.tensor([1.0, -1.0, -1.0], dtype=torch.float64))
    return quaternion_to_matrix(torch.tensor([1 + y, z, 0.0, -x], dtype=torch.float64))


def _require_frames(num_frames: int) -> None:
    if num_frames < 1:
        raise ValueError(f"got {num_frames} frames, wanted at least 1")
