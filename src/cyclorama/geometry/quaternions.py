"""Rotations as unit quaternions (w, x, y, z), the order of COLMAP; q and -q are the same rotation."""

import torch
from jaxtyping import Float
from torch import Tensor


def matrix_to_quaternion(rotation: Float[Tensor, "*batch 3 3"]) -> Float[Tensor, "*batch 4"]:
    """The quaternion with w >= 0 of a rotation matrix; the inverse of `quaternion_to_matrix`. Accurate at every angle.

    Shepperd, "Quaternion from rotation matrix" (1978): divides by the largest of the four components.

    >>> matrix_to_quaternion(torch.eye(3)).tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    (m00, m01, m02), (m10, m11, m12), (m20, m21, m22) = (row.unbind(-1) for row in rotation.unbind(-2))
    # row k holds 4 q_k q, so its own entry is 4 q_k^2
    products = torch.stack(
        [
            torch.stack([1 + m00 + m11 + m22, m21 - m12, m02 - m20, m10 - m01], dim=-1),
            torch.stack([m21 - m12, 1 + m00 - m11 - m22, m10 + m01, m02 + m20], dim=-1),
            torch.stack([m02 - m20, m10 + m01, 1 - m00 + m11 - m22, m21 + m12], dim=-1),
            torch.stack([m10 - m01, m02 + m20, m21 + m12, 1 - m00 - m11 + m22], dim=-1),
        ],
        dim=-2,
    )
    largest = products.diagonal(dim1=-2, dim2=-1).argmax(-1)[..., None, None]
    row = products.gather(-2, largest.expand(*largest.shape[:-1], 4)).squeeze(-2)
    quaternion = row / row.norm(dim=-1, keepdim=True)
    return torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def quaternion_to_matrix(quaternion: Float[Tensor, "*batch 4"]) -> Float[Tensor, "*batch 3 3"]:
    """The rotation matrix of a quaternion of any length but 0; the inverse of `matrix_to_quaternion`.

    >>> quaternion_to_matrix(torch.tensor([0.0, 0.0, 2.0, 0.0])).diagonal().tolist()
    [-1.0, 1.0, -1.0]
    """
    w, x, y, z = (quaternion / quaternion.norm(dim=-1, keepdim=True)).unbind(-1)
    rows = [
        torch.stack([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)], dim=-1),
        torch.stack([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)], dim=-1),
        torch.stack([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)], dim=-1),
    ]
    return torch.stack(rows, dim=-2)


def slerp(
    start: Float[Tensor, "*#batch 3 3"], end: Float[Tensor, "*#batch 3 3"], fraction: Float[Tensor, "*#batch"]
) -> Float[Tensor, "*out 3 3"]:
    """The rotation at a fraction of the shortest arc between two: `start` itself at 0, `end` itself at 1.

    Turns at constant speed; fractions outside [0, 1] go on turning. Half a turn apart, where both ways round are as
    short, it takes one of them. Shoemake, "Animating rotation with quaternion curves" (1985).

    >>> from cyclorama.geometry.rotations import rotation
    >>> slerp(torch.eye(3), rotation(yaw_deg=90), torch.tensor(0.5)).allclose(rotation(yaw_deg=45))
    True
    """
    first, last = matrix_to_quaternion(start), matrix_to_quaternion(end)
    last = torch.where((first * last).sum(-1, keepdim=True) < 0, -last, last)
    between = quaternion_to_matrix(slerp_quaternions(first, last, fraction))
    at = fraction[..., None, None]
    return torch.where(at == 0, start, torch.where(at == 1, end, between))


def slerp_quaternions(
    start: Float[Tensor, "*#batch 4"], end: Float[Tensor, "*#batch 4"], fraction: Float[Tensor, "*#batch"]
) -> Float[Tensor, "*out 4"]:
    """The point at a fraction of the arc between two unit quaternions, by the way round that their signs say."""
    angle = 2 * torch.atan2(_norm(end - start), _norm(end + start))
    fraction = fraction.unsqueeze(-1)
    near = angle.sin().abs() < 1e-4 if start.dtype == torch.float32 else angle.sin().abs() < 1e-8
    sine = torch.where(near, torch.ones_like(angle), angle.sin())
    before = torch.where(near, 1 - fraction, torch.sin((1 - fraction) * angle) / sine)
    after = torch.where(near, fraction, torch.sin(fraction * angle) / sine)
    return before * start + after * end


def turn_between(a: Float[Tensor, "*#batch 3 3"], b: Float[Tensor, "*#batch 3 3"]) -> Float[Tensor, "*out"]:
    """The angle in radians, [0, pi], of the rotation that leads from one to the other; accurate when tiny.

    >>> from cyclorama.geometry.rotations import rotation
    >>> f"{turn_between(rotation(10), rotation(40)).rad2deg():.3f}"
    '30.000'
    """
    first, last = matrix_to_quaternion(a), matrix_to_quaternion(b)
    apart, together = (last - first).norm(dim=-1), (last + first).norm(dim=-1)
    return 4 * torch.atan2(torch.minimum(apart, together), torch.maximum(apart, together))


def _norm(vectors: Float[Tensor, "*batch n"]) -> Float[Tensor, "*batch 1"]:
    """Length with a gradient of 0 instead of NaN at 0."""
    squared = (vectors * vectors).sum(-1, keepdim=True)
    zero = squared == 0
    return torch.where(zero, torch.zeros_like(squared), torch.where(zero, torch.ones_like(squared), squared).sqrt())
