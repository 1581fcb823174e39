import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from cyclorama.geometry import Cubemap
from cyclorama.media.layouts import (
    LAYOUTS,
    face_names,
    faces_to_layout,
    faces_to_picture,
    guess_layouts,
    layout_to_faces,
    picture_to_faces,
)

SIZE = 32
GIVEN_ORDER = {
    "py360": "FRBLUD",
    "opengl": "RLUDFB",
    "threejs": "LRUDBF",
    "unity": "RLUDFB",
    "pannellum": "FRBLUD",
    "facebook": "RLUDFB",
    "krpano": "LFRBUD",
    "dice": "FRBLUD",
    "horizon": "FRBLUD",
    "3x2": "RLUDFB",
}


@pytest.fixture
def faces() -> np.ndarray:
    """Faces whose colour is their own direction, bytes."""
    return _colour(Cubemap(SIZE).pixel_dirs().reshape(6, SIZE, SIZE, 3))


@pytest.fixture
def panorama() -> np.ndarray:
    """The equirect of the same sphere, much finer."""
    height = 8 * SIZE
    lon = ((np.arange(2 * height) + 0.5) / (2 * height) - 0.5) * 2 * np.pi
    lat = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    lat, lon = np.meshgrid(lat, lon, indexing="ij")
    return _colour(np.stack([np.cos(lat) * np.sin(lon), np.sin(lat), -np.cos(lat) * np.cos(lon)], axis=-1))


def _colour(dirs: np.ndarray) -> np.ndarray:
    return np.round((dirs / 2 + 0.5) * 255).astype(np.uint8)


def _differs(picture: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(picture.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_picture_and_files_are_inverted_exactly(faces, layout):
    np.testing.assert_array_equal(picture_to_faces(faces_to_picture(faces, layout), layout), faces)
    np.testing.assert_array_equal(layout_to_faces(faces_to_layout(faces, layout), layout), faces)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_holds_each_face_once_under_its_own_name(layout):
    row = LAYOUTS[layout]
    assert row.name == layout
    assert row.order.upper() == GIVEN_ORDER[layout]
    assert sorted("".join(row.grid).replace(".", "")) == sorted(row.order)
    assert len(set(face_names(layout))) == 6


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_size_of_a_picture_names_its_layout(faces, layout):
    height, width = faces_to_picture(faces, layout).shape[:2]
    guessed = guess_layouts(height, width)
    assert layout in guessed
    shapes = {(len(LAYOUTS[name].grid), len(LAYOUTS[name].grid[0])) for name in guessed}
    assert shapes == {(height // SIZE, width // SIZE)}


def test_a_panorama_and_nothing_fit_no_layout():
    assert guess_layouts(512, 1024) == ()
    assert guess_layouts(0, 0) == ()


def test_an_unknown_layout_lists_all():
    with pytest.raises(ValueError, match=r"unknown cubemap layout 'cross'; known: py360, opengl, .*, 3x2$"):
        faces_to_picture(np.zeros((6, 2, 2, 3)), "cross")


@pytest.mark.parametrize(
    ("size", "fitting"),
    [((100, 200), "no layout"), ((64, 384), "py360, opengl"), ((90, 120), None), ((91, 120), "no layout")],
)
def test_a_picture_of_another_size_says_what_was_wanted(size, fitting):
    picture = np.zeros((*size, 3), np.uint8)
    if fitting is None:
        assert picture_to_faces(picture, "dice").shape == (6, 30, 30, 3)
        return
    with pytest.raises(ValueError, match=rf"dice is 3:4 .*, got {size[0]}x{size[1]}, which fits {fitting}"):
        picture_to_faces(picture, "dice")


@pytest.mark.parametrize(("layout", "cube_format"), [("dice", "dice"), ("horizon", "horizon"), ("py360", "list")])
def test_py360convert_writes_and_reads_the_same(faces, panorama, layout, cube_format):
    py360convert = pytest.importorskip("py360convert")
    theirs = py360convert.e2c(panorama, SIZE, cube_format=cube_format)
    ours = faces_to_picture(faces, layout) if cube_format != "list" else faces_to_layout(faces, layout)
    assert _differs(np.stack(theirs), ours) <= 255 / SIZE  # its pixels are half a pixel off
    given = list(ours) if cube_format == "list" else ours
    back = py360convert.c2e(given, *panorama.shape[:2], cube_format=cube_format)
    assert _differs(back, panorama) <= 255 / SIZE


def _v360(picture: np.ndarray, options: str, folder) -> np.ndarray:
    Image.fromarray(picture).save(folder / "in.png")
    command = f"ffmpeg -v error -y -i in.png -vf format=gbrp,v360={options},format=rgb24 -frames:v 1 out.png"
    subprocess.run(command.split(), cwd=folder, check=True)
    return np.asarray(Image.open(folder / "out.png"))


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    ("layout", "projection", "cols", "rows"),
    [("3x2", "c3x2", 3, 2), ("facebook", "c3x2", 3, 2), ("opengl", "c6x1", 6, 1)],
)
def test_ffmpeg_writes_and_reads_the_same(faces, panorama, tmp_path, layout, projection, cols, rows):
    theirs = _v360(panorama, f"e:{projection}:w={cols * SIZE}:h={rows * SIZE}", tmp_path)
    assert _differs(theirs, faces_to_picture(faces, layout)) <= 255 / SIZE
    height, width = panorama.shape[:2]
    back = _v360(faces_to_picture(faces, layout), f"{projection}:e:w={width}:h={height}", tmp_path)
    assert _differs(back, panorama) <= 255 / SIZE


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("layout", ["threejs", "krpano", "py360"])
def test_ffmpeg_with_our_order_and_turns_writes_any_row(faces, panorama, tmp_path, layout):
    """`turns` mean what `out_frot` means."""
    row = LAYOUTS[layout]
    order = f"out_forder={row.order}:out_frot={row.turns}"
    theirs = _v360(panorama, f"e:c6x1:w={6 * SIZE}:h={SIZE}:{order}", tmp_path)
    assert _differs(theirs, faces_to_picture(faces, layout)) <= 255 / SIZE
