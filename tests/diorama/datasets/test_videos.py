"""Videos are spherical, time passes in them, and they are reproducible."""

import json

import numpy as np
import pytest
import torch

pytest.importorskip("av")

from cyclorama.diorama.datasets import Videos, scenes_from, write_dataset
from cyclorama.media.video import describe_video, read_video

SCENES = scenes_from(2, 1, place="beach", time="noon", sky="scattered clouds")


def written(folder, kind):
    write_dataset(SCENES, kind, folder)
    [row] = [json.loads(line) for line in (folder / "metadata.jsonl").read_text("utf-8").splitlines()]
    return folder / row["file_name"], row


def test_a_video_is_spherical_and_time_passes(tmp_path):
    path, row = written(tmp_path, Videos(32, seconds=10, fps=0.4))
    told, frames = describe_video(path), list(read_video(path))
    assert (told.height, told.width, len(frames)) == (32, 64, 4)
    assert told.spherical is not None
    assert told.spherical.projection == "equirectangular"
    assert told.parameters["prompt"] == row["text"]
    assert np.abs(frames[-1].astype(int) - frames[0]).mean() > 0.3, "clouds and water move"


def test_a_walk_has_a_pose_for_every_frame(tmp_path):
    kind = Videos(16, seconds=1, fps=4, walk_m=2.0)
    path, row = written(tmp_path / "one", kind)
    again, _ = written(tmp_path / "two", kind)
    poses = torch.tensor(row["cam_to_world"])
    assert poses.shape == (4, 4, 4)
    assert torch.equal(poses[:, :3, :3], poses[:1, :3, :3].expand(4, 3, 3))
    assert float((poses[1:, :3, 3] - poses[:-1, :3, 3]).norm(dim=-1).sum()) == pytest.approx(2, rel=0.1)
    assert path.read_bytes() == again.read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"height": 33}, "even"), ({"seconds": 0.01}, "two frames"), ({"walk_m": -1.0}, "a walk of")],
)
def test_impossible_videos_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Videos(**options)
