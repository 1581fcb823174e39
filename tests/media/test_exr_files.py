from pathlib import Path

import numpy as np
import pytest

from cyclorama.media.exr_files import write_exr
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import read_picture, write_picture

OpenEXR = pytest.importorskip("OpenEXR")
HEADER = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def light() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((20, 40, 3), np.float32) * 50


def test_openexr_reads_our_panoramas(light):
    write_picture(light, "p.exr", gpano=gpano_fields(20, 40))
    file = OpenEXR.File("p.exr")
    np.testing.assert_array_equal(file.channels()["RGB"].pixels, light)
    assert file.header()["envmap"] == OpenEXR.ENVMAP_LATLONG
    assert "FullPanoWidthPixels>40<" in file.header()["xmp"]


def test_latlong_environments_of_other_programs_are_equirects(light):
    OpenEXR.File(HEADER | {"envmap": OpenEXR.ENVMAP_LATLONG}, {"RGB": light}).write("p.exr")
    assert read_picture("p.exr").gpano == {"ProjectionType": "equirectangular"}


@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ"])
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_lossless_compressions_and_halves(light, compression, dtype):
    header = HEADER | {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION")}
    OpenEXR.File(header, {"RGB": light.astype(dtype)}).write("p.exr")
    read = read_picture("p.exr")
    np.testing.assert_array_equal(read.pixels, light.astype(dtype).astype(np.float32))
    assert read.bits == (16 if dtype == "float16" else 32)


def test_tiles_and_alpha(light):
    header = HEADER | {"type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    OpenEXR.File(header, {"RGBA": np.dstack([light, np.ones((20, 40, 1), np.float32)])}).write("p.exr")
    read = read_picture("p.exr")
    np.testing.assert_array_equal(read.pixels, light)
    assert (read.mode, read.alpha) == ("RGBA", True)


def test_luminance_becomes_grey(light):
    OpenEXR.File(HEADER, {"Y": light[..., 0].copy()}).write("p.exr")
    np.testing.assert_array_equal(read_picture("p.exr").pixels, np.repeat(light[..., :1], 3, axis=-1))


def test_the_first_part_is_read(light):
    parts = [OpenEXR.Part(HEADER | {"name": name}, {"RGB": light * sign}) for name, sign in (("a", 1), ("b", -1))]
    OpenEXR.File(parts).write("p.exr")
    np.testing.assert_array_equal(read_picture("p.exr").pixels, light)


@pytest.mark.parametrize("offset", [(5, 3), (-4, -6), (0, 0), (100, 0)])
def test_the_data_window_is_placed_in_the_display_window(light, offset):
    (x, y), size = offset, np.array([39, 19])
    windows = {
        "displayWindow": (np.array([0, 0], np.int32), np.array([39, 19], np.int32)),
        "dataWindow": (np.array(offset, np.int32), (np.array(offset) + size).astype(np.int32)),
    }
    OpenEXR.File(HEADER | windows, {"RGB": light}).write("p.exr")
    expected = np.zeros_like(light)
    for row in range(max(y, 0), min(20 + y, 20)):
        for column in range(max(x, 0), min(40 + x, 40)):
            expected[row, column] = light[row - y, column - x]
    np.testing.assert_array_equal(read_picture("p.exr").pixels, expected)


def test_channels_without_colours_are_named():
    with Path("p.exr").open("wb") as file:
        write_exr({"Z": np.ones((4, 8), np.float32)}, file)
    with pytest.raises(ValueError, match=r"its channels are Z; R, G and B or Y are wanted"):
        read_picture("p.exr")


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_cut_files_are_one_line_and_silent(light, kept, capfd):
    write_picture(light, "p.exr")
    data = Path("p.exr").read_bytes()
    Path("p.exr").write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(ValueError, match=r"^cannot read p\.exr: [^\n]*$"):
        read_picture("p.exr")
    assert capfd.readouterr() == ("", "")
