import pytest
import torch

from cyclorama.geometry import Perspective
from cyclorama.geometry.viewsets import coverage
from cyclorama.methods.enlarge import enlarge, enlarge_smoothly, project_back, tiles
from tests.methods.fake_model import FakeModel


def noise(height: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(3, height, 2 * height, generator=torch.Generator().manual_seed(seed))


def test_an_enlarged_panorama_is_a_whole_multiple_and_the_same_for_the_same_seed():
    model = FakeModel(memory=0.5)
    first, again, other = (enlarge(model, noise(32), 64, "red", seed=seed, strength=0.8) for seed in (1, 1, 2))
    assert first.shape == (3, 64, 128)
    assert first.min() >= 0
    assert first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_light_stays_though_the_model_wants_another_one():
    rows, columns = torch.meshgrid(torch.arange(32) / 32 * 3.14, torch.arange(64) / 64 * 6.28, indexing="ij")
    smooth = (0.5 + 0.3 * rows.sin() * columns.cos()).expand(3, -1, -1)
    larger = enlarge(FakeModel(), smooth, 64, "grey", seed=0, strength=0.3, num_steps=16)
    off = (torch.nn.functional.avg_pool2d(larger, 8) - torch.nn.functional.avg_pool2d(smooth, 4)).abs()
    assert off.max() < 0.05


def test_it_begins_at_its_strength_however_few_the_steps():
    model = FakeModel()
    enlarge(model, noise(32), 64, "red", seed=0, strength=0.05, num_steps=2)
    assert {round(t, 6) for _, t, _ in model.seen} == {0.05}


def test_made_small_again_it_is_the_small_one_and_what_is_finer_stays():
    small, painted = 0.4 + 0.2 * noise(32), 0.4 + 0.2 * noise(64, 1)
    found = project_back(painted, small)
    blocks = torch.nn.AvgPool2d(2)
    assert (blocks(found) - small).abs().mean() < 0.05 * (blocks(painted) - small).abs().mean()
    fine, wanted = (one - enlarge_smoothly(blocks(one), 64) for one in (found, painted))
    assert (fine * wanted).sum() / fine.norm() / wanted.norm() > 0.9


def test_a_picture_that_agrees_already_is_left_alone():
    smooth = torch.full((3, 64, 128), 0.3)
    torch.testing.assert_close(project_back(smooth, torch.full((3, 32, 64), 0.3)), smooth)


@pytest.mark.parametrize("fov_deg", [25, 43, 76, 115])
def test_tiles_cover_the_sphere_with_overlap(fov_deg):
    covered = coverage(Perspective(64, 64, 0.9 * fov_deg), tiles(fov_deg).rotations(0), 64)
    assert covered.covered == 1
    pitches = [pitch for pitch, _ in tiles(fov_deg).gazes]
    assert pitches[0] == -90 < pitches[1]
    assert pitches[-1] == 90 > pitches[-2]


@pytest.mark.parametrize(
    ("height", "strength", "words"),
    [(32, 0.5, "whole multiple"), (48, 0.5, "whole multiple"), (64, 0.0, "strength"), (64, 1.0, "strength")],
)
def test_what_cannot_be_done_is_said(height, strength, words):
    with pytest.raises(ValueError, match=words):
        enlarge(FakeModel(), noise(32), height, "a lake", seed=0, strength=strength)


def test_a_picture_that_is_no_panorama_is_refused():
    with pytest.raises(ValueError, match="twice as wide as high"):
        enlarge(FakeModel(), torch.rand(3, 32, 48), 64, "a lake", seed=0)
