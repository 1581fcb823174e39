import numpy as np
import pytest
import torch

from cyclorama.geometry import Perspective, rotation_matrix
from cyclorama.methods import noise_field
from cyclorama.methods.noise_field import FEWEST, NoiseField, num_shares, share_dirs
from cyclorama.methods.view_layouts import LAYOUTS, SECTORS

POSES = [(0, 0, 0), (35, 20, 0), (-170, -60, 30), (0, 90, 0)]


def draw(camera: Perspective, channels: int, seed: int = 0) -> NoiseField:
    return NoiseField.draw(num_shares(camera), channels, torch.Generator().manual_seed(seed))


def correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    return torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1].item()


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize(("size", "fov"), [(6, 90), (8, 60), (4, 130)])
def test_a_look_is_an_isometry_so_that_white_noise_stays_exactly_white(size, fov, pose):
    camera = Perspective(size, size, fov)
    num_rings = draw(camera, 1).num_rings
    matrix = NoiseField(num_rings, torch.eye(len(share_dirs(num_rings)))).look(camera, rotation_matrix(*pose))
    matrix = matrix.flatten(1).mT
    torch.testing.assert_close(matrix @ matrix.mT, torch.eye(size**2), rtol=0, atol=1e-6)


@pytest.mark.parametrize("pose", POSES)
def test_noise_is_white_in_every_direction(pose):
    camera = Perspective(10, 10, 90)
    seen = draw(camera, 400).look(camera, rotation_matrix(*pose))
    assert seen.shape == (400, 10, 10)
    assert seen.mean().item() == pytest.approx(0, abs=0.02)
    assert seen.var().item() == pytest.approx(1, abs=0.03)
    assert seen.var(0).sub(1).abs().max() < 0.35  # every pixel has the same strength
    for down, right in ((0, 1), (1, 0), (1, 1), (2, 0), (0, 2)):
        pairs = seen[:, down:, right:] * seen[:, : 10 - down, : 10 - right]
        assert abs(pairs.mean()) < 0.02


def test_channels_have_noise_of_their_own():
    camera = Perspective(10, 10, 90)
    seen = draw(camera, 30).look(camera, np.eye(3)).flatten(1)
    assert (seen @ seen.mT / 100 - torch.eye(30)).abs().max() < 0.6
    assert not torch.equal(seen[0], seen[1])


def test_two_cameras_that_show_the_same_place_hold_nearly_the_same_noise():
    """Turned by exactly one pixel in the middle, the noise there moves by one pixel."""
    camera = Perspective(17, 17, 40)
    field = draw(camera, 100)
    straight = field.look(camera, np.eye(3))[:, 6:11]
    turned = field.look(camera, rotation_matrix(np.degrees(np.arctan(camera.pixel_angle))))[:, 6:11]
    assert correlation(straight[..., 6:12], turned[..., 5:11]) > 0.8
    assert abs(correlation(straight[..., 6:12], turned[..., 6:12])) < 0.1
    assert abs(correlation(straight[..., 6:12], turned[..., 7:13])) < 0.1


def test_cameras_of_other_sizes_hold_sums_of_the_same_noise():
    """Two by two pixels of a finer camera are one pixel of the coarser, divided by the root of their number."""
    coarse, fine = Perspective(5, 5, 90), Perspective(10, 10, 90)
    field = draw(fine, 50)
    blocks = torch.nn.functional.avg_pool2d(field.look(fine, np.eye(3)), 2) * 2
    assert correlation(blocks, field.look(coarse, np.eye(3))) > 0.95


def test_opposite_cameras_share_no_noise():
    camera = Perspective(8, 8, 90)
    field = draw(camera, 100)
    assert abs(correlation(field.look(camera, np.eye(3)), field.look(camera, rotation_matrix(180)))) < 0.05


def test_looking_twice_shows_the_same_and_the_generator_decides():
    camera, turned = Perspective(6, 6, 90), rotation_matrix(10, 20)
    field = draw(camera, 3)
    assert torch.equal(field.look(camera, turned), field.look(camera, turned))
    assert torch.equal(field.look(camera, turned), draw(camera, 3).look(camera, turned))
    assert not torch.equal(field.look(camera, turned), draw(camera, 3, seed=1).look(camera, turned))


@pytest.mark.parametrize(("size", "fov"), [(6, 90), (12, 60), (8, 100)])
def test_the_smallest_pixel_shows_enough_shares(size, fov):
    camera = Perspective(size, size, fov)
    smallest = camera.solid_angles().min() / (4 * np.pi)
    assert FEWEST <= num_shares(camera) * smallest < FEWEST + smallest


def test_a_camera_with_too_small_pixels_is_refused_in_one_line():
    field = draw(Perspective(6, 6, 90), 2)
    with pytest.raises(
        ValueError, match=r"camera of 24x24 pixels for a field of \d+ shares; wanted at least \d+"
    ) as no:
        field.look(Perspective(24, 24, 60), np.eye(3))
    assert str(num_shares(Perspective(24, 24, 60))) in str(no.value)
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_pixel_of_every_layout_shows_a_share(name):
    layout = LAYOUTS[name]
    for size in (5, 16, 33):
        camera = Perspective(size, size, layout.fov_deg)
        field = draw(camera, 1)
        for step in (0, 1, 7):
            for turned in layout.rotations(step):
                assert field.look(camera, turned).isfinite().all()


def test_shares_lie_on_the_sphere_nowhere_sparser_than_asked_for():
    camera = Perspective(20, 20, 90)
    dirs = share_dirs(draw(camera, 1).num_rings)
    np.testing.assert_allclose(np.linalg.norm(dirs, axis=1), 1)
    assert num_shares(camera) <= len(dirs) < 1.15 * num_shares(camera)
    caps = [(dirs @ rotation_matrix(*pose)[:, 2] > np.cos(0.3)).mean() for pose in POSES]
    assert min(caps) > 0.95 * (1 - np.cos(0.3)) / 2  # around the poles they are denser


@pytest.mark.parametrize("pose", [(0, 0, 0), (35, 20, 0), (0, 90, 0), (-120, -60, 25)])
def test_a_camera_that_turns_by_sectors_sees_what_a_turned_field_shows(pose):
    camera = Perspective(8, 8, 90)
    field, turns = draw(camera, 2), 13
    sectors = field.values.unflatten(0, (SECTORS, -1)).roll(-turns, 0).flatten(0, 1)
    turned = rotation_matrix(360 / SECTORS * turns) @ rotation_matrix(*pose)
    assert torch.equal(
        field.look(camera, turned), NoiseField(field.num_rings, sectors).look(camera, rotation_matrix(*pose))
    )


def test_a_turning_layout_needs_no_new_tables():
    camera = Perspective(8, 8, 90)
    field = draw(camera, 1)
    made = []
    for step in range(9):
        for turned in LAYOUTS["14"].rotations(step):
            field.look(camera, turned)
        made.append(noise_field._shown.cache_info().misses)
    assert len(set(made)) == 1
