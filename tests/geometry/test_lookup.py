import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from cyclorama.geometry import kernel
from cyclorama.geometry.lookup import LAYOUTS, MODES, WRAPS, Lookup
from tests.geometry.looked_up import assert_same, guarded, in_order, noise

SIZES = ((1, 2), (2, 4), (3, 2), (4, 8), (17, 34), (64, 128))
CHANNELS = (1, 2, 3, 4, 5, 67)
TYPES = (np.float32, np.uint8)
COORDINATES = (np.float32, np.float64)
NOWHERE = np.array([[np.nan, 1], [1, np.nan], [np.inf, 1], [1, -np.inf]])


def coordinates(height: int, width: int, dtype: type = np.float32) -> np.ndarray:
    """Inside, outside, far away, on pixels' centres, nowhere."""
    pixels = np.random.default_rng(1).random((23, 31, 2)) * [3 * width, 3 * height] - [width, height]
    pixels[::5] = np.floor(pixels[::5]) + 0.5
    pixels[7, :8] *= 1e3
    pixels[3, :4] = NOWHERE
    return pixels.astype(dtype)


def wrapped(column: int, row: int, height: int, width: int, wrap: str) -> tuple[int, int]:
    if wrap == "edge":
        return min(max(column, 0), width - 1), min(max(row, 0), height - 1)
    row %= 2 * height
    if row >= height:
        row, column = 2 * height - 1 - row, column + width // 2
    return column % width, row


def weights(mode: str, t: float) -> dict[int, float]:
    if mode == "bilinear":
        return {0: 1 - t, 1: t}
    distances = {tap: abs(t - tap) for tap in (-1, 0, 1, 2)}  # Keys' kernel as he wrote it, by the distance
    return {
        tap: 1.5 * d**3 - 2.5 * d**2 + 1 if d < 1 else -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
        for tap, d in distances.items()
    }


def slow_look_up(image: np.ndarray, pixels: np.ndarray, mode: str, wrap: str) -> np.ndarray:
    """One value at a time, in double precision."""
    height, width = image.shape[-3:-1]
    error = 4 * np.finfo(pixels.dtype).eps * max(height, width)
    out = np.zeros((*image.shape[:-3], *pixels.shape[:2], image.shape[-1]))
    for place in np.ndindex(*pixels.shape[:2]):
        x, y = pixels[place]
        if not np.isfinite([x, y]).all():
            continue
        if mode == "nearest":
            column, row = wrapped(int(np.floor(x)), int(np.floor(y)), height, width, wrap)
            out[..., *place, :] = image[..., row, column, :]
            continue
        x, y = (float(np.round(v) if abs(v - np.round(v)) <= error else v) for v in (x - x.dtype.type(0.5), y - 0.5))
        left, top = int(np.floor(x)), int(np.floor(y))
        for down, row_weight in weights(mode, y - top).items():
            for right, column_weight in weights(mode, x - left).items():
                column, row = wrapped(left + right, top + down, height, width, wrap)
                out[..., *place, :] += row_weight * column_weight * image[..., row, column, :]
    return out


@pytest.mark.parametrize("dtype", COORDINATES)
@pytest.mark.parametrize("wrap", ["sphere", "edge"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES[:5])
def test_it_is_the_sum_written_out(size: tuple[int, int], mode: str, wrap: str, dtype: type):
    pixels = coordinates(*size, dtype=dtype)
    pixels[7, :8] = 0  # the loop below counts the far ones in double precision only
    image = noise(*size, 3)
    assert_same(Lookup.build(pixels, *size, mode=mode, wrap=wrap)(image), slow_look_up(image, pixels, mode, wrap))


@pytest.mark.parametrize("wrap", ["sphere", "edge"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES)
def test_it_is_torchs_for_any_channels_layout_and_batch(size: tuple[int, int], mode: str, wrap: str):
    from cyclorama.geometry.resampling import _gather

    for dtype in COORDINATES:
        pixels = coordinates(*size, dtype=dtype)
        look_up = Lookup.build(pixels, *size, mode=mode, wrap=wrap)
        for channels in CHANNELS if dtype == np.float32 else (3,):
            for image in (noise(2, 3, *size, channels, dtype=kind) for kind in TYPES):
                planes = torch.from_numpy(in_order(image, "channels_first")).float()
                exact = _gather(planes, torch.from_numpy(pixels), mode=mode, wrap=wrap).movedim(-3, -1).numpy()
                for layout in LAYOUTS:
                    got = look_up(in_order(image, layout), layout=layout)
                    assert got.dtype == image.dtype
                    assert_same(got if layout == "channels_last" else np.moveaxis(got, -3, -1), exact)


def beside_the_edges() -> list[tuple[float, float]]:
    """Points near the edges of six faces of 8 pixels, in coordinates of their strip."""
    near = (0.0, 0.2, 0.5, 0.9, 7.1, 7.5, 7.8, 7.99)
    return [(x, y) for face in range(6) for x in (*near, 3.3) for y in (8 * face + v for v in (*near, 4.6))]


@pytest.mark.parametrize("mode", MODES)
def test_faces_of_a_smooth_picture_continue_across_the_cubes_edges(mode: str):
    from cyclorama.geometry import Cubemap

    cube = Cubemap(32)
    dirs = np.asarray(cube.pixel_dirs(like=np.empty(())))
    faces = dirs.reshape(6, 32, 32, 3).astype(np.float32)
    pixels = np.array(beside_the_edges())[None] * 4
    values = Lookup.build(pixels, 6 * 32, 32, mode=mode, wrap="cube")(faces)[0]
    around = pixels[0] + np.random.default_rng(0).uniform(-0.3, 0.3, pixels[0].shape)
    assert np.abs(np.linalg.norm(values, axis=-1) - 1).max() < (1e-5 if mode == "nearest" else 0.005)
    same_face = (around[:, 1] // 32 == pixels[0, :, 1] // 32) & (around[:, 0] >= 0) & (around[:, 0] < 32)
    moved = Lookup.build(around[None], 6 * 32, 32, mode=mode, wrap="cube")(faces)[0]
    assert np.abs(values - moved)[same_face].max() < (0.13 if mode == "nearest" else 0.06)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("side", [1, 2, 5, 32])
def test_a_cube_is_the_same_in_both_layouts(side: int, mode: str, kind: type):
    pixels = np.random.default_rng(2).random((40, 30, 2)) * [side, 6 * side]
    look_up = Lookup.build(pixels, 6 * side, side, mode=mode, wrap="cube")
    for channels in CHANNELS[:5]:
        faces = noise(2, 6, side, side, channels, dtype=kind)
        last, first = (look_up(in_order(faces, layout), layout=layout) for layout in LAYOUTS)
        assert np.abs(last - np.moveaxis(first, -3, -1).astype(float)).max() <= (1e-6 if kind == np.float32 else 1)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrap", ["sphere", "edge"])
def test_centres_are_exact_at_the_seam_the_border_and_beyond(wrap: str, mode: str, kind: type):
    image = noise(12, 20, 3, dtype=kind)
    columns, rows = np.meshgrid(np.arange(-40, 60), np.arange(-30, 42))
    got = Lookup.build(np.stack([columns, rows], -1) + np.float32(0.5), 12, 20, mode=mode, wrap=wrap)(image)
    places = [[wrapped(x, y, 12, 20, wrap) for x in range(-40, 60)] for y in range(-30, 42)]
    assert np.array_equal(got, np.array([[image[y, x] for x, y in row] for row in places]))


@pytest.mark.parametrize("mode", MODES)
def test_black_and_white_stay_black_and_white(mode: str):
    pixels = coordinates(9, 18)
    pixels[3, :4] = 1
    for level in (0, 1, 127, 254, 255):
        image = np.full((9, 18, 3), level, np.uint8)
        assert (Lookup.build(pixels, 9, 18, mode=mode)(image) == level).all()


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("mode", MODES)
def test_nowhere_reads_zero(mode: str, wrap: str):
    look_up = Lookup.build(NOWHERE[None], 48, 8, mode=mode, wrap=wrap)
    for kind in TYPES:
        image = np.ones((6, 8, 8, 3) if wrap == "cube" else (48, 8, 3), kind)
        assert (look_up(image) == 0).all()


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("mode", MODES)
def test_every_number_of_threads_makes_the_same_bytes(mode: str, wrap: str):
    pixels = np.random.default_rng(3).random((301, 203, 2)) * [40, 240] - ([0, 0] if wrap == "cube" else [9, 9])
    shape = (3, 6, 40, 40, 3) if wrap == "cube" else (3, 240, 40, 3)
    for kind in TYPES:
        made = [
            Lookup.build(pixels, 240, 40, mode=mode, wrap=wrap, num_threads=n)(noise(*shape, dtype=kind), num_threads=n)
            for n in (1, 2, 5)
        ]
        assert made[0].tobytes() == made[1].tobytes() == made[2].tobytes()


def test_a_pixel_does_not_depend_on_where_it_lies_in_the_row():
    pixels = coordinates(16, 32).reshape(1, -1, 2)
    image = noise(16, 32, 3)
    for mode in MODES:
        whole = Lookup.build(pixels, 16, 32, mode=mode)(image)
        for first in (1, 5, 16, 33):
            assert np.array_equal(Lookup.build(pixels[:, first:], 16, 32, mode=mode)(image), whole[:, first:])


def test_many_callers_share_a_look_up():
    pixels = np.random.default_rng(4).random((200, 300, 2)) * [64, 384]
    for wrap, layout in (("sphere", "channels_last"), ("cube", "channels_first")):
        image = noise(6, 3, 64, 64, dtype=np.uint8) if wrap == "cube" else noise(384, 64, 3, dtype=np.uint8)
        made = set()
        for _ in range(10):  # the tables for bytes and for planes are made by the first call
            look_up = Lookup.build(pixels, 384, 64, wrap=wrap)
            call = partial(look_up, layout=layout, num_threads=3)
            with ThreadPoolExecutor(6) as pool:
                made.update(out.tobytes() for out in pool.map(call, [image] * 12))
        assert len(made) == 1


def test_nearest_takes_any_type():
    pixels = coordinates(8, 16)
    look_up = Lookup.build(pixels, 8, 16, mode="nearest")
    order = look_up(np.arange(1, 129, dtype=np.float32).reshape(8, 16, 1)).astype(int)
    for dtype in (bool, np.int16, np.float64, np.complex128):
        for channels in (1, 3):
            image = noise(8, 16, channels).__gt__(0.5).astype(dtype)
            flat = np.concatenate([np.zeros((1, channels), dtype), image.reshape(-1, channels)])
            assert np.array_equal(look_up(image), flat[order[..., 0]])


def test_out_is_filled_and_strided_images_are_read():
    look_up, image = Lookup.build(coordinates(8, 16), 8, 16), noise(8, 16, 4)
    out = np.empty((23, 31, 3), np.float32)
    assert look_up(image[..., :3], out=out) is out
    assert np.array_equal(out, look_up(np.ascontiguousarray(image[..., :3])))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_in_nothing_out(layout: str):
    none, some = np.empty((0, 5, 2), np.float32), coordinates(4, 8)
    for pixels, shape in ((none, (4, 8, 3)), (some, (0, 4, 8, 3)), (some, (4, 8, 0))):
        out = Lookup.build(pixels, 4, 8)(in_order(noise(*shape), layout), layout=layout)
        assert out.size == 0
        assert out.ndim == len(shape)


@pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect")
@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("mode", MODES)
def test_no_byte_beyond_a_picture_is_touched(mode: str, kind: type, at_end: bool):
    for height, width in ((1, 2), (2, 2), (3, 4), (4, 4), (6, 8), (24, 4)):
        size = np.array([width, height])
        corners = np.array([(x, y) for x in (0.0, 0.4, 0.99, 1.0) for y in (0.0, 0.4, 0.99, 1.0)]) * size
        pixels = np.stack([corners, *(np.random.default_rng(0).random((2, 16, 2)) * (size + 4) - 2)])
        for wrap in WRAPS if height == 6 * width else WRAPS[:2]:
            look_up = Lookup.build(pixels, height, width, mode=mode, wrap=wrap)
            for channels in (1, 3, 4, 5):
                shape = (6, width, width, channels) if wrap == "cube" else (height, width, channels)
                image = noise(*shape, dtype=kind)
                given, room = (
                    guarded(n)(at_end) for n in (image.nbytes, 3 * pixels.shape[1] * channels * image.itemsize)
                )
                given[:] = np.frombuffer(image.tobytes(), np.uint8)
                out = room.view(kind).reshape(3, -1, channels)
                look_up(given.view(kind).reshape(shape), out=out)
                assert np.array_equal(out, look_up(image))


def test_tables_count_their_memory():
    look_up = Lookup.build(coordinates(8, 16), 8, 16)
    before = look_up.num_bytes
    assert before >= 23 * 31 * 12
    look_up(noise(8, 16, 3, dtype=np.uint8))
    assert look_up.num_bytes == before + 23 * 31 * 4


def test_a_child_process_has_its_own_threads():
    pixels = np.random.default_rng(6).random((200, 200, 2)) * [64, 32]
    look_up, image = Lookup.build(pixels, 32, 64), noise(32, 64, 3)
    expected = look_up(image, num_threads=2)
    child = os.fork() if hasattr(os, "fork") else None
    if child == 0:
        os._exit(0 if np.array_equal(look_up(image, num_threads=2), expected) else 1)
    assert child is None or os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("level", [2, 3, 0])
def test_every_level_of_the_processor_makes_the_same_picture(level: int, monkeypatch: pytest.MonkeyPatch):
    best = kernel._level()
    if level > best or (level == 0) != (best == 0):
        pytest.skip("this processor has no such level")
    pixels, images = (
        coordinates(16, 32),
        [noise(16, 32, channels, dtype=kind) for channels in (1, 3, 4) for kind in TYPES],
    )
    expected = [[Lookup.build(pixels, 16, 32, mode=mode)(image) for image in images] for mode in MODES]
    monkeypatch.setattr(kernel, "_level", lambda: level)
    kernel._function.cache_clear()
    for mode, pictures in zip(MODES, expected, strict=True):
        for image, picture in zip(images, pictures, strict=True):
            got = Lookup.build(pixels, 16, 32, mode=mode)(image)
            np.testing.assert_allclose(got.astype(float), picture, rtol=0, atol=1e-5 if got.dtype == np.float32 else 1)
    monkeypatch.undo()
    kernel._function.cache_clear()


def test_a_missing_library_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(kernel, "_LIBRARY", tmp_path / "_kernel.so")
    with pytest.raises(ImportError, match=r"got no _kernel.so beside kernel.py, .*pip install -e \."):
        kernel._library.__wrapped__()


@pytest.mark.parametrize(
    ("arguments", "named", "says"),
    [
        ((coordinates(4, 8), 4, 8), {"mode": "cubic"}, "got mode 'cubic', wanted one of nearest, bilinear, bicubic"),
        ((coordinates(4, 8), 4, 8), {"wrap": "torus"}, "got wrap 'torus', wanted one of sphere, edge, cube"),
        ((coordinates(4, 8).astype(np.float16), 4, 8), {}, "got pixels of float16, wanted float32 or float64"),
        ((coordinates(4, 8)[0], 4, 8), {}, r"got pixels of shape \(31, 2\), wanted \[height, width, 2\]"),
        ((coordinates(4, 8), 4, 7), {}, "got an equirectangular image 7 pixels wide, wanted an even width"),
        ((coordinates(4, 8), 40, 8), {"wrap": "cube"}, "got a strip of 40x8 pixels, wanted six square faces, 48x8"),
        ((coordinates(4, 8), 0, 8), {}, "got a picture of 0x8 pixels, wanted 1 to"),
        ((coordinates(4, 8), 2**17, 2**17), {}, "got pictures of more than 2147483647 pixels"),
    ],
)
def test_a_look_up_that_cannot_be_is_refused(arguments: tuple, named: dict, says: str):
    with pytest.raises(ValueError, match=says):
        Lookup.build(*arguments, **named)


def test_pictures_that_do_not_fit_are_refused():
    look_up = Lookup.build(coordinates(4, 8), 4, 8)
    with pytest.raises(ValueError, match="got an image of float64, wanted uint8 or float32"):
        look_up(np.zeros((4, 8, 3)))
    with pytest.raises(
        ValueError, match=r"got an image of shape \(3, 4, 8\), wanted \[..., 4, 8, C\] for channels_last"
    ):
        look_up(noise(3, 4, 8))
    with pytest.raises(ValueError, match="got layout 'NCHW', wanted one of channels_last, channels_first"):
        look_up(noise(4, 8, 3), layout="NCHW")
    with pytest.raises(
        ValueError, match=r"got an out of float64 and shape \(23, 31, 3\), wanted a contiguous one of float32"
    ):
        look_up(noise(4, 8, 3), out=np.zeros((23, 31, 3)))
