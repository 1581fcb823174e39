import math

import pytest
import torch

from cyclorama.evaluation import seam_rank, seam_ratio
from cyclorama.evaluation.videos.video_seams import video_seams


def test_each_frame_has_the_figures_of_its_picture():
    frames = torch.rand(5, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    seams = video_seams(frames)
    assert torch.equal(seams.ranks().values, seam_rank(frames))
    assert torch.equal(seams.ratios().values, seam_ratio(frames))


def test_the_worst_frame_is_the_one_with_a_seam():
    frames = torch.rand(6, 3, 16, 32, generator=torch.Generator().manual_seed(0)) * 0.1
    frames[4, ..., :16] += 0.5 * torch.linspace(1, 0, 16)
    seams = video_seams(frames)
    assert seams.ranks().highest_at == seams.ratios().highest_at == 4
    assert seams.ranks().highest == 1
    assert seams.ratios().highest > 5 * seams.ratios().lowest


def test_flat_frames_are_left_out_of_the_mean():
    frames = torch.rand(3, 3, 16, 32, generator=torch.Generator().manual_seed(0))
    frames[0] = 0
    ratios = video_seams(frames).ratios()
    assert math.isnan(ratios.values[0].item())
    assert ratios.mean == pytest.approx(seam_ratio(frames[1:]).mean().item())
    assert ratios.lowest_at > 0
    assert ratios.highest_at > 0


def test_no_frames_and_two_sizes_are_refused():
    with pytest.raises(ValueError, match="too few frames"):
        video_seams([]).ranks()
    with pytest.raises(ValueError, match="wanted one size"):
        video_seams([torch.zeros(3, 8, 16), torch.zeros(3, 4, 8)])
