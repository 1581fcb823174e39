"""Videos whose frames show their own directions; memory is measured on a long one."""

import subprocess
import sys
from threading import Event

import numpy as np
import pytest

from cyclorama.media.conversion import Conversion, plan
from cyclorama.media.spherical import Spherical
from cyclorama.media.video import describe_video, read_video, write_video
from cyclorama.media.video_conversion import convert_video
from cyclorama.media.views import View

pytest.importorskip("av")


@pytest.fixture
def video(tmp_path, paint_sphere):
    """Four frames of 128x256, each turned a quarter further, 10 a second."""
    colours = paint_sphere(128)
    frames = [np.roll(colours, -64 * number, axis=1) for number in range(4)]
    write_video(tmp_path / "v.mp4", frames, fps=10, crf=1, parameters={"prompt": "directions"})
    return tmp_path / "v.mp4"


@pytest.mark.parametrize("name", ["perspective", "cubemap", "equirect", "little-planet"])
def test_every_frame_looks_where_its_projection_says(video, tmp_path, name):
    conversion = Conversion(name, yaw_deg=90)
    done = convert_video(video, tmp_path / "out.mp4", conversion)
    look = plan(conversion, View("equirect"), 128, 256)
    frames = [conversion.target.unpack(frame) for frame in read_video(tmp_path / "out.mp4")]
    assert len(frames) == done.num_frames == 4
    for turns, frame in enumerate(frames):
        dirs = look.target.pixel_dirs() @ look.rotation.T
        for _ in range(turns):
            dirs = np.stack([-dirs[..., 2], dirs[..., 1], dirs[..., 0]], -1)
        error = np.abs(frame.reshape(dirs.shape) - (dirs / 2 + 0.5) * 255)
        assert np.quantile(error, 0.95) < 8  # chroma is stored at half the resolution


@pytest.mark.parametrize("name", ["equirect", "cubemap", "fisheye"])
def test_spherical_metadata_are_for_equirects_and_the_parameters_are_kept(video, tmp_path, name):
    convert_video(video, tmp_path / "out.mp4", Conversion(name))
    info = describe_video(tmp_path / "out.mp4")
    assert (info.spherical is not None) == (name == "equirect")
    assert (info.parameters, info.fps, info.num_frames) == ({"prompt": "directions"}, 10, 4)


def test_sound_and_times_are_kept(two_second_video, tmp_path):
    sound = "ffmpeg -v error -y -i v.mp4 -f lavfi -i sine -t 2 -c:v copy -c:a aac -shortest s.mp4"
    subprocess.run(sound.split(), cwd=two_second_video.parent, check=True)
    convert_video(two_second_video.parent / "s.mp4", tmp_path / "out.mp4", Conversion("perspective", size="64"))
    info = describe_video(tmp_path / "out.mp4")
    assert info.has_audio
    assert info.duration_s == pytest.approx(describe_video(two_second_video.parent / "s.mp4").duration_s, abs=0.11)


def test_a_better_quality_is_a_bigger_file(video, tmp_path):
    for quality in (20, 90):
        convert_video(video, tmp_path / f"{quality}.mp4", Conversion("perspective", quality=quality))
    assert (tmp_path / "90.mp4").stat().st_size > 1.3 * (tmp_path / "20.mp4").stat().st_size


def test_progress_counts_the_frames(video, tmp_path):
    seen = []
    convert_video(video, tmp_path / "out.mp4", Conversion("equirect"), progress=lambda *done: seen.append(done))
    assert seen == [("v.mp4", number, 4) for number in range(4)]


def test_a_stopped_conversion_leaves_nothing(video, tmp_path):
    stop = Event()
    with pytest.raises(KeyboardInterrupt):
        convert_video(video, tmp_path / "out.mp4", Conversion("equirect"), progress=lambda *_: stop.set(), stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]


def test_only_whole_mono_spheres_are_converted(tmp_path):
    frames = [np.zeros((64, 64, 3), np.uint8)]
    for spherical, message in (
        (Spherical(stereo_mode="top-bottom", bounds=(0, 0, 0.25, 0.25)), "stereo video .top-bottom."),
        (Spherical(bounds=(0, 0, 0.25, 0.25)), "a part of the sphere"),
    ):
        write_video(tmp_path / "v.mp4", frames, fps=5, spherical=spherical)
        with pytest.raises(ValueError, match=rf"cannot convert .*v.mp4: .*{message}"):
            convert_video(tmp_path / "v.mp4", tmp_path / "out.mp4", Conversion("perspective"))


def test_an_odd_size_is_refused_with_an_even_one(video, tmp_path):
    with pytest.raises(ValueError, match="even"):
        convert_video(video, tmp_path / "out.mp4", Conversion("perspective", size="63x64"))
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length(tmp_path):
    peaks = []
    for num_frames in (40, 400):
        script = f"""
import resource
import numpy as np
from cyclorama.media.conversion import Conversion
from cyclorama.media.video import write_video
from cyclorama.media.video_conversion import convert_video
write_video("v.mp4", (np.full((320, 640, 3), n % 256, np.uint8) for n in range({num_frames})), fps=25)
convert_video("v.mp4", "out.mp4", Conversion("perspective"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.1 * peaks[0]
