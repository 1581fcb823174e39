"""Random numbers that belong to a sample, not to its batch: one CPU generator per seed, on every device."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

MAX_SEED = 2**63 - 1


def seeded_generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One CPU generator per sample.

    Raises:
        ValueError: for a seed outside 0 .. 2^63 - 1.
    """
    for seed in seeds:
        if not 0 <= seed <= MAX_SEED:
            raise ValueError(f"got seed {seed}; a seed is a whole number from 0 to {MAX_SEED}")
    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


def draw_noise(
    generators: Sequence[torch.Generator],
    shape: Sequence[int],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "batch *shape"]:
    """Standard normal noise, sample i from generator i; drawn in float32 on the CPU, then moved."""
    drawn = [torch.randn(tuple(shape), generator=generator, dtype=torch.float32) for generator in generators]
    return torch.stack(drawn).to(device=device, dtype=dtype)


def draw_integers(generators: Sequence[torch.Generator], high: int) -> Int[Tensor, " batch"]:
    """One whole number in [0, high) per sample."""
    return torch.stack([torch.randint(high, (), generator=generator) for generator in generators])


def seeded_noise(
    seeds: Sequence[int],
    shape: Sequence[int],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> Float[Tensor, "batch *shape"]:
    """`draw_noise` from fresh generators: the same seed gives the same noise in every batch and on every device."""
    return draw_noise(seeded_generators(seeds), shape, dtype=dtype, device=device)
