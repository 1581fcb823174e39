"""All solids of a world as tensors, one column for each: what tracing and lighting compute with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from cyclorama.diorama.solids import NORMALS, SHAPES, Solid


@dataclass(frozen=True)
class SolidTable:
    """Columns of solids, numbered as in the world.

    `axes` turns local axes into the world's, `into` world offsets from the centre into local coordinates; `low` and
    `high` are the corners of boxes along the world's axes. `shape` counts in SHAPES, `material` in `materials`.
    """

    centre: Float[Tensor, "3 solids"]
    size: Float[Tensor, "3 solids"]
    axes: Float[Tensor, "3 3 solids"]
    into: Float[Tensor, "3 3 solids"]
    low: Float[Tensor, "3 solids"]
    high: Float[Tensor, "3 solids"]
    reach: Float[Tensor, " solids"]
    colour: Float[Tensor, "3 solids"]
    glow: Float[Tensor, " solids"]
    seed: Float[Tensor, " solids"]
    leafy: Float[Tensor, " solids"]
    shape: Int[Tensor, " solids"]
    material: Int[Tensor, " solids"]
    materials: tuple[str, ...]
    members: dict[str, Int[Tensor, " members"]]

    @classmethod
    def of(cls, solids: Sequence[Solid], device: torch.device) -> "SolidTable":
        """The table of some solids, on a device."""
        centre, size = _columns([s.centre for s in solids]), _columns([s.size for s in solids])
        axes = _axes(solids)
        half = (axes.abs() * size).sum(1)
        materials = tuple(sorted({s.material for s in solids}))
        shape = [list(SHAPES).index(s.shape) for s in solids]
        members = {name: torch.tensor([i for i, s in enumerate(solids) if s.shape == name]) for name in SHAPES}
        row = {
            "reach": [float(s.reach) for s in solids],
            "glow": [float(s.glow) for s in solids],
            "seed": [float(s.seed) for s in solids],
            "leafy": [float(s.leafy) for s in solids],
        }
        return cls(
            centre=centre.to(device),
            size=size.to(device),
            axes=axes.to(device),
            into=(axes / size).transpose(0, 1).contiguous().to(device),
            low=(centre - half).to(device),
            high=(centre + half).to(device),
            colour=_columns([s.colour for s in solids]).to(device),
            shape=torch.tensor(shape, dtype=torch.long, device=device),
            material=torch.tensor([materials.index(s.material) for s in solids], dtype=torch.long, device=device),
            materials=materials,
            members={name: which.to(device) for name, which in members.items() if len(which)},
            **{name: torch.tensor(values, dtype=torch.float32, device=device) for name, values in row.items()},
        )

    def __len__(self) -> int:
        return self.centre.shape[1]

    def local(self, solid: Int[Tensor, " n"], points: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """World points in the local coordinates of one solid each."""
        x, y, z = (p - c for p, c in zip(points.unbind(-1), self.centre[:, solid], strict=True))
        return torch.stack([row[0] * x + row[1] * y + row[2] * z for row in self.into[:, :, solid]], -1)

    def normals(self, solid: Int[Tensor, " n"], points: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """Unit normals, out of the solids, of points on their surfaces."""
        local = self.local(solid, points)
        normals, shape = torch.empty_like(local), self.shape[solid]
        for name in self.members:
            at = (shape == list(SHAPES).index(name)).nonzero()[:, 0]
            if len(at):
                normals[at] = NORMALS[name](local[at])
        x, y, z = (n / s for n, s in zip(normals.unbind(-1), self.size[:, solid], strict=True))
        turned = [row[0] * x + row[1] * y + row[2] * z for row in self.axes[:, :, solid]]
        return F.normalize(torch.stack(turned, -1), dim=-1)


def _columns(rows: list[tuple[float, float, float]]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 3).T.contiguous()


def _axes(solids: Sequence[Solid]) -> Tensor:
    """`Solid.to_world` of all: yaw to the right about +y after pitch about +x."""
    yaw = torch.tensor([math.radians(-s.yaw_deg) for s in solids])
    pitch = torch.tensor([math.radians(s.pitch_deg) for s in solids])
    cy, sy, cp, sp, zero = yaw.cos(), yaw.sin(), pitch.cos(), pitch.sin(), torch.zeros(len(solids))
    rows = [[cy, sy * sp, sy * cp], [zero, cp, -sp], [-sy, cy * sp, cy * cp]]
    return torch.stack([torch.stack(row) for row in rows])
