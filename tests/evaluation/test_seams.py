import math

import pytest
import torch

from cyclorama.evaluation.seams import (
    discontinuity_score,
    end_continuity,
    interior_discontinuity_score,
    seam_border_ratio,
    seam_rank,
    seam_ratio,
    token_border_ratio,
)


def ramp(height: int = 32, width: int = 64) -> torch.Tensor:
    return (torch.arange(width) / width).expand(1, 3, height, width).clone()


def wave(height: int = 32, width: int = 64) -> torch.Tensor:
    lon = (torch.arange(width, dtype=torch.float64) + 0.5) * 2 * math.pi / width
    return (0.5 + 0.3 * torch.sin(4 * lon)).expand(1, 3, height, width).clone()


def blocks(size: int = 16) -> torch.Tensor:
    y, x = torch.meshgrid(torch.arange(64), torch.arange(128), indexing="ij")
    smooth = 0.01 * (x + y)
    return (smooth + 0.1 * (x // size) + 0.1 * (y // size)).expand(1, 3, 64, 128).double()


@pytest.fixture
def noise() -> torch.Tensor:
    return torch.rand(4, 3, 32, 64, generator=torch.Generator().manual_seed(0))


def test_seam_ratio_of_a_ramp_is_its_number_of_inner_steps():
    assert seam_ratio(ramp()).item() == pytest.approx(63, rel=1e-6)


def test_end_continuity_is_the_mean_step_and_seam_ratio_divides_it_by_the_inner_ones(noise):
    step = (noise[..., 0] - noise[..., -1]).abs().double().mean((1, 2))
    inner = noise.double().diff(dim=-1).abs().mean((1, 2, 3))
    torch.testing.assert_close(end_continuity(noise), step, rtol=1e-6, atol=0)
    torch.testing.assert_close(seam_ratio(noise), step / inner, rtol=1e-6, atol=0)


def test_seam_ratio_of_noise_is_one(noise):
    assert seam_ratio(noise).mean().item() == pytest.approx(1, abs=0.05)


def test_seam_ratio_of_a_flat_image_is_undefined():
    assert seam_ratio(torch.full((1, 3, 8, 16), 0.5)).isnan().all()


def test_seam_ratio_is_float64_one_per_image_and_blind_to_gain_and_rows(noise):
    ratio = seam_ratio(noise)
    assert ratio.shape == (4,)
    assert ratio.dtype == torch.float64
    torch.testing.assert_close(seam_ratio(0.1 * noise.double().roll(5, -2) + 0.3), ratio, rtol=1e-6, atol=0)


def test_the_seam_moves_with_a_roll():
    rolled = ramp().roll(8, -1)
    assert seam_ratio(rolled).item() < 1
    assert seam_rank(ramp()).item() == 1


def test_seam_rank_of_equal_steps_is_one_half():
    stripes = (torch.arange(64) % 2).float().expand(1, 3, 8, 64)
    assert seam_rank(stripes).item() == 0.5


def test_a_periodic_wave_has_no_seam_however_it_is_rolled():
    for shift in range(0, 16, 4):
        assert seam_ratio(wave().roll(shift + 2, -1)).item() < 1.6
    mean = torch.stack([seam_ratio(wave().roll(shift, -1)) for shift in range(64)]).mean()
    assert mean.item() == pytest.approx(1, abs=0.02)


def test_blocks_show_at_their_own_grid_only():
    assert token_border_ratio(blocks(16), token_size=16).item() == pytest.approx(0.11 / 0.01, rel=1e-6)
    assert token_border_ratio(blocks(16).roll(8, -1)[..., 16:], token_size=16).item() < 1
    assert token_border_ratio(ramp(), token_size=16).item() == pytest.approx(1)


def test_blockiness_is_invariant_to_rolls_by_whole_tokens():
    generator = torch.Generator().manual_seed(1)
    cells = torch.rand(1, 3, 4, 8, generator=generator).repeat_interleave(16, 2).repeat_interleave(16, 3)
    textured = cells + 0.1 * torch.rand(1, 3, 64, 16, generator=generator).repeat(1, 1, 1, 8)
    rolled = torch.stack([token_border_ratio(textured.roll(16 * k, -1)) for k in range(8)])
    assert (rolled / rolled.mean() - 1).abs().max() < 0.15
    assert rolled.mean() > 3


def test_a_seam_like_every_token_border_has_a_border_ratio_of_one():
    cells = ((torch.arange(128) // 16) % 2).double().expand(1, 3, 64, 128) * 0.2
    assert seam_border_ratio(cells, token_size=16).item() == pytest.approx(1)


def test_images_that_are_no_whole_tokens_are_refused():
    with pytest.raises(ValueError, match="wanted two whole tokens"):
        token_border_ratio(torch.rand(1, 3, 30, 60), token_size=16)


@pytest.mark.parametrize("step", [0.0, 0.1, 0.5, -1.0])
def test_discontinuity_of_a_flat_image_with_a_step_is_160_times_the_step(step):
    image = torch.full((2, 3, 16, 32), 0.5, dtype=torch.float64)
    image[..., 16:] += step
    assert discontinuity_score(image).tolist() == pytest.approx([160 * abs(step)] * 2)


def test_discontinuity_of_noise_is_that_of_inner_columns(noise):
    inner = torch.cat([discontinuity_score(noise.roll(k, -1)) for k in range(1, 20)])
    assert discontinuity_score(noise).mean().item() == pytest.approx(inner.mean().item(), rel=0.3)


def test_discontinuity_reads_the_last_three_and_the_first_three_columns(noise):
    changed = noise.clone()
    changed[..., 3:-3] = 0.5
    torch.testing.assert_close(discontinuity_score(changed), discontinuity_score(noise), rtol=0, atol=0)
    for column in (-3, -2, -1, 0, 1, 2):
        changed = noise.clone()
        changed[..., column] = 0.5
        assert (discontinuity_score(changed) != discontinuity_score(noise)).all()


def test_discontinuity_is_the_published_formula_written_out():
    grey = torch.rand(7, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(2))

    def response(y: int, x: int) -> float:
        return abs(
            sum(k * float(grey[y + d, (x + 1) % 12] - grey[y + d, x - 1]) for d, k in ((-1, 3), (0, 10), (1, 3)))
        )

    score = 0.0
    for y in range(1, 6):
        a1, a2, a3, a4 = (response(y, x) for x in (10, 11, 0, 1))
        score += (a2 / (a1 + 0.1) + a3 / (a4 + 0.1)) / (2 * 5)
    assert discontinuity_score(grey.expand(1, 3, 7, 12)).item() == pytest.approx(score)


def test_interior_discontinuity_of_noise_is_that_of_its_seam_and_never_sees_the_seam(noise):
    inner = interior_discontinuity_score(noise, num_columns=40)
    assert inner.mean().item() == pytest.approx(discontinuity_score(noise).mean().item(), rel=0.3)
    image = torch.full((1, 3, 16, 64), 0.5, dtype=torch.float64)
    image[..., 32:] += 0.3 * torch.linspace(0, 1, 32)
    assert discontinuity_score(image).item() > 25
    assert interior_discontinuity_score(image).item() < 3


def test_pictures_without_six_columns_have_no_discontinuity_score():
    with pytest.raises(ValueError, match="got images of 8x4, wanted 3 rows and 6 columns"):
        discontinuity_score(torch.rand(1, 3, 8, 4))
    assert interior_discontinuity_score(torch.rand(1, 3, 3, 6)).isfinite().all()
