import numpy as np
import pytest
import torch

from cyclorama.evaluation.videos import temporal_flicker, video_frames


def test_a_file_gives_its_frames_one_by_one(tmp_path):
    pytest.importorskip("av")
    from cyclorama.media.video import write_video

    levels = [40, 90, 40, 90]
    frames = (np.full((64, 128, 3), level, np.uint8) for level in levels)
    write_video(tmp_path / "video.mp4", frames, fps=25)
    stream = video_frames(tmp_path / "video.mp4")
    first = next(stream)
    assert first.shape == (3, 64, 128)
    assert first.dtype == torch.float32
    assert first.mean().item() == pytest.approx(40 / 255, abs=1.5 / 255)
    assert temporal_flicker(video_frames(tmp_path / "video.mp4")).mean == pytest.approx(1 - 50 / 255, abs=2 / 255)


def test_a_missing_file_is_named():
    with pytest.raises(ValueError, match="nowhere"):
        next(video_frames("nowhere.mp4"))
