"""Spherical metadata boxes, with ffprobe and PyAV's decoder as independent readers."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cyclorama.media.spherical import STEREO_MODES, Spherical, add_spherical, move_header_first, read_spherical
from tests.media.small_videos import encode, one_line, packets, probe, skip_without

av = pytest.importorskip("av")

V1_ID = bytes.fromhex("ffcc8263f8554a938814587a02521fdd")
FULL = Spherical(stereo_mode="left-right", yaw_deg=-20.5, pitch_deg=10, roll_deg=5, bounds=(0.1, 0.2, 0.25, 0.25))


def side_data(path):
    return {data["side_data_type"]: data for data in probe(path)["streams"][0].get("side_data_list", [])}


def strip(path, target, kind):
    """A copy without one generation: the box is renamed to `skip`, which every reader passes over."""
    data = path.read_bytes()
    place = data.index(kind)
    target.write_bytes(data[:place] + b"skip" + data[place + 4 :])
    return target


@pytest.mark.parametrize("movflags", ["", "faststart"])
@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_ffprobe_sees_the_sphere_and_samples_stay(tmp_path, codec, movflags, monkeypatch):
    monkeypatch.setenv("SVT_LOG", "1")
    skip_without(codec)
    plain = encode(tmp_path / "plain.mp4", codec, movflags=movflags, sound=True)
    add_spherical(plain, tmp_path / "marked.mp4")
    assert packets(tmp_path / "marked.mp4") == packets(plain)
    assert side_data(tmp_path / "marked.mp4")["Spherical Mapping"]["projection"] == "equirectangular"
    assert read_spherical(plain) is None
    assert read_spherical(tmp_path / "marked.mp4") == Spherical()
    data = (tmp_path / "marked.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_ffprobe_sees_stereo_and_angles(tmp_path, suffix):
    for mode, name in zip(STEREO_MODES, ["2D", "top and bottom", "side by side"], strict=True):
        marked = encode(tmp_path / f"p{suffix}")
        add_spherical(marked, spherical=Spherical(stereo_mode=mode, yaw_deg=90, pitch_deg=-30, roll_deg=7))
        seen = side_data(marked)
        assert seen["Stereo 3D"]["type"] == name
        assert [seen["Spherical Mapping"][angle] for angle in ("yaw", "pitch", "roll")] == [90, -30, 7]


def test_each_generation_says_it_all(tmp_path):
    marked = encode(tmp_path / "p.mp4")
    add_spherical(marked, spherical=FULL)
    v2 = read_spherical(strip(marked, tmp_path / "v2.mp4", b"uuid"))
    assert v2 is not None
    assert (v2.generations, v2.stereo_mode, v2.yaw_deg) == ((2,), "left-right", -20.5)
    np.testing.assert_allclose(v2.bounds, FULL.bounds, atol=1e-9)
    v1 = read_spherical(strip(marked, tmp_path / "v1.mp4", b"sv3d"))
    assert v1 is not None
    assert (v1.generations, v1.projection, v1.stereo_mode) == ((1,), "equirectangular", "left-right")
    assert (v1.yaw_deg, v1.pitch_deg, v1.roll_deg) == (-20, 10, 5)
    np.testing.assert_allclose(v1.bounds, FULL.bounds, atol=0.01)


def test_ffprobe_reads_v1_alone(tmp_path):
    marked = encode(tmp_path / "p.mp4")
    add_spherical(marked, spherical=Spherical(stereo_mode="top-bottom"))
    v1 = strip(strip(marked, tmp_path / "a.mp4", b"sv3d"), tmp_path / "b.mp4", b"st3d")
    assert side_data(v1)["Spherical Mapping"]["projection"] == "equirectangular"
    assert side_data(v1)["Stereo 3D"]["type"] == "top and bottom"


def test_writing_again_replaces(tmp_path):
    marked = encode(tmp_path / "p.mp4")
    add_spherical(marked, spherical=FULL)
    add_spherical(marked)
    once = marked.read_bytes()
    assert (once.count(b"sv3d"), once.count(b"st3d"), once.count(V1_ID)) == (1, 1, 1)
    add_spherical(marked)
    assert marked.read_bytes() == once


def test_boxes_stand_behind_the_codec_and_before_the_rest(tmp_path):
    marked = encode(tmp_path / "p.mp4", "h264")
    add_spherical(marked)
    data = marked.read_bytes()
    places = [data.index(kind) for kind in (b"avc1\0", b"avcC", b"st3d", b"sv3d", b"svhd", b"proj", b"prhd", b"equi")]
    assert places == sorted(places)
    assert data.index(b"colr") > data.index(b"equi")


def test_bad_files_are_one_clear_line(tmp_path):
    plain = encode(tmp_path / "p.mp4")
    data = plain.read_bytes()
    files = {"empty": b"", "text": b"this is no video at all", "cut": data[:-40], "early": data[:300], "head": data[:6]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in [*files, "missing", "."]:
        for work in (read_spherical, add_spherical, move_header_first):
            with pytest.raises(ValueError, match=r"^cannot read [^\n]*$"):
                work(tmp_path / name)


def test_a_file_of_sound_is_refused(tmp_path):
    with av.open(str(tmp_path / "s.mp4"), "w") as file:
        stream = file.add_stream("aac", rate=8000, layout="mono")
        beep = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        beep.sample_rate = 8000
        file.mux([*stream.encode(beep), *stream.encode(None)])
    with pytest.raises(ValueError, match="no video track"):
        add_spherical(tmp_path / "s.mp4")
    assert read_spherical(tmp_path / "s.mp4") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"stereo_mode": "3d"},
        {"projection": "cubemap"},
        {"yaw_deg": 181},
        {"pitch_deg": float("nan")},
        {"bounds": (0.5, 0.5, 0, 0)},
        {"bounds": (-0.1, 0, 0, 0)},
    ],
)
def test_what_the_boxes_cannot_say_is_refused(tmp_path, wrong):
    plain = encode(tmp_path / "p.mp4")
    with pytest.raises(ValueError, match="got"):
        add_spherical(plain, spherical=Spherical(**wrong))


@pytest.fixture(scope="module")
def marked_bytes(tmp_path_factory):
    path = encode(tmp_path_factory.mktemp("marked") / "p.mp4", sound=True)
    add_spherical(path, spherical=FULL)
    return path.read_bytes()


@settings(
    max_examples=300, deadline=2000, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_mutated_files_end_in_a_result_or_one_line(marked_bytes, tmp_path, data):
    """Most hits go to the header, where they hurt."""
    mutated = bytearray(marked_bytes)
    header = mutated.index(b"mdat") - 4
    spot = st.tuples(st.integers(0, header), st.binary(min_size=1, max_size=8))
    for place, patch in data.draw(st.lists(spot, max_size=4)):
        mutated[place : place + len(patch)] = patch
    mutated = mutated[: data.draw(st.sampled_from([len(mutated), len(mutated) - 5, header, header // 2]))]
    (tmp_path / "m.mp4").write_bytes(mutated)
    for work in (read_spherical, lambda path: add_spherical(path, tmp_path / "o.mp4")):
        try:
            work(tmp_path / "m.mp4")
        except ValueError as fault:
            one_line(fault)
    assert {place.name for place in tmp_path.iterdir()} <= {"m.mp4", "o.mp4"}
