import pytest
import torch
from einops import rearrange, reduce

from cyclorama.evaluation.distributions import frechet_distance
from cyclorama.evaluation.networks.i3d import I3d
from cyclorama.evaluation.networks.weights import freeze
from cyclorama.evaluation.videos import FACE_WEIGHTS, ClipFeatures, feed, frechet_video_distance
from cyclorama.evaluation.videos.fvd import ClipCutter


class MeanColours:
    """Mean colours of a clip at its beginning and at its end."""

    input_size = (8, 8)

    def features(self, clips: torch.Tensor) -> torch.Tensor:
        return reduce(clips, "b c (e t) h w -> b (c e)", "mean", e=2)


def videos(num: int, *, seed: int = 0, frames: int = 16, height: int = 32) -> torch.Tensor:
    noise = torch.rand(num, frames, 3, 4, 8, generator=torch.Generator().manual_seed(seed))
    noise = rearrange(noise, "n t c h w -> (n t) c h w")
    large = torch.nn.functional.interpolate(noise, (height, 2 * height), mode="nearest")
    return rearrange(large, "(n t) c h w -> n t c h w", n=num)


def features_of(clips: torch.Tensor, *, faces: bool = False, num_frames: int = 16) -> dict[str, torch.Tensor]:
    found = []
    for frames in clips:
        features = ClipFeatures(MeanColours(), faces=faces, num_frames=num_frames)
        feed(frames, features)
        found.append(features.features())
    return {name: torch.cat([one[name] for one in found]) for name in found[0]}


@pytest.mark.parametrize(("stride", "num"), [(None, 2), (16, 2), (4, 6), (20, 2)])
def test_clips_are_windows_of_the_video(stride, num):
    frames = torch.rand(37, 3, 2, 4)
    cutter = ClipCutter(stride=stride)
    clips = [clip for frame in frames if (clip := cutter.update(frame)) is not None]
    windows = rearrange(frames.unfold(0, 16, stride or 16), "n c h w t -> n c t h w")
    assert len(clips) == len(windows) == num
    assert torch.equal(torch.stack(clips), windows)


def test_the_network_sees_the_clip_at_its_size():
    frames = videos(1, frames=33)[0]
    features = ClipFeatures(MeanColours())
    feed(frames, features)
    found = features.features()["equirect"]
    assert found.shape == (2, 6)
    assert found.dtype == torch.float64
    halves = rearrange(frames[:32], "(n e t) c h w -> n e t c h w", n=2, e=2)
    torch.testing.assert_close(found, reduce(halves, "n e t c h w -> n (c e)", "mean").double(), rtol=0, atol=1e-6)


def test_a_set_is_at_no_distance_from_itself():
    found = features_of(videos(12))
    assert frechet_video_distance(found, found).value == pytest.approx(0, abs=1e-9)


def test_of_the_whole_panorama_it_is_the_frechet_distance():
    real, fake = features_of(videos(12)), features_of(videos(12, seed=1) * 0.8)
    expected = float(frechet_distance(real["equirect"], fake["equirect"]))
    assert frechet_video_distance(real, fake).value == expected > 0.01


def test_an_edit_above_45_degrees_counts_a_third_of_the_upper_faces_distance():
    real, edited = videos(5, frames=2), videos(5, frames=2)
    edited[..., :3, :] *= 0.5  # above 73 degrees
    distance = frechet_video_distance(*(features_of(each, faces=True, num_frames=2) for each in (real, edited)))
    sides = {name: value for name, value in distance.per_view.items() if name != "up"}
    assert all(value == pytest.approx(0, abs=1e-9) for value in sides.values())
    assert distance.per_view["up"] > 1e-4
    assert distance.value == pytest.approx(distance.per_view["up"] / 3, rel=1e-6)
    assert sum(FACE_WEIGHTS.values()) == pytest.approx(1)


def test_an_edit_at_one_side_counts_a_twelfth():
    real, edited = videos(5, frames=2), videos(5, frames=2)
    edited[..., 12:20, 28:36] *= 0.5  # in the middle of the front
    distance = frechet_video_distance(*(features_of(each, faces=True, num_frames=2) for each in (real, edited)))
    assert distance.value == pytest.approx(distance.per_view["front"] / 12, rel=1e-6)


def test_it_runs_through_i3d():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = I3d()
    freeze(network)
    features = ClipFeatures(network, num_frames=9)
    feed(videos(1, frames=9)[0], features)
    assert features.features()["equirect"].shape == (1, 400)


def test_a_short_video_and_unlike_sets_are_refused_in_one_line():
    with pytest.raises(ValueError, match="fewer than 16 frames"):
        features_of(videos(1, frames=15))
    whole, faces = (features_of(videos(2, frames=2), faces=faces, num_frames=2) for faces in (False, True))
    with pytest.raises(ValueError, match="cut both sets alike"):
        frechet_video_distance(whole, faces)
    with pytest.raises(ValueError, match="above 0"):
        ClipCutter(stride=0)
