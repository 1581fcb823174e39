import pytest
import torch

from cyclorama.diffusion.noise import draw_integers, seeded_generators, seeded_noise


def test_noise_of_a_sample_does_not_depend_on_its_batch():
    batch = seeded_noise([3, 7, 11], (4, 8, 16))
    assert torch.equal(batch[1:2], seeded_noise([7], (4, 8, 16)))


def test_noise_differs_between_seeds_and_is_standard_normal():
    first, second = seeded_noise([0, 1], (16, 64, 64))
    assert not torch.equal(first, second)
    assert abs(first.mean()) < 0.02
    assert abs(first.std() - 1) < 0.02


def test_integers_of_a_sample_do_not_depend_on_its_batch():
    together = torch.stack([draw_integers(gens, 32) for gens in [seeded_generators([1, 2, 3])] for _ in range(5)])
    alone = torch.stack([draw_integers(gens, 32) for gens in [seeded_generators([2])] for _ in range(5)])
    assert torch.equal(together[:, 1:2], alone)
    assert together.min() >= 0
    assert together.max() < 32


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_impossible_seed_is_named(seed: int):
    with pytest.raises(ValueError, match=str(seed)):
        seeded_noise([seed], (1,))
