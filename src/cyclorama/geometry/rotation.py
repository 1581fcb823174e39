"""Camera rotations from angles in degrees: yaw to the right, pitch up, roll clockwise.

A rotation is the 3 x 3 part of `cam_to_world`: its columns are the camera's right, up and backward axes in the world,
`x_world = rotation @ x_cam`, and the camera looks along its own -z.
"""

import math
from typing import TypeAlias

import torch
from jaxtyping import Float
from torch import Tensor

Degrees: TypeAlias = float | int


def rotation(
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str | None = None,
) -> Float[Tensor, "3 3"]:
    """The `cam_to_world` rotation of a camera turned by yaw, then by pitch, then by roll about its own axes.

    Roll turns the camera clockwise as its photographer sees it, so what it photographs turns anticlockwise.
    Quarter turns are exact: their matrices hold only -1, 0 and 1.

    >>> rotation(yaw_deg=90) @ torch.tensor([0.0, 0.0, -1.0])
    tensor([1., 0., 0.])
    """
    yaw, pitch, roll = _about_y(yaw_deg), _about_x(pitch_deg), _about_z(roll_deg)
    return (yaw @ pitch @ roll).to(dtype=dtype, device=device)


def rotate_dirs(dirs: Float[Tensor, "*shape 3"], rotation: Float[Tensor, "3 3"]) -> Float[Tensor, "*shape 3"]:
    """Camera directions in the world, `rotation @ dir`, in their own type; undone by `rotation.mT`.

    Written out instead of a matrix product, which autocast and TF32 would round to 8 or 11 bits.

    >>> rotate_dirs(torch.tensor([0.0, 0.0, -1.0]), rotation(pitch_deg=90)).tolist()
    [0.0, 1.0, 0.0]
    """
    x, y, z = dirs.split(1, dim=-1)
    right, up, backward = rotation.to(dirs).unbind(-1)
    return x * right + y * up + z * backward


def _about_y(yaw_deg: Degrees) -> Float[Tensor, "3 3"]:
    cos, sin = cos_sin(yaw_deg)
    return torch.tensor([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]], dtype=torch.float64)


def _about_x(pitch_deg: Degrees) -> Float[Tensor, "3 3"]:
    cos, sin = cos_sin(pitch_deg)
    return torch.tensor([[1, 0, 0], [0, cos, -sin], [0, sin, cos]], dtype=torch.float64)


def _about_z(roll_deg: Degrees) -> Float[Tensor, "3 3"]:
    cos, sin = cos_sin(roll_deg)
    return torch.tensor([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]], dtype=torch.float64)


def cos_sin(angle_deg: Degrees) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees, exact at the multiples of 90.

    >>> cos_sin(-90)
    (0.0, -1.0)
    """
    quarters = round(angle_deg / 90)
    rest = math.radians(angle_deg - 90 * quarters)
    cos, sin = math.cos(rest), math.sin(rest)
    cos, sin = ((cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos))[quarters % 4]
    return cos + 0.0, sin + 0.0  # + 0.0 turns -0.0 into 0.0
