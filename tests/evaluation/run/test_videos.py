import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from cyclorama.evaluation.measures import Measure
from cyclorama.evaluation.networks.table import NETWORKS, NetworkRow
from cyclorama.evaluation.networks.weights import load_state_dict, load_strictly
from cyclorama.evaluation.run.results import MetricRow
from cyclorama.evaluation.run.set_rows import compare_sets
from cyclorama.evaluation.videos.fvd import FACE_WEIGHTS
from cyclorama.media.video import write_video
from tests.evaluation.run.small_sets import panorama, rows_of, write_protocol

pytest.importorskip("av")

FLICKER = {"name": "flicker", "metric": "flicker"}
RANK = {"name": "rank", "metric": "video_seam_rank"}
FLOW = {"name": "flow", "metric": "flow_motion"}
FVD = {"name": "FVD", "metric": "fvd", "network": "i3d", "resize": "bilinear", "options": {"num_frames": 4}}
FACES = FVD | {"name": "FVD_faces", "options": {"num_frames": 4, "faces": True}}


class TinyClips(nn.Module):
    """A random network of clips in I3D's place: eight numbers from 4 x 16 x 16."""

    input_size = (16, 16)
    num_features = 8
    wraps = False

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv3d(3, 8, 3, stride=2)

    def features(self, clips):
        return self.layer(clips).relu().mean((2, 3, 4))


def load_tiny(path):
    network = TinyClips()
    load_strictly(network, load_state_dict(path), path=path)
    return network.eval().requires_grad_(False)


def _named(path):
    return (path,)


@pytest.fixture
def tiny_clips(tmp_path, monkeypatch):
    """The network's file, and its row in I3D's place."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_file(TinyClips().state_dict(), tmp_path / "clips.safetensors")
    monkeypatch.setitem(NETWORKS, "i3d", NetworkRow("i3d", "tiny", _named, load_tiny))
    return tmp_path / "clips.safetensors"


def write_videos(folder, seeds, *, num_frames=9, step=1):
    """Panoramas that turn by `step` columns a frame."""
    folder.mkdir()
    for seed in seeds:
        frames = [np.roll(panorama(seed), frame * step, 1) for frame in range(num_frames)]
        write_video(folder / f"{seed:02d}.mp4", frames, fps=8)
    return folder


@pytest.fixture
def run_videos(run, tmp_path, tiny_clips):
    real, fake = write_videos(tmp_path / "films", range(3)), write_videos(tmp_path / "made", range(10, 12), step=3)

    def call(*measures, **changes):
        protocol = write_protocol(tmp_path / "videos.json", *measures, samples="video")
        asked = {"real": real, "fake": fake, "protocol": protocol, "weights": {"i3d": tiny_clips}}
        return run(**asked | changes)

    return call


def test_each_video_is_read_once_for_all_its_figures(run_videos, monkeypatch):
    from cyclorama.evaluation.videos import frames

    read = []
    reader = frames.video_frames
    monkeypatch.setattr(frames, "video_frames", lambda path: read.append(path.name) or reader(path))
    done = run_videos(FLICKER, RANK, FVD)
    assert sorted(read) == ["00.mp4", "01.mp4", "02.mp4", "10.mp4", "11.mp4"]
    rows = rows_of(done)
    assert [row.status for row in rows.values()] == ["ok"] * 3
    assert rows["flicker"].num == 2
    assert rows["flicker"].value < rows["flicker"].real_value.value < 1
    assert run_videos(FLICKER, RANK, FVD).tally.computed == 0


def test_motion_follows_the_turn(run_videos):
    pytest.importorskip("cv2")
    row = rows_of(run_videos(FLOW))["flow"]
    assert row.value > 1.5 * row.real_value.value


def test_fvd_is_the_distance_of_the_clips_and_per_face_their_weighted_mean(run_videos):
    rows = rows_of(run_videos(FVD, FACES))
    assert rows["FVD"].num == 2
    assert rows["FVD"].value > 0
    assert rows["FVD_faces"].value == pytest.approx(
        sum(FACE_WEIGHTS[name] * value for name, value in rows["FVD_faces"].per_view.items())
    )


def test_videos_of_other_lengths_give_as_many_clips_as_the_shortest(run_videos, tmp_path):
    fake = write_videos(tmp_path / "mixed", [10, 11])
    frames = [panorama(seed) for seed in range(14)]
    write_video(fake / "long.mp4", frames, fps=8)
    row = rows_of(run_videos(FVD, fake=fake))["FVD"]
    assert row.warnings[0] == "1 clips are left out, so that every video has 2, as the shortest"


def test_a_video_that_is_too_short_or_damaged_is_named(run_videos, tmp_path):
    fake = write_videos(tmp_path / "mixed", [10, 11])
    write_video(fake / "short.mp4", [panorama(12)] * 2, fps=8)
    (fake / "bad.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"x" * 50)
    done = run_videos(FLICKER, FVD, fake=fake)
    notes = {note.file: (note.status, note.reason) for note in done.report.files}
    assert notes["bad.mp4"][0] == "error"
    assert notes["short.mp4"][0] == "error"
    assert notes["short.mp4"][1].startswith("FVD: got a video of fewer than 4 frames")
    assert (rows_of(done)["flicker"].num, rows_of(done)["FVD"].num) == (3, 2)


def test_the_warning_counts_the_clips_of_each_set():
    measure = Measure("FVD", "fvd", network="i3d", resize="bilinear")
    row = MetricRow("FVD", "fvd", "set", "lower", "ok")
    real, fake = torch.eye(12).reshape(4, 3, 12), torch.eye(12)[:5, None]
    assert compare_sets(row, measure, real, fake).warnings[0].startswith("12 real and 5 fake vectors for 12 features")
