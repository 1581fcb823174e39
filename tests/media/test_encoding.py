"""Written videos: what ffprobe, ffmpeg and our reader find in them."""

import resource
import subprocess
import sys
import threading
from fractions import Fraction

import numpy as np
import pytest

from cyclorama.media.encoding import choose_codec, exact_rate
from cyclorama.media.spherical import Spherical, read_spherical
from cyclorama.media.video import Planes, describe_video, read_frames, read_video, write_video
from tests.media.small_videos import ffmpeg, grey, probe, skip_without

av = pytest.importorskip("av")

COLOURS = np.array(
    [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [128, 128, 128], [250, 200, 30], [12, 90, 160]]
)


def levels_of(path):
    return [round(float(pixels.mean())) for pixels in read_video(path)]


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_flat_colours_survive(tmp_path, codec):
    skip_without(codec)
    flats = [grey(0) + colour.astype(np.uint8) for colour in COLOURS]
    assert write_video(tmp_path / "v.mp4", flats, fps=8, codec=codec) == len(flats)
    for wanted, got in zip(flats, read_video(tmp_path / "v.mp4"), strict=True):
        assert np.abs(got.astype(int) - wanted).max() <= 3


@pytest.mark.parametrize(
    ("codec", "suffix"), [("h264", ".mp4"), ("hevc", ".mp4"), ("av1", ".mp4"), ("h264", ".mov"), ("hevc", ".mov")]
)
def test_ffprobe_sees_colours_sphere_and_rate(tmp_path, codec, suffix):
    skip_without(codec)
    path = tmp_path / f"v{suffix}"
    write_video(path, map(grey, range(0, 200, 20)), fps=29.97, codec=codec)
    stream = probe(path)["streams"][0]
    assert stream["codec_name"] == codec
    assert {stream[name] for name in ("color_space", "color_transfer", "color_primaries")} == {"bt709"}
    assert (stream["color_range"], stream["pix_fmt"]) == ("tv", "yuv420p")
    assert (stream["avg_frame_rate"], stream["nb_frames"]) == ("30000/1001", "10")
    assert float(stream["duration"]) == pytest.approx(10 * 1001 / 30000, abs=1e-3)
    assert "equirectangular" in [data.get("projection") for data in stream["side_data_list"]]
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert read_spherical(path) == Spherical()


def with_sound(path, *, codec="aac", seconds=2):
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=gray:s=128x64:r=10:d={seconds}", "-f", "lavfi", "-i", f"sine=d={seconds}"),
        *("-c:v", "libx264", "-c:a", codec, "-strict", "-2", path),
    )
    return path


def sound(path):
    with av.open(str(path)) as file:
        return [(float(p.pts * p.time_base), bytes(p)) for p in file.demux(audio=0) if p.size]


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mp4", "aac"), (".mkv", "libopus"), (".ts", "aac"), (".mp4", "libmp3lame")]
)
def test_sound_is_copied_packet_by_packet(tmp_path, suffix, codec):
    source = with_sound(tmp_path / f"s{suffix}", codec=codec)
    write_video(tmp_path / "v.mp4", read_frames(source), fps=10, audio_from=source)
    before, after = sound(source), sound(tmp_path / "v.mp4")
    assert [data[-20:] for _, data in after][:60] == [data[-20:] for _, data in before][: len(after)][:60]
    assert len(after) >= len(before) - 3
    assert describe_video(tmp_path / "v.mp4").has_audio
    starts = {stream["codec_type"]: float(stream["start_time"]) for stream in probe(tmp_path / "v.mp4")["streams"]}
    theirs = {stream["codec_type"]: float(stream["start_time"]) for stream in probe(source)["streams"]}
    assert starts["audio"] - starts["video"] == pytest.approx(theirs["audio"] - theirs["video"], abs=0.03)


def test_sound_ends_with_the_pictures(tmp_path):
    source = with_sound(tmp_path / "s.mp4")
    write_video(tmp_path / "v.mp4", [grey(9)] * 5, fps=10, audio_from=source)
    assert 0.45 < max(time_s for time_s, _ in sound(tmp_path / "v.mp4")) < 0.5


def test_a_source_without_sound_gives_none_and_uncopyable_sound_is_refused(tmp_path):
    write_video(tmp_path / "mute.mp4", [grey(9)] * 5, fps=10)
    write_video(tmp_path / "v.mp4", [grey(9)] * 5, fps=10, audio_from=tmp_path / "mute.mp4")
    assert not describe_video(tmp_path / "v.mp4").has_audio
    source = with_sound(tmp_path / "s.mkv", codec="pcm_s16le")
    with pytest.raises(ValueError, match=r"s\.mkv: its pcm_s16le sound cannot be copied"):
        write_video(tmp_path / "w.mp4", [grey(9)] * 5, fps=10, audio_from=source)
    assert not (tmp_path / "w.mp4").exists()


def test_parameters_and_titles_are_kept(tmp_path):
    parameters = {"prompt": "a lake — 山", "title": "Lake", "seed": 7}
    write_video(tmp_path / "v.mp4", [grey(9)] * 2, fps=5, parameters=parameters)
    assert describe_video(tmp_path / "v.mp4").parameters == parameters
    tags = probe(tmp_path / "v.mp4")["format"]["tags"]
    assert (tags["title"], tags["description"]) == ("Lake", "a lake — 山")


def test_equal_frames_are_equal_files(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, map(grey, range(0, 250, 25)), fps=5, parameters={"seed": 1})
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_buffer_may_be_used_again_for_the_next_frame(tmp_path):
    def frames():
        buffer = grey(0)
        for number in range(20):
            buffer[:] = 10 * number
            yield buffer

    write_video(tmp_path / "v.mp4", frames(), fps=5)
    np.testing.assert_allclose(levels_of(tmp_path / "v.mp4"), np.arange(0, 200, 10), atol=2)


def test_stereo_spheres_are_checked_for_each_eye(tmp_path):
    pair = Spherical(stereo_mode="top-bottom")
    write_video(tmp_path / "v.mp4", [grey(9, 128, 128)] * 2, fps=5, spherical=pair)
    assert read_spherical(tmp_path / "v.mp4") == pair
    with pytest.raises(ValueError, match="32x128"):
        write_video(tmp_path / "w.mp4", [grey(9)] * 2, fps=5, spherical=pair)


BAD = {
    "odd": ({"frames": [np.zeros((63, 127, 3), np.uint8)]}, "use 62x126"),
    "none": ({"frames": []}, "no frames"),
    "float": ({"frames": [np.zeros((64, 128, 3), np.float32)]}, "uint8"),
    "grey": ({"frames": [np.zeros((64, 128), np.uint8)]}, "uint8"),
    "sizes": ({"frames": [grey(1), grey(1, 32, 64)]}, "frame 1 is 32x64"),
    "not 2:1": ({"frames": [grey(1, 64, 64)]}, "twice as wide"),
    "rate": ({"fps": 0}, "frames per second"),
    "codec": ({"codec": "vp9"}, "wanted one of h264"),
    "wide": ({"frames": [grey(1, 2050, 4100)], "codec": "h264"}, "use hevc or av1"),
    "av1 in mov": ({"codec": "av1", "name": "v.mov"}, "use .mp4"),
    "stereo": ({"spherical": Spherical(stereo_mode="3d")}, "stereo mode"),
    "sound": ({"audio_from": "missing.mp4"}, r"missing\.mp4: no such file"),
    "parameters": ({"parameters": {"a": object()}}, "JSON"),
    "tiny": ({"frames": [grey(1, 2, 4)], "codec": "hevc"}, "FFmpeg refuses"),
    "planes": ({"frames": [Planes(Fraction(0), grey(1)[..., 0], grey(1)[..., 0], grey(1)[..., 0])]}, "a plane is"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_requests_are_one_line_and_leave_nothing(tmp_path, name):
    changes, message = BAD[name]
    request = {"name": "v.mp4", "frames": [grey(1)] * 2, "fps": 5, **changes}
    with pytest.raises(ValueError, match=message) as fault:
        write_video(tmp_path / request.pop("name"), **request)
    assert "\n" not in str(fault.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["v.avi", "v", "missing/v.mp4"])
def test_bad_outputs_are_refused_before_any_frame(tmp_path, name):
    def frames():
        pytest.fail("a frame was made")
        yield grey(0)

    with pytest.raises(ValueError, match="cannot write"):
        write_video(tmp_path / name, frames(), fps=5)


class Broken(Exception):
    pass


@pytest.mark.parametrize("fault", [Broken, KeyboardInterrupt])
def test_a_failing_source_leaves_the_old_file(tmp_path, fault):
    def frames():
        yield from map(grey, range(30))
        raise fault

    (tmp_path / "v.mp4").write_bytes(b"old")
    threads = threading.active_count()
    with pytest.raises(fault):
        write_video(tmp_path / "v.mp4", frames(), fps=5)
    assert [place.read_bytes() for place in tmp_path.iterdir()] == [b"old"]
    assert threading.active_count() == threads


def test_a_full_disk_leaves_nothing(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (20, 64, 128, 3)).astype(np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_video(tmp_path / "v.mp4", noise, fps=5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_no_scratch_file(tmp_path):
    program = (
        "import sys, itertools, time, numpy as np; from cyclorama.media.video import write_video\n"
        "def frames():\n"
        "    for n in itertools.count():\n"
        "        if n == 50: print('on', flush=True)\n"
        "        yield np.full((64, 128, 3), n % 256, np.uint8)\n"
        "write_video(sys.argv[1], frames(), fps=5)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "v.mp4")], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"on\n"
        process.kill()
    assert list(tmp_path.iterdir()) == []


def test_rates_are_exact():
    assert exact_rate(29.97) == Fraction(30000, 1001)
    assert exact_rate(59.94) == Fraction(60000, 1001)
    assert exact_rate(12.5) == Fraction(25, 2)
    assert exact_rate(30.0) == 30
    assert exact_rate(Fraction(24000, 1001)) == Fraction(24000, 1001)


def test_wide_videos_are_hevc():
    assert choose_codec(None, 4096).encoder == "libx264"
    assert choose_codec(None, 4098).encoder == "libx265"
