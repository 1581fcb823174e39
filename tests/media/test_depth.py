from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cyclorama.media.depth import read_depth, write_depth


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _depth(farthest: float, seed: int = 0) -> np.ndarray:
    depth = np.random.default_rng(seed).random((12, 24), np.float32) * np.float32(farthest)
    depth[:3] = np.inf
    return depth


@pytest.mark.parametrize("suffix", [".npy", ".exr"])
def test_floats_are_exact(suffix):
    if suffix == ".exr":
        pytest.importorskip("OpenEXR")
    write_depth(_depth(1e6), f"d{suffix}")
    np.testing.assert_array_equal(read_depth(f"d{suffix}"), _depth(1e6))


def test_png_rounds_to_its_step_and_keeps_the_sky():
    @settings(max_examples=50, derandomize=True, deadline=None)
    @given(st.floats(0.01, 1e5), st.integers(0, 99))
    def check(farthest, seed):
        depth = _depth(farthest, seed)
        write_depth(depth, "d.png")
        read = read_depth("d.png")
        np.testing.assert_array_equal(np.isinf(read), np.isinf(depth))
        near = np.isfinite(depth)
        step = max(0.001, float(depth[near].max()) / 65_535)
        np.testing.assert_allclose(read[near], depth[near], atol=step * 1.001, rtol=1e-6)

    check()


def test_png_is_millimetres_where_that_fits():
    write_depth(np.array([[0, 0.0004, 1.2345, 65.535, np.inf]], np.float32), "d.png")
    with Image.open("d.png") as image:
        assert image.mode == "I;16"
        assert np.asarray(image).tolist() == [[1, 1, 1234, 65_535, 0]]


def test_plain_16_bit_png_is_millimetres():
    Image.fromarray(np.array([[0, 1500]], np.uint16)).save("d.png")
    np.testing.assert_allclose(read_depth("d.png"), [[np.inf, 1.5]])


def test_opencv_and_openexr_read_the_same():
    cv2, openexr = pytest.importorskip("cv2"), pytest.importorskip("OpenEXR")
    write_depth(_depth(20), "d.png")
    write_depth(_depth(20), "d.exr")
    millimetres = cv2.imread("d.png", cv2.IMREAD_UNCHANGED)
    np.testing.assert_allclose(millimetres[3:] / 1000, _depth(20)[3:], atol=0.001)
    channels = openexr.File("d.exr").channels()
    assert list(channels) == ["Z"]
    np.testing.assert_array_equal(channels["Z"].pixels, _depth(20))


@pytest.mark.parametrize(
    ("depth", "name", "message"),
    [
        (np.array([[np.nan, 1]]), "d.npy", "holds 1 values that are NaN or negative"),
        (np.array([[-1.0, -2]]), "d.png", "holds 2 values"),
        (np.array([[-np.inf]]), "d.exr", "holds 1 values"),
        (np.ones(3), "d.npy", r"shape \(3,\), wanted \[height, width\]"),
        (np.ones((0, 3)), "d.npy", "wanted"),
        (np.ones((3, 3)), "d.jpg", r"got \.jpg, wanted one of \.npy, \.png, \.exr"),
        (np.ones((3, 3)), "none/d.npy", "does not exist"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_no_file(depth, name, message):
    with pytest.raises(ValueError, match=rf"^[^\n]*{message}[^\n]*$"):
        write_depth(depth, name)
    assert list(Path().iterdir()) == []


def _save(name: str, array: np.ndarray, **options: bool) -> None:
    np.save(name, array, **options)


def test_unreadable_depth_is_one_line():
    Path("empty.npy").touch()
    Path("text.npy").write_text("hello")
    _save("nan.npy", np.array([[np.nan]]))
    _save("cube.npy", np.zeros((2, 2, 2)))
    _save("words.npy", np.array([["a"]]))
    _save("object.npy", np.array([[None]]), allow_pickle=True)
    _save("good.npy", np.ones((50, 50), np.float32))
    Path("cut.npy").write_bytes(Path("good.npy").read_bytes()[:-1])
    Path("bomb.npy").write_bytes(Path("good.npy").read_bytes().replace(b"(50, 50), ", b"(50000, 50000), "))
    Image.new("RGB", (4, 4)).save("rgb.png")
    Image.new("RGB", (4, 4)).save("p.jpg")
    names = [path.name for path in Path().iterdir() if path.name != "good.npy"]
    for name in [*names, "none.npy", "."]:
        with pytest.raises(ValueError, match=r"^cannot read [^\n]*$"):
            read_depth(name)
    with pytest.raises(ValueError, match="more than the 2499"):
        read_depth("good.npy", max_pixels=2499)
