import math
import sys

import pytest
import torch

from cyclorama.evaluation.videos import flow_motion, panorama_flow
from cyclorama.evaluation.videos.flow import flow_angles, motion_of
from cyclorama.geometry import pad_sphere

pytest.importorskip("cv2")


def texture(height: int = 96, sigma: float = 1.5) -> torch.Tensor:
    """A smooth random panorama that wraps in x."""
    noise = torch.rand(3, height, 2 * height, generator=torch.Generator().manual_seed(0))
    radius = math.ceil(3 * sigma)
    window = torch.exp(-(torch.arange(-radius, radius + 1) ** 2) / (2 * sigma**2))
    window = window / window.sum()
    padded = pad_sphere(noise, left=radius, right=radius, top=radius, bottom=radius)
    smooth = torch.nn.functional.conv2d(padded[:, None], window.outer(window)[None, None])[:, 0]
    return ((smooth - 0.5) * 4 + 0.5).clamp(0, 1)


@pytest.mark.parametrize("k", [1, 4, -7])
def test_a_panorama_rolled_by_k_pixels_flows_by_k_everywhere(k):
    flow = panorama_flow(texture(), texture().roll(k, -1))
    torch.testing.assert_close(flow[0], torch.full_like(flow[0], k), rtol=0, atol=0.15)
    assert flow[1].abs().max() < 0.15
    assert flow[0, :, [0, -1]].mean().item() == pytest.approx(k, abs=0.05)  # at the seam as elsewhere


def test_a_pan_turns_the_mean_pixel_by_a_quarter_of_pi():
    frames = [texture().roll(3 * step, -1) for step in range(4)]
    degrees = 3 * 360 / 192
    assert flow_motion(frames).values.tolist() == pytest.approx([math.pi / 4 * degrees] * 3, rel=0.01)
    assert flow_motion(frames, fps=30).mean == pytest.approx(30 * math.pi / 4 * degrees, rel=0.01)


def test_degrees_do_not_depend_on_the_working_size():
    frames = [texture(128, sigma=3).roll(4 * step, -1) for step in range(2)]
    assert flow_motion(frames, working_height=64).mean == pytest.approx(flow_motion(frames).mean, rel=0.02)


def test_a_still_picture_and_a_flat_one_do_not_move():
    assert flow_motion([texture()] * 3).highest < 1e-12
    assert flow_motion(torch.full((2, 3, 32, 64), 0.5)).highest < 1e-12
    assert not panorama_flow(texture(), texture()).any()


def test_motion_is_rotated_with_the_panorama():
    moved = texture().clone()
    moved[:, 40:56, 90:110] = texture()[:, 40:56, 87:107]  # in the middle
    here = flow_motion([texture(), moved]).mean
    at_the_seam = flow_motion([texture().roll(96, -1), moved.roll(96, -1)]).mean
    assert here > 0.01
    assert at_the_seam == pytest.approx(here, rel=0.02)


def test_angles_of_known_flows():
    down = torch.zeros(2, 32, 64)
    down[1] = -3.0  # three rows up, over the pole at the top
    torch.testing.assert_close(flow_angles(down), torch.full((32, 64), 3 * 180 / 32).double())
    across = torch.zeros(2, 32, 64)
    across[0] = 64.0  # once round
    assert flow_angles(across).max() < 1e-6
    assert motion_of(down) == pytest.approx(3 * 180 / 32)


def test_equal_frames_give_equal_bits():
    frames = [texture(), texture().roll(2, -1)]
    assert flow_motion(frames).mean == flow_motion(frames).mean


def test_a_missing_package_is_named_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(ValueError, match=r'^this needs OpenCV, .*; run: pip install "cyclorama\[metrics\]"$'):
        flow_motion([texture(8), texture(8)])
