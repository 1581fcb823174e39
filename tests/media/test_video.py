"""Read videos: colours, times and turns as the file says; doubtful files end in one line."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cyclorama.media.spherical import Spherical
from cyclorama.media.video import Frame, describe_video, read_frames, read_planes, read_video, write_video
from tests.media.small_videos import ffmpeg, grey, one_line, tool

av = pytest.importorskip("av")

COLOURS = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [128, 128, 128], [250, 200, 30], [12, 90, 160]]
)


def test_ffmpeg_decodes_the_same_colours(tmp_path):
    bars = np.repeat(COLOURS, 16, axis=0)[None].repeat(64, axis=0).astype(np.uint8)
    write_video(tmp_path / "v.mp4", [bars] * 2, fps=5, crf=1)
    raw = tool(
        "ffmpeg", "-v", "error", "-i", tmp_path / "v.mp4", "-frames:v", 1, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"
    )
    theirs = np.frombuffer(raw, np.uint8).reshape(64, 128, 3).astype(int)
    ours = next(iter(read_video(tmp_path / "v.mp4"))).astype(int)
    assert np.abs(theirs[32, 8::16] - COLOURS).max() <= 4
    assert np.abs(ours[32, 8::16] - COLOURS).max() <= 4


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc", "untagged"])
@pytest.mark.parametrize("colour_range", ["tv", "pc"])
def test_colours_follow_the_tags(tmp_path, matrix, colour_range):
    scale = "smpte170m" if matrix == "untagged" else matrix
    tags = ["-colorspace", matrix] if matrix != "untagged" else []
    ffmpeg(
        *("-f", "lavfi", "-i", "color=0xfac81e:s=128x64:r=5:d=1,format=rgb24"),
        *("-vf", f"scale=out_color_matrix={scale}:out_range={colour_range},format=yuv444p"),
        *("-c:v", "libx264", "-qp", "0", *tags, "-color_range", colour_range, tmp_path / "v.mp4"),
    )
    pixels = next(iter(read_video(tmp_path / "v.mp4")))
    assert np.abs(pixels.reshape(-1, 3).astype(int) - [250, 200, 30]).max() <= 3
    planes = next(read_planes(tmp_path / "v.mp4"))
    write_video(tmp_path / "w.mp4", [planes] * 2, fps=5, crf=1)
    assert np.abs(next(iter(read_video(tmp_path / "w.mp4"))).reshape(-1, 3).astype(int) - [250, 200, 30]).max() <= 5


def test_planes_hold_what_the_codec_stored(tmp_path):
    ramp = np.arange(64 * 128 * 3).reshape(64, 128, 3).astype(np.uint8) // 2 + 60
    write_video(tmp_path / "v.mp4", [ramp] * 3, fps=5)
    planes = next(read_planes(tmp_path / "v.mp4"))
    assert (planes.y.shape, planes.u.shape, planes.v.shape) == ((64, 128), (32, 64), (32, 64))
    with av.open(str(tmp_path / "v.mp4")) as file:
        stored = next(file.decode(video=0)).to_ndarray()
    np.testing.assert_array_equal(planes.y, stored[:64])
    np.testing.assert_array_equal(planes.u, stored[64:80].reshape(32, 64))


def test_planes_can_be_changed_and_written(tmp_path):
    steps = np.kron(np.arange(8), np.ones((64, 16)))[..., None].repeat(3, axis=2).astype(np.uint8) * 30
    write_video(tmp_path / "v.mp4", [steps] * 3, fps=5, crf=1)
    mirrored = (planes.mapped(np.fliplr, np.fliplr) for planes in read_planes(tmp_path / "v.mp4"))
    write_video(tmp_path / "w.mp4", mirrored, fps=5, crf=1)
    read = next(iter(read_video(tmp_path / "w.mp4"))).astype(int)
    assert np.abs(read[:, 8::16] - steps[:, ::-1][:, 8::16]).max() <= 3


def test_times_of_a_variable_rate_are_kept(tmp_path):
    times = [Fraction(0), Fraction(1, 10), Fraction(3, 10), Fraction(1, 3), Fraction(1)]
    frames = [Frame(time_s, grey(40 * number)) for number, time_s in enumerate(times)]
    write_video(tmp_path / "v.mp4", frames, fps=10)
    read = list(read_frames(tmp_path / "v.mp4"))
    assert [frame.time_s for frame in read] == times
    constant = [round(float(pixels.mean()) / 40) for pixels in read_video(tmp_path / "v.mp4", fps=10)]
    assert constant[:11] == [0, 1, 1, 3, 3, 3, 3, 3, 3, 3, 4]


def test_a_copy_keeps_the_times_of_broadcast_rates(tmp_path):
    write_video(tmp_path / "v.mp4", map(grey, range(0, 240, 10)), fps=23.976)
    info = describe_video(tmp_path / "v.mp4")
    assert (info.fps, info.num_frames, info.counted) == (Fraction(24000, 1001), 24, True)
    write_video(tmp_path / "w.mp4", read_frames(tmp_path / "v.mp4"), fps=info.fps)
    assert [frame.time_s for frame in read_frames(tmp_path / "w.mp4")] == [n * Fraction(1001, 24000) for n in range(24)]


def test_another_rate_repeats_and_leaves_out(tmp_path):
    write_video(tmp_path / "v.mp4", [grey(20 * number) for number in range(10)], fps=10)
    assert len(list(read_video(tmp_path / "v.mp4", fps=20))) == 20
    halved = [round(float(pixels.mean()) / 20) for pixels in read_video(tmp_path / "v.mp4", fps=5)]
    assert len(halved) == 5
    assert np.all(np.diff(halved) == 2)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_videos_are_read_upright(tmp_path, degrees):
    corner = grey(0, 64, 96)
    corner[:16, :32] = 255  # white at the top left
    with av.open(str(tmp_path / "v.mp4"), "w") as file:
        stream = file.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(degrees)
        file.mux([*stream.encode(av.VideoFrame.from_ndarray(corner)), *stream.encode(None)])
    raw = tool("ffmpeg", "-v", "error", "-i", tmp_path / "v.mp4", "-f", "rawvideo", "-pix_fmt", "gray", "-")
    info = describe_video(tmp_path / "v.mp4")
    theirs = np.frombuffer(raw, np.uint8).reshape(info.height, info.width)
    ours = next(iter(read_video(tmp_path / "v.mp4")))
    assert np.abs(ours[..., 1].astype(int) - theirs).max() < 40
    assert next(read_planes(tmp_path / "v.mp4")).y.shape == theirs.shape
    assert info.rotation_deg in (90, 180, 270)


def test_descriptions_say_what_and_why(tmp_path):
    write_video(tmp_path / "v.mp4", [grey(9)] * 4, fps=5)
    info = describe_video(tmp_path / "v.mp4")
    assert (info.height, info.width, info.fps, info.num_frames) == (64, 128, 5, 4)
    assert (info.codec, info.pixel_format, info.has_audio, info.rotation_deg) == ("h264", "yuv420p", False, 0)
    assert (info.projection, info.evidence) == ("equirect", "spherical video metadata")
    assert info.duration_s == pytest.approx(0.8)
    write_video(tmp_path / "w.mp4", [grey(9, 64, 64)] * 4, fps=5, spherical=False)
    assert describe_video(tmp_path / "w.mp4").projection == "unknown"
    assert describe_video(tmp_path / "w.mp4").spherical is None


def test_matroska_says_that_it_is_spherical(tmp_path):
    write_video(tmp_path / "v.mp4", [grey(9, 128, 128)] * 4, fps=5, spherical=Spherical(stereo_mode="top-bottom"))
    ffmpeg("-i", tmp_path / "v.mp4", "-c", "copy", tmp_path / "v.mkv")
    info = describe_video(tmp_path / "v.mkv")
    assert info.projection == "equirect"
    assert info.spherical == Spherical(stereo_mode="top-bottom", generations=())


def test_bad_files_are_one_clear_line(tmp_path):
    write_video(tmp_path / "v.mp4", map(grey, range(0, 250, 10)), fps=5)
    data = (tmp_path / "v.mp4").read_bytes()
    broken = bytearray(data)
    broken[data.index(b"mdat") + 4 :] = bytes(len(data) - data.index(b"mdat") - 4)
    (tmp_path / "folder").mkdir()
    files = {
        "empty": b"",
        "text": b"no video",
        "cut": data[:-200],
        "zeros": bytes(broken),
        "list": b"#EXTM3U\n#EXTINF:1\nv.mp4\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "sound.m4a")
    ffmpeg("-f", "lavfi", "-i", "color=s=64x64:d=1", "-frames:v", 1, tmp_path / "picture.png")
    with av.open(str(tmp_path / "nothing.mp4"), "w") as file:
        stream = file.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        file.start_encoding()
    for name in [*files, "missing", "folder", "sound.m4a", "picture.png", "nothing.mp4"]:
        for work in (describe_video, lambda path: list(read_video(path)), lambda path: list(read_planes(path))):
            with pytest.raises(ValueError, match=r"^cannot read [^\n]*$"):
                work(tmp_path / name)


def test_without_pyav_the_error_says_what_to_install(tmp_path):
    program = (
        "import sys; sys.modules['av'] = None\n"
        "from cyclorama.media.video import read_video, write_video\n"
        "for work in (lambda: read_video('v.mp4'), lambda: write_video('v.mp4', [], fps=5)):\n"
        "    try: work()\n"
        "    except ValueError as fault: print(fault)\n"
        "print('torch' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    lines = result.stdout.splitlines()
    assert all('pip install "cyclorama[video]"' in line for line in lines[:2])
    assert lines[2:] == ["False"]


def test_reading_and_writing_take_constant_memory(tmp_path):
    program = (
        "import sys, resource, numpy as np; from cyclorama.media.video import read_frames, write_video\n"
        "def frames(count):\n"
        "    for n in range(count): yield np.full((128, 256, 3), n % 251, np.uint8)\n"
        "def peak(count):\n"
        "    write_video('v.mp4', frames(count), fps=30)\n"
        "    write_video('w.mp4', read_frames('v.mp4'), fps=30)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(peak(100), peak(500))\n"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    short, long = map(int, result.stdout.split())
    frame_kib = 256 * 128 * 3 // 1024
    assert long - short < 80 * frame_kib  # 400 more frames


@pytest.fixture(scope="module")
def small_video(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "v.mp4"
    write_video(path, [grey(20 * number, 16, 32) for number in range(6)], fps=5)
    return path.read_bytes()


@settings(max_examples=60, deadline=5000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutated_files_end_in_frames_or_one_line(small_video, tmp_path, data):
    mutated = bytearray(small_video)
    spot = st.tuples(st.integers(0, len(mutated)), st.binary(min_size=1, max_size=8))
    for place, patch in data.draw(st.lists(spot, max_size=4)):
        mutated[place : place + len(patch)] = patch
    mutated = mutated[: data.draw(st.integers(1, 2 * len(mutated)))]
    (tmp_path / "m.mp4").write_bytes(mutated)
    for work in (describe_video, lambda path: [None for _ in read_video(path)]):
        try:
            work(tmp_path / "m.mp4")
        except ValueError as fault:
            one_line(fault)
