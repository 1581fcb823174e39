"""Solids with exact ray intersections: unit shapes (sphere, box, cylinder, cone, gable) moved by affine maps.

A world point p has the local point R^T (p - centre) / size. A ray keeps its parameter t in local coordinates, so hits
of different solids compare directly. Shapes: sphere of radius 1; box [-1, 1]^3; cylinder of radius 1, y in [-1, 1];
cone with its apex at y = 1 and a base of radius 1 at y = -1; gable, a roof whose ridge runs along z at x = 0, y = 1
over the base [-1, 1]^2 at y = -1.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import ParamSpec

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, tint
from cyclorama.diorama.noise import Real

Point = tuple[Real, Real, Real]
Motion = Callable[[float], tuple[Point, Real]]
"""Seconds to an offset in metres and a turn in degrees to the right: how a solid moves (motion.py makes them)."""
P = ParamSpec("P")


@dataclass(frozen=True)
class Solid:
    """One solid: `centre` and half `size` in metres.

    `material` names a rule of `materials`, `leafy` > 0 frays the outline (foliage), `glow` is how much of its colour
    the surface gives off (for a facade: the fraction of lit windows), `seed` varies the texture. `thing` is what the
    solid is a part of, `group` which one of them, `colour_word` names the colour of the whole thing ("": none fits).
    """

    shape: str
    centre: Point
    size: Point
    colour: Rgb = (0.7, 0.7, 0.7)
    material: str = "plain"
    yaw_deg: Real = 0.0
    pitch_deg: Real = 0.0
    leafy: Real = 0.0
    glow: Real = 0.0
    seed: Real = 0.0
    thing: str = ""
    group: int = -1
    colour_word: str = ""
    motion: Motion | None = None

    @property
    def reach(self) -> float:
        """Radius of a sphere around `centre` that holds the solid."""
        a, b, c = self.size
        return {"sphere": max(a, b, c), "cylinder": math.hypot(max(a, c), b), "cone": math.hypot(max(a, c), b)}.get(
            self.shape, math.hypot(a, b, c)
        )

    def to_world(self, *, device: torch.device | None = None) -> Float[Tensor, "3 3"]:
        """Rotation of local axes into the world: yaw to the right about +y after pitch about +x."""
        yaw, pitch = math.radians(-self.yaw_deg), math.radians(self.pitch_deg)
        cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
        turn = torch.tensor([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
        tilt = torch.tensor([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
        return (turn @ tilt).to(device)


_groups = itertools.count()


def makes(thing: str) -> Callable[[Callable[P, list[Solid]]], Callable[P, list[Solid]]]:
    """A decorator: every solid that one call returns is a part of one `thing`, one of `objects.OBJECTS`.

    The number of the group only tells calls apart; `World.things` counts them from 0 in the order of the solids.
    """

    def decorate(build: Callable[P, list[Solid]]) -> Callable[P, list[Solid]]:
        @wraps(build)
        def built(*args: P.args, **kwargs: P.kwargs) -> list[Solid]:
            group = next(_groups)
            return [replace(solid, thing=thing, group=group) for solid in build(*args, **kwargs)]

        return built

    return decorate


Triple = tuple[Tensor, Tensor, Tensor]
"""The components x, y and z, of any shapes that broadcast: one per ray, or one for all rays."""


def to_local(
    solid: Solid, origins: Float[Tensor, "*n 3"], dirs: Float[Tensor, "*n 3"]
) -> tuple[Float[Tensor, "*n 3"], Float[Tensor, "*n 3"]]:
    """Rays in the solid's local coordinates; the direction is not normalised, so t is kept."""
    axes = solid.to_world(device=dirs.device)
    size = torch.tensor(solid.size, device=dirs.device)
    centre = torch.tensor(solid.centre, device=dirs.device)
    return ((origins - centre) @ axes) / size, (dirs @ axes) / size


def first_hit(
    solid: Solid, origins: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]
) -> tuple[Float[Tensor, " n"], Float[Tensor, "n 3"]]:
    """Smallest t > 0 where each ray meets the solid (inf for a miss) and the local unnormalised normal there."""
    origins, dirs = to_local(solid, origins, dirs)
    t = SHAPES[solid.shape](_components(origins), _components(dirs))
    return t, NORMALS[solid.shape](origins + t.nan_to_num(posinf=0.0)[:, None] * dirs)


def world_normal(solid: Solid, normal: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Normals transform with the inverse transpose: divide by the size, rotate, normalise."""
    size = torch.tensor(solid.size, device=normal.device)
    return F.normalize((normal / size) @ solid.to_world(device=normal.device).T, dim=-1)


def _components(vectors: Tensor) -> Triple:
    x, y, z = vectors.unbind(-1)
    return x, y, z


def _dot(one: Triple, other: Triple) -> Tensor:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def _first_of(near: Tensor, far: Tensor) -> Tensor:
    """The first positive end of the interval [near, far]; inf where it is empty, behind, or an end is nan."""
    t = torch.where(near > NEAREST_T, near, far)
    return torch.where((near <= far) & (t > NEAREST_T), t, torch.inf)


def _away_from_zero(x: Tensor) -> Tensor:
    return torch.where(x.abs() < 1e-9, 1e-9, x)


def _slab(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    """The interval in which a coordinate is in [-1, 1]."""
    inverse = 1 / _away_from_zero(d)
    middle, half = -o * inverse, inverse.abs()
    return middle - half, middle + half


def _roots(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Both roots of a t^2 + 2 b t + c = 0 for a > 0 in ascending order, nan where there are none."""
    root, inverse = torch.sqrt(b * b - a * c), 1 / a
    return (-b - root) * inverse, (root - b) * inverse


def _sphere(o: Triple, d: Triple) -> Tensor:
    return _first_of(*_roots(_dot(d, d), _dot(o, d), _dot(o, o) - 1))


def _box(o: Triple, d: Triple) -> Tensor:
    (near_x, far_x), (near_y, far_y), (near_z, far_z) = (_slab(*axis) for axis in zip(o, d, strict=True))
    near, far = near_x.maximum(near_y).maximum(near_z), far_x.minimum(far_y).minimum(far_z)
    return _first_of(near, far)


def _cylinder(o: Triple, d: Triple) -> Tensor:
    a = d[0] * d[0] + d[2] * d[2] + 1e-12
    near, far = _roots(a, o[0] * d[0] + o[2] * d[2], o[0] * o[0] + o[2] * o[2] - 1)
    low, high = _slab(o[1], d[1])
    return _first_of(near.maximum(low), far.minimum(high))


def _cone(o: Triple, d: Triple) -> Tensor:
    # x^2 + z^2 = (q / 2)^2 with q = 1 - y; its mirror image above the apex is cut off by q >= 0
    q, slope = 1 - o[1], -d[1]
    a = _away_from_zero(d[0] * d[0] + d[2] * d[2] - slope * slope / 4)
    b = o[0] * d[0] + o[2] * d[2] - q * slope / 4
    root = torch.sqrt(b * b - a * (o[0] * o[0] + o[2] * o[2] - q * q / 4))
    base = (2 - q) / _away_from_zero(slope)
    x, z = o[0] + base * d[0], o[2] + base * d[2]
    nearest = torch.where((base > NEAREST_T) & (x * x + z * z <= 1), base, torch.inf)
    for t in ((-b - root) / a, (root - b) / a):
        on_side = (t > NEAREST_T) & ((q + t * slope - 1).abs() <= 1)
        nearest = nearest.minimum(torch.where(on_side, t, torch.inf))
    return nearest


def _gable(o: Triple, d: Triple) -> Tensor:
    near, far = _slab(o[2], d[2])
    for x, y, _ in GABLE_FACES[:3]:  # planes n . p <= 1
        slope, gap = x * d[0] + y * d[1], 1 - x * o[0] - y * o[1]
        t = gap / _away_from_zero(slope)
        near = near.maximum(torch.where(slope < 0, t, -torch.inf))
        far = far.minimum(torch.where(slope < 0, torch.inf, t))
    return _first_of(near, far)


def _box_normal(local: Tensor) -> Tensor:
    return F.one_hot(local.abs().argmax(-1), 3) * local.sign()


def _cylinder_normal(local: Tensor) -> Tensor:
    on_end = (local[:, 1].abs() > 0.9999)[:, None]
    return torch.where(on_end, local * tint((0.0, 1.0, 0.0), local), local * tint((1.0, 0.0, 1.0), local))


def _cone_normal(local: Tensor) -> Tensor:
    slope = torch.stack([local[:, 0], (1 - local[:, 1]) / 4, local[:, 2]], -1)
    return torch.where((local[:, 1] < -0.9999)[:, None], tint((0.0, -1.0, 0.0), local), slope)


def _gable_normal(local: Tensor) -> Tensor:
    faces = torch.tensor(GABLE_FACES, device=local.device)
    return faces[(local @ faces.T).argmax(-1)]


NEAREST_T = 1e-4
GABLE_FACES = ((2.0, 1.0, 0.0), (-2.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0))
SHAPES: dict[str, Callable[[Triple, Triple], Tensor]] = {
    "sphere": _sphere,
    "box": _box,
    "cylinder": _cylinder,
    "cone": _cone,
    "gable": _gable,
}
"""The first t > 0 of rays (origin, direction), inf for a miss."""
NORMALS: dict[str, Callable[[Tensor], Tensor]] = {
    "sphere": lambda local: local,
    "box": _box_normal,
    "cylinder": _cylinder_normal,
    "cone": _cone_normal,
    "gable": _gable_normal,
}
"""Normals [n, 3] of any length at points [n, 3] of the surface."""
