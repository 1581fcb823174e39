import math
from pathlib import Path

import pytest
import torch

from cyclorama.geometry import Equirect
from cyclorama.methods.inpaint import inpaint, region_mask, share_of_sphere, working_height
from cyclorama.models.registry import load_model

PROMPT = "a snowy mountain valley"


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, device="cpu")


def picture(height: int) -> torch.Tensor:
    return torch.rand(3, height, 2 * height, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("own", "painted"), [(32, None), (40, None), (64, 32), (32, 64)])
def test_kept_pixels_keep_their_bits_at_every_working_size(model, own, painted):
    image, mask = picture(own), region_mask(own, yaw_deg=170, pitch_deg=-30, fov_deg=80)
    result = inpaint(model, image, mask, PROMPT, seed=1, num_steps=1, height=painted)
    assert result.shape == image.shape
    assert torch.equal(result[:, mask == 0], image[:, mask == 0])
    assert not torch.equal(result, image)


def test_only_panoramas_are_taken(model):
    with pytest.raises(ValueError, match="twice as wide"):
        inpaint(model, torch.zeros(3, 32, 48), torch.eye(32, 48), PROMPT, seed=1)
    with pytest.raises(ValueError, match="multiple of 16"):
        inpaint(model, picture(32), region_mask(32, fov_deg=60), PROMPT, seed=1, height=40)


@pytest.mark.parametrize(("height", "expected"), [(8, 16), (32, 32), (40, 32), (100, 96), (5000, 1024)])
def test_a_panorama_is_painted_at_its_own_size_up_to_the_models(model, height, expected):
    assert working_height(model.capabilities, height) == expected


@pytest.mark.parametrize("fov_deg", [20, 90, 180, 300])
@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(0, 0), (179, 20), (40, 90), (-100, -65)])
def test_a_region_has_the_solid_angle_of_its_cone_and_holds_its_direction(fov_deg, yaw_deg, pitch_deg):
    mask = region_mask(128, yaw_deg=yaw_deg, pitch_deg=pitch_deg, fov_deg=fov_deg)
    assert share_of_sphere(mask) == pytest.approx((1 - math.cos(math.radians(fov_deg / 2))) / 2, rel=0.01)
    middle = (128 * (yaw_deg + 180) / 180, min(127.9, 128 * (90 - pitch_deg) / 180))
    assert mask[int(middle[1]), int(middle[0]) % 256] == 1


def test_a_region_turns_with_its_yaw():
    mask = region_mask(32, yaw_deg=30, pitch_deg=10, fov_deg=70)
    step = 360 / 64
    turned = region_mask(32, yaw_deg=30 + 20 * step, pitch_deg=10, fov_deg=70)
    torch.testing.assert_close(turned, mask.roll(20, -1), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("fov_deg", "message"), [(0, "more than 0"), (360, "less than 360"), (1e-3, "less than a pixel")]
)
def test_impossible_regions_are_refused(fov_deg, message):
    with pytest.raises(ValueError, match=message):
        region_mask(32, fov_deg=fov_deg)


def test_the_share_of_the_sphere_is_by_solid_angle():
    weights = torch.from_numpy(Equirect(16, 32).solid_angles())
    half = torch.zeros(16, 32)
    half[:8] = 1
    assert share_of_sphere(half) == pytest.approx(0.5)
    pole = torch.zeros(16, 32)
    pole[0] = 1
    assert share_of_sphere(pole) == pytest.approx(float(weights[0].sum() / (4 * math.pi)))
