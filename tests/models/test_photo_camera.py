import math

import pytest
import torch

from cyclorama.geometry.perspective import half_extent
from cyclorama.models.photo_camera import (
    BINS_DEG,
    INPUT_SIZE,
    PACKAGED,
    CameraNetwork,
    bin_targets,
    estimate_camera,
    load_camera_network,
    median_deg,
    middle_square,
    save_camera_network,
)

MOST_BYTES = 2**19


@pytest.fixture(scope="module")
def network() -> CameraNetwork:
    """With random weights, so large that it has opinions."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = CameraNetwork({"fov_deg": 5.0, "pitch_deg": 3.0, "roll_deg": 2.0}).eval().requires_grad_(False)
        for head in network.heads.values():
            torch.nn.init.normal_(head.get_parameter("weight"))
    return network


def draw_photo(height: int = 120, width: int = 120, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("angle", BINS_DEG)
def test_targets_are_probabilities_whose_middle_is_the_value(angle):
    low, high, num = BINS_DEG[angle]
    width = (high - low) / num
    values = torch.linspace(low + width / 2, high - width / 2, 101)
    targets = bin_targets(values, angle)
    torch.testing.assert_close(targets.sum(-1), torch.ones(101))
    assert ((targets > 0).sum(-1) <= 2).all()
    middles = low + width * (torch.arange(num) + 0.5)
    torch.testing.assert_close(targets @ middles, values, rtol=1e-5, atol=1e-3)
    assert (median_deg(targets, angle) - values).abs().max() <= width / 2


@pytest.mark.parametrize("angle", BINS_DEG)
def test_half_of_the_probability_lies_on_either_side_of_the_median(angle):
    low, high, num = BINS_DEG[angle]
    probabilities = torch.rand(20, num, generator=torch.Generator().manual_seed(1)).softmax(-1)
    edges = torch.linspace(low, high, num + 1)
    medians = median_deg(probabilities, angle)
    share = ((medians[:, None] - edges[:-1]) / (high - low) * num).clamp(0, 1)
    torch.testing.assert_close((probabilities * share).sum(-1), torch.full((20,), 0.5))


def test_a_mirrored_photo_has_the_opposite_roll_and_nothing_else(network):
    photo = draw_photo()
    straight, mirrored = estimate_camera(photo, network), estimate_camera(photo.flip(-1), network)
    assert mirrored.fov_deg == pytest.approx(straight.fov_deg, abs=1e-3)
    assert mirrored.pitch_deg == pytest.approx(straight.pitch_deg, abs=1e-3)
    assert mirrored.roll_deg == pytest.approx(-straight.roll_deg, abs=1e-3)
    assert abs(straight.roll_deg) > 0.01


@pytest.mark.parametrize("width", [120, 180, 90])
def test_the_field_of_view_is_that_of_the_whole_width(network, width):
    """What lies beside the middle square widens the picture and changes nothing else."""
    side = min(width, 120)
    wide = draw_photo(120, width)
    square = wide[:, (120 - side) // 2 :, (width - side) // 2 :][:, :side, :side]
    whole, part = estimate_camera(wide, network), estimate_camera(square, network)
    assert half_extent(whole.fov_deg) == pytest.approx(half_extent(part.fov_deg) * width / side, rel=1e-5)
    assert (whole.pitch_deg, whole.roll_deg) == (part.pitch_deg, part.roll_deg)


@pytest.mark.parametrize("size", [(40, 60), (96, 96), (300, 200)])
def test_photos_of_any_size_become_the_networks_input(size):
    constant = torch.full((3, *size), 0.25)
    assert middle_square(constant).shape == (3, INPUT_SIZE, INPUT_SIZE)
    torch.testing.assert_close(middle_square(constant), torch.full((3, INPUT_SIZE, INPUT_SIZE), 0.25))


def test_a_saved_network_answers_the_same_and_knows_its_errors(network, tmp_path):
    save_camera_network(network, tmp_path / "camera.safetensors", metadata={"training": "{}"})
    again = load_camera_network(tmp_path / "camera.safetensors")
    assert again.errors_deg == network.errors_deg
    assert (tmp_path / "camera.safetensors").stat().st_size < MOST_BYTES
    for angle, value in vars(estimate_camera(draw_photo(), network)).items():
        assert getattr(estimate_camera(draw_photo(), again), angle) == pytest.approx(value, abs=0.5)


@pytest.mark.parametrize("content", [None, b"", b"no weights at all", b"\x08\0\0\0\0\0\0\0{}      "])
def test_missing_and_damaged_weights_say_what_to_do_in_one_line(tmp_path, content):
    path = tmp_path / "camera.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match="cyclorama train photo-camera") as fault:
        load_camera_network(path)
    assert "\n" not in str(fault.value)


def test_the_packaged_network_sees_how_a_rendered_photo_was_held():
    """Views rendered as photographs, not cut from panoramas; errors against those of always guessing the middle."""
    from cyclorama.diorama import render_view, sample_scene

    cameras = [(50, -20, 15), (90, 15, -12), (70, 0, 30), (60, 25, 0), (80, -10, -25), (55, 5, 8)]
    places = ("living room", "city", "office", "village", "kitchen", "hall")
    errors = []
    for seed, (place, (fov_deg, pitch_deg, roll_deg)) in enumerate(zip(places, cameras, strict=True)):
        scene = sample_scene(10_000 + seed, place=place, time="noon", sky="clear")
        photo = render_view(scene, 96, 96, fov_deg, pitch_deg=pitch_deg, roll_deg=roll_deg, antialias=1).colours
        found = estimate_camera(photo)
        errors.append((found.fov_deg - fov_deg, found.pitch_deg - pitch_deg, found.roll_deg - roll_deg))
    fov, pitch, roll = torch.tensor(errors).abs().mean(0).tolist()
    guessed = torch.tensor(cameras, dtype=torch.float32)
    assert pitch < guessed[:, 1].abs().mean() / 2
    assert roll < guessed[:, 2].abs().mean() / 2
    assert fov < 15
    assert PACKAGED.stat().st_size < MOST_BYTES
    assert all(0 < error < math.inf for error in load_camera_network().errors_deg.values())
