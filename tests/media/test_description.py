import numpy as np
import pytest
from PIL import Image

from cyclorama.media.description import describe_picture
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import write_picture


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.png"


def _noise(height: int, width: int, dtype: str = "uint8") -> np.ndarray:
    return np.random.default_rng(0).integers(60, np.iinfo(dtype).max, (height, width, 3), dtype)


def test_how_the_file_holds_its_pixels(path, tmp_path):
    Image.new("LA", (20, 10), (9, 9)).save(path)
    info = describe_picture(path)
    assert (info.format, info.mode, info.bits, info.alpha, info.height, info.width) == ("PNG", "LA", 8, True, 10, 20)
    write_picture(_noise(10, 20, "uint16"), tmp_path / "p.tif")
    info = describe_picture(tmp_path / "p.tif")
    assert (info.format, info.mode, info.bits, info.alpha) == ("TIFF", "RGB;16", 16, False)


def test_partial_panoramas(path):
    fields = gpano_fields(30, 90, left=5, top=10, full_width=120)
    write_picture(_noise(30, 90), path, gpano=fields)
    info = describe_picture(path)
    assert info.projection == "partial-equirect"
    assert info.area is not None
    assert (info.area.left, info.area.top, info.area.full_height, info.area.full_width) == (5, 10, 60, 120)


def test_contradicting_metadata_are_the_evidence(path):
    write_picture(_noise(30, 60), path, gpano=gpano_fields(30, 60) | {"CroppedAreaTopPixels": "9"})
    info = describe_picture(path)
    assert info.projection == "unknown"
    assert "contradict" in info.evidence


@pytest.mark.parametrize(
    ("height", "width", "projection", "layout"),
    [
        (10, 20, "equirect", None),
        (10, 60, "cubemap", "py360"),
        (60, 10, "cubemap", "py360"),
        (40, 60, "unknown", "3x2"),
        (30, 40, "unknown", "dice"),
        (30, 41, "unknown", None),
        (40, 40, "unknown", None),
    ],
)
def test_what_a_size_tells(path, height, width, projection, layout):
    write_picture(_noise(height, width), path)
    info = describe_picture(path)
    assert info.projection == projection
    assert info.layouts == () if layout is None else layout in info.layouts


@pytest.mark.parametrize("empty", [0, 255])
def test_a_cross_with_empty_corners_is_a_cubemap(path, empty):
    pixels = _noise(90, 120)
    pixels[:30, :30] = pixels[:30, 60:] = pixels[60:, :30] = pixels[60:, 60:] = empty
    write_picture(pixels, path)
    info = describe_picture(path)
    assert (info.projection, "dice" in info.layouts) == ("cubemap", True)


def test_a_circle_in_black_is_a_fisheye(path, tmp_path):
    y, x = np.mgrid[-49:50:2, -49:50:2] / 50
    pixels = _noise(50, 50) * (np.hypot(x, y) < 1)[..., None].astype(np.uint8)
    write_picture(pixels, path)
    assert describe_picture(path).projection == "fisheye"
    write_picture(np.zeros((50, 50, 3), np.uint8), path)
    assert describe_picture(path).projection == "unknown"
    write_picture(np.full((1, 1, 3), np.nan, np.float32), tmp_path / "p.tif")
    assert describe_picture(tmp_path / "p.tif").projection == "unknown"
