"""Camera rotations from angles in degrees: yaw to the right, pitch up, roll clockwise.

A rotation is the 3 x 3 part of `cam_to_world`: its columns are the camera's right, up and backward axes in the world,
`x_world = rotation @ x_cam`, and the camera looks along its own -z.
"""

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from jaxtyping import Float

from cyclorama.geometry.sphere import array_module, components

if TYPE_CHECKING:
    import torch

Degrees: TypeAlias = float | int


def rotation(
    yaw_deg: Degrees = 0.0,
    pitch_deg: Degrees = 0.0,
    roll_deg: Degrees = 0.0,
    *,
    dtype: "torch.dtype | None" = None,
    device: Any = None,
) -> Float[Any, "3 3"]:
    """The `rotation_matrix` of a camera as a tensor, float32 unless told otherwise.

    >>> import torch
    >>> rotation(yaw_deg=90) @ torch.tensor([0.0, 0.0, -1.0])
    tensor([1., 0., 0.])
    """
    import torch

    matrix = torch.from_numpy(rotation_matrix(yaw_deg, pitch_deg, roll_deg))
    return matrix.to(dtype=dtype or torch.float32, device=device)


def rotation_matrix(
    yaw_deg: Degrees = 0.0, pitch_deg: Degrees = 0.0, roll_deg: Degrees = 0.0
) -> Float[np.ndarray, "3 3"]:
    """The `cam_to_world` rotation, in float64, of a camera turned by yaw, then pitch, then roll about its own axes.

    Roll turns the camera clockwise as its photographer sees it, so what it photographs turns anticlockwise.
    Quarter turns are exact: their matrices hold only -1, 0 and 1.

    >>> rotation_matrix(yaw_deg=90).tolist()
    [[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    matrix = _about_y(yaw_deg) @ _about_x(pitch_deg) @ _about_z(roll_deg)
    return matrix + 0.0  # turns -0.0 into 0.0


def rotate_dirs(dirs: Float[Any, "*shape 3"], rotation: Float[Any, "3 3"]) -> Float[Any, "*shape 3"]:
    """Camera directions in the world, `rotation @ dir`, in their own type; undone by `rotation.mT`.

    Written out instead of a matrix product, which autocast and TF32 would round to 8 or 11 bits.

    >>> rotate_dirs(np.array([0.0, 0.0, -1.0]), rotation_matrix(pitch_deg=90)).tolist()
    [0.0, 1.0, 0.0]
    """
    xp = array_module(dirs)
    matrix = xp.asarray(rotation, dtype=dirs.dtype) if xp is np else _to_tensor_like(rotation, dirs)
    x, y, z = components(dirs)
    return xp.stack([x * row[0] + y * row[1] + z * row[2] for row in matrix], axis=-1)


def require_rotation(rotation: Any) -> Float[np.ndarray, "3 3"]:
    """The rotation, an array or a tensor on any device, in float64; ValueError if it is none."""
    matrix = np.asarray(rotation.detach().cpu() if hasattr(rotation, "detach") else rotation, np.float64)
    if matrix.shape != (3, 3):
        raise ValueError(f"got a rotation of shape {matrix.shape}, wanted 3x3: pass cam_to_world[:3, :3]")
    error = np.abs(matrix.T @ matrix - np.eye(3)).max()
    if not error < 1e-3 or np.linalg.det(matrix) < 0:
        fault = "it mirrors" if error < 1e-3 else f"its columns are off orthonormal by {error:.3g}"
        raise ValueError(f"got a 3x3 matrix that is no rotation ({fault}), wanted R^T R = 1 and det R = 1")
    return matrix


def _to_tensor_like(rotation: Float[Any, "3 3"], dirs: Any) -> Any:
    import torch

    return torch.as_tensor(rotation).to(dirs)


def _about_y(yaw_deg: Degrees) -> Float[np.ndarray, "3 3"]:
    cos, sin = cos_sin(yaw_deg)
    return np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])


def _about_x(pitch_deg: Degrees) -> Float[np.ndarray, "3 3"]:
    cos, sin = cos_sin(pitch_deg)
    return np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]])


def _about_z(roll_deg: Degrees) -> Float[np.ndarray, "3 3"]:
    cos, sin = cos_sin(roll_deg)
    return np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])


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
