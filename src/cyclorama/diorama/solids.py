"""Solids with exact ray intersections: each is a unit shape (sphere, box, cylinder, cone) moved by an affine map.

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
        return {"sphere": max(a, b, c), "box": math.hypot(a, b, c)}.get(self.shape, math.hypot(max(a, c), b))

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
    return SHAPES[solid.shape](origins, dirs)


def world_normal(solid: Solid, normal: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Normals transform with the inverse transpose: divide by the size, rotate, normalise."""
    size = torch.tensor(solid.size, device=normal.device)
    return F.normalize((normal / size) @ solid.to_world(device=normal.device).T, dim=-1)


def _roots(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Both roots of a t^2 + 2 b t + c = 0 in ascending order, nan where there are none."""
    disc = torch.sqrt(b * b - a * c)
    one, two = (-b - disc) / a, (-b + disc) / a
    return torch.minimum(one, two), torch.maximum(one, two)


def _nearest(*candidates: tuple[Tensor, Tensor]) -> Tensor:
    """Smallest positive t among candidates (t, valid)."""
    nearest = torch.full_like(candidates[0][0], torch.inf)
    for t, valid in candidates:
        nearest = torch.minimum(nearest, torch.where(valid & (t > 1e-4), t, torch.inf))
    return nearest


def _at(o: Tensor, d: Tensor, t: Tensor) -> Tensor:
    """The points o + t d; o itself where there is no hit."""
    return o + t.nan_to_num(posinf=0.0)[:, None] * d


def _away_from_zero(x: Tensor) -> Tensor:
    return torch.where(x.abs() < 1e-9, 1e-9, x)


def _between_ends(o: Tensor, d: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """A candidate for `_nearest`: t, valid where the point has y in [-1, 1]."""
    return t, (o[:, 1] + t * d[:, 1]).abs() <= 1


def _end_disc(o: Tensor, d: Tensor, level: float) -> tuple[Tensor, Tensor]:
    """A candidate for `_nearest`: where rays cross y = level, valid within radius 1."""
    t = (level - o[:, 1]) / _away_from_zero(d[:, 1])
    return t, (o[:, ::2] + t[:, None] * d[:, ::2]).square().sum(-1) <= 1


def _sphere(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    near, far = _roots((d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1)
    t = _nearest((near, ~near.isnan()), (far, ~far.isnan()))
    return t, _at(o, d, t)


def _box(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    inverse = 1 / _away_from_zero(d)
    one, two = (-1 - o) * inverse, (1 - o) * inverse
    near, far = torch.minimum(one, two).amax(-1), torch.maximum(one, two).amin(-1)
    t = _nearest((near, near <= far), (far, near <= far))
    local = _at(o, d, t)
    axis = F.one_hot(local.abs().argmax(-1), 3)
    return t, axis * local.sign()


def _cylinder(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    flat_o, flat_d = o[:, ::2], d[:, ::2]
    a, b, c = (flat_d * flat_d).sum(-1), (flat_o * flat_d).sum(-1), (flat_o * flat_o).sum(-1) - 1
    near, far = _roots(a + 1e-12, b, c)
    side = (_between_ends(o, d, near), _between_ends(o, d, far))
    t = _nearest(*side, _end_disc(o, d, -1.0), _end_disc(o, d, 1.0))
    local = _at(o, d, t)
    on_end = (local[:, 1].abs() > 0.9999)[:, None]
    return t, torch.where(on_end, local * tint((0.0, 1.0, 0.0), local), local * tint((1.0, 0.0, 1.0), local))


def _cone(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    # x^2 + z^2 = ((1 - y) / 2)^2, in q = o - apex; its mirror image above the apex is cut off by y <= 1
    sign = tint((1.0, -0.25, 1.0), o)
    q = torch.stack([o[:, 0], o[:, 1] - 1, o[:, 2]], -1)
    a, b, c = (d * d * sign).sum(-1), (q * d * sign).sum(-1), (q * q * sign).sum(-1)
    near, far = _roots(_away_from_zero(a), b, c)
    t = _nearest(_between_ends(o, d, near), _between_ends(o, d, far), _end_disc(o, d, -1.0))
    local = _at(o, d, t)
    slope = torch.stack([local[:, 0], (1 - local[:, 1]) / 4, local[:, 2]], -1)
    on_base = (local[:, 1] < -0.9999)[:, None]
    return t, torch.where(on_base, tint((0.0, -1.0, 0.0), local), slope)


SHAPES = {"sphere": _sphere, "box": _box, "cylinder": _cylinder, "cone": _cone}
