import math

import pytest
import torch
from torch.nn.functional import conv2d, interpolate, pad

from cyclorama.methods.blurred_regions import blurred_cap_deg, blurred_region, octave_energies

SIZE = 128


def texture(seed: int, size: int = SIZE) -> torch.Tensor:
    """Noise of the same strength in every octave, as natural pictures have."""
    generator = torch.Generator().manual_seed(seed)
    picture = torch.full((1, 3, size, size), 0.5)
    for octave in range(round(math.log2(size)) - 2):
        grid = torch.randn(1, 3, size >> octave, size >> octave, generator=generator)
        picture = picture + 0.03 * interpolate(grid, (size, size), mode="bicubic", align_corners=False)
    return picture[0].clamp(0, 1)


def in_levels(picture: torch.Tensor) -> torch.Tensor:
    return (picture * 255).round() / 255


def blur(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    reach = math.ceil(3 * sigma)
    taps = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * sigma * sigma))
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    wide = pad(picture[None], (reach,) * 4, mode="reflect")
    return conv2d(conv2d(wide, taps, groups=3), taps.mT, groups=3)[0]


def cap(angle_deg: float) -> torch.Tensor:
    places = (torch.arange(SIZE) + 0.5) / SIZE * 2 - 1
    return torch.hypot(places[:, None], places) < math.tan(math.radians(angle_deg))


SHARP = torch.stack([texture(seed) for seed in range(1, 5)])
SOFTENED = [(2.0, 30), (4.0, 20), (12.0, 30)]


def test_a_sharp_face_is_not_blurred():
    assert not any(blurred_region(in_levels(texture(seed)), SHARP).any() for seed in range(10, 14))


@pytest.mark.parametrize(("sigma", "angle_deg"), SOFTENED)
def test_a_blurred_pole_is_found_to_its_edge(sigma, angle_deg):
    sharp = texture(20)
    found = blurred_region(in_levels(torch.where(cap(angle_deg), blur(sharp, sigma), sharp)), SHARP)
    assert found[cap(angle_deg - 2)].all()
    assert not found[~cap(angle_deg + 5)].any()


@pytest.mark.parametrize(("sigma", "angle_deg"), SOFTENED)
def test_the_radius_is_that_of_the_blur_within_a_ring_or_two(sigma, angle_deg):
    sharp = texture(21)
    radius_deg = blurred_cap_deg(in_levels(torch.where(cap(angle_deg), blur(sharp, sigma), sharp)))
    assert radius_deg == pytest.approx(angle_deg, abs=4)
    assert blurred_cap_deg(in_levels(sharp)) is None


def test_a_pole_without_anything_is_as_good_as_blurred_where_detail_surrounds_it():
    cleared = torch.where(cap(20), torch.tensor(0.5), texture(22))
    assert blurred_region(in_levels(cleared), SHARP)[cap(18)].all()


def test_a_blurred_patch_anywhere_is_found():
    picture, patch = texture(23), torch.zeros(SIZE, SIZE, dtype=torch.bool)
    patch[16:64, 72:120] = True
    found = blurred_region(in_levels(torch.where(patch, blur(picture, 2.0), picture)), SHARP)
    assert found[patch].float().mean() > 0.8
    assert found[~patch].float().mean() < 0.05


@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_a_sky_promises_no_detail(slope):
    sky = (0.5 + slope * torch.linspace(-0.5, 0.5, SIZE)).expand(3, SIZE, SIZE)
    assert not blurred_region(in_levels(sky), SHARP).any()


def test_turning_the_face_turns_the_region():
    picture = torch.where(cap(25), blur(texture(24), 3.0), texture(24))
    picture[:, 90:120, 8:50] = blur(picture, 3.0)[:, 90:120, 8:50]
    picture = in_levels(picture)
    turned = blurred_region(picture.rot90(1, (1, 2)), SHARP)
    assert torch.equal(turned, blurred_region(picture, SHARP).rot90(1, (0, 1)))


def test_octaves_know_no_slope_and_no_brightness():
    picture = texture(25)
    slope = torch.linspace(0, 0.4, SIZE).expand(3, SIZE, SIZE)
    plain, tilted = octave_energies(picture[None]), octave_energies((picture + slope)[None])
    torch.testing.assert_close(tilted, plain, rtol=1e-3, atol=1e-8)


def test_a_face_too_small_to_judge_is_refused():
    with pytest.raises(ValueError, match=r"32x32.*wanted 64"):
        blurred_region(texture(0, 32), texture(1, 32)[None])
