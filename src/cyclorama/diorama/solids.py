"""Solids with exact ray intersections: each is a unit shape (sphere, box, cylinder, cone) moved by an affine map.

A world point p has the local point R^T (p - centre) / size. A ray keeps its parameter t in local coordinates, so hits
of different solids compare directly. Shapes: sphere of radius 1; box [-1, 1]^3; cylinder of radius 1, y in [-1, 1];
cone with its apex at y = 1 and a base of radius 1 at y = -1.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real

SHAPES = ("sphere", "box", "cylinder", "cone")


@dataclass(frozen=True)
class Solid:
    """One solid: `material` names a colour rule of materials.py, `leafy` > 0 frays the outline (foliage)."""

    shape: str
    centre: tuple[Real, Real, Real]
    size: tuple[Real, Real, Real]
    colour: tuple[Real, Real, Real] = (0.7, 0.7, 0.7)
    material: str = "plain"
    yaw_deg: Real = 0.0
    pitch_deg: Real = 0.0
    leafy: Real = 0.0
    glow: Real = 0.0
    seed: Real = 0.0

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
    return {"sphere": _sphere, "box": _box, "cylinder": _cylinder, "cone": _cone}[solid.shape](origins, dirs)


def world_normal(solid: Solid, normal: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
    """Normals transform with the inverse transpose: divide by the size, rotate, normalise."""
    size = torch.tensor(solid.size, device=normal.device)
    return torch.nn.functional.normalize((normal / size) @ solid.to_world(device=normal.device).T, dim=-1)


def _roots(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Both roots of a t^2 + 2 b t + c = 0 in ascending order, nan where there are none."""
    disc = torch.sqrt(b * b - a * c)
    one, two = (-b - disc) / a, (-b + disc) / a
    return torch.minimum(one, two), torch.maximum(one, two)


def _nearest(*candidates: tuple[Tensor, Tensor]) -> Tensor:
    """Smallest positive t among candidates (t, valid)."""
    inf = torch.full_like(candidates[0][0], torch.inf)
    t = inf
    for value, valid in candidates:
        t = torch.minimum(t, torch.where(valid & (value > 1e-4), value, inf))
    return t


def _sphere(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    near, far = _roots((d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1)
    t = _nearest((near, ~near.isnan()), (far, ~far.isnan()))
    return t, o + t.nan_to_num(posinf=0.0)[:, None] * d


def _box(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    inverse = 1 / torch.where(d.abs() < 1e-9, 1e-9, d)
    one, two = (-1 - o) * inverse, (1 - o) * inverse
    near, far = torch.minimum(one, two).amax(-1), torch.maximum(one, two).amin(-1)
    t = _nearest((near, near <= far), (far, near <= far))
    local = o + t.nan_to_num(posinf=0.0)[:, None] * d
    axis = torch.nn.functional.one_hot(local.abs().argmax(-1), 3)
    return t, axis * local.sign()


def _cylinder(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    oxz, dxz = o[:, ::2], d[:, ::2]
    near, far = _roots((dxz * dxz).sum(-1) + 1e-12, (oxz * dxz).sum(-1), (oxz * oxz).sum(-1) - 1)
    caps = [(side - o[:, 1]) / torch.where(d[:, 1].abs() < 1e-9, 1e-9, d[:, 1]) for side in (-1.0, 1.0)]
    inside = [((oxz + t[:, None] * dxz).square().sum(-1) <= 1) for t in caps]
    sides = [(t, (o[:, 1] + t * d[:, 1]).abs() <= 1) for t in (near, far)]
    t = _nearest(*sides, *zip(caps, inside, strict=True))
    local = o + t.nan_to_num(posinf=0.0)[:, None] * d
    on_cap = local[:, 1].abs() > 0.9999
    normal = torch.where(
        on_cap[:, None],
        local * torch.tensor([0.0, 1.0, 0.0]).to(local),
        local * torch.tensor([1.0, 0.0, 1.0]).to(local),
    )
    return t, normal


def _cone(o: Tensor, d: Tensor) -> tuple[Tensor, Tensor]:
    # x^2 + z^2 = ((1 - y) / 2)^2
    sign = torch.tensor([1.0, -0.25, 1.0]).to(o)
    q = torch.stack([o[:, 0], o[:, 1] - 1, o[:, 2]], -1)
    a, b, c = (d * d * sign).sum(-1), (q * d * sign).sum(-1), (q * q * sign).sum(-1)
    near, far = _roots(torch.where(a.abs() < 1e-9, 1e-9, a), b, c)
    sides = [(t, (o[:, 1] + t * d[:, 1]).abs() <= 1) for t in (near, far)]
    base = (-1 - o[:, 1]) / torch.where(d[:, 1].abs() < 1e-9, 1e-9, d[:, 1])
    on_base = (o[:, ::2] + base[:, None] * d[:, ::2]).square().sum(-1) <= 1
    t = _nearest(*sides, (base, on_base))
    local = o + t.nan_to_num(posinf=0.0)[:, None] * d
    slope = torch.stack([local[:, 0], (1 - local[:, 1]) / 4, local[:, 2]], -1)
    return t, torch.where((local[:, 1] < -0.9999)[:, None], torch.tensor([0.0, -1.0, 0.0]).to(local), slope)
