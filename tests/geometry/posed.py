"""Random poses that several tests share."""

import torch
from torch import Tensor

from cyclorama.geometry.poses import pose
from cyclorama.geometry.quaternions import quaternion_to_matrix


def random_rotations(*batch: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return quaternion_to_matrix(torch.randn(*batch, 4, generator=generator, dtype=dtype))


def random_poses(*batch: int, seed: int = 0, scale: float = 1.0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 1)
    position = scale * torch.randn(*batch, 3, generator=generator, dtype=dtype)
    return pose(random_rotations(*batch, seed=seed, dtype=dtype), position)


def random_dirs(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed + 2)
    return torch.nn.functional.normalize(torch.randn(*shape, 3, generator=generator, dtype=dtype), dim=-1)
