import math

import pytest
import torch

from cyclorama.evaluation.videos import Flicker, feed, temporal_flicker


def alternating(a: float, b: float, num: int = 5) -> torch.Tensor:
    levels = torch.tensor([a, b])[torch.arange(num) % 2] / 255
    return levels.reshape(num, 1, 1, 1).expand(num, 3, 8, 16)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("a", "b"), [(10, 60), (255, 0), (7, 7)])
def test_alternating_constants_flicker_by_their_difference(a, b, weighted):
    series = temporal_flicker(alternating(a, b), latitude_weighted=weighted)
    assert series.values.tolist() == pytest.approx([1 - abs(a - b) / 255] * 4, abs=1e-6)
    assert series.mean == pytest.approx(1 - abs(a - b) / 255, abs=1e-6)


def test_it_equals_the_mean_over_levels():
    frames = torch.randint(0, 256, (4, 3, 8, 16), generator=torch.Generator().manual_seed(0))
    expected = (255 - frames.double().diff(dim=0).abs().mean((1, 2, 3))) / 255
    torch.testing.assert_close(temporal_flicker(frames.double() / 255).values, expected, rtol=0, atol=1e-12)


def test_the_weighted_one_counts_a_polar_cap_by_its_area():
    frames = torch.zeros(2, 3, 64, 128)
    frames[1, :, :16] = 1  # the cap above 45 degrees
    cap = (1 - math.sin(math.pi / 4)) / 2
    assert temporal_flicker(frames, latitude_weighted=True).mean == pytest.approx(1 - cap, abs=1e-9)
    assert temporal_flicker(frames).mean == 0.75


def test_the_worst_step_is_found():
    frames = alternating(100, 100, 6).clone()
    frames[3] += 0.2
    series = temporal_flicker(frames)
    assert series.lowest_at == 2
    assert series.lowest == pytest.approx(0.8, abs=1e-6)
    assert series.highest == 1


def test_a_stream_gives_what_the_tensor_gives():
    frames = torch.rand(5, 3, 8, 16, generator=torch.Generator().manual_seed(1))
    one, two = Flicker(), Flicker(latitude_weighted=True)
    feed((frame.clone() for frame in frames), one, two)
    assert torch.equal(one.series().values, temporal_flicker(frames).values)
    assert torch.equal(two.series().values, temporal_flicker(frames, latitude_weighted=True).values)


def test_one_frame_and_two_sizes_are_refused_in_one_line():
    with pytest.raises(ValueError, match="too few frames, wanted at least 2"):
        temporal_flicker(torch.zeros(1, 3, 8, 16))
    with pytest.raises(ValueError, match=r"got a frame of 4x8 after one of 8x16, wanted one size"):
        temporal_flicker([torch.zeros(3, 8, 16), torch.zeros(3, 4, 8)])
