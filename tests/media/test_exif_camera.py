import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, TiffImagePlugin

from cyclorama.geometry.perspective import half_extent
from cyclorama.media.exif_camera import fov_from_exif

Tag = ExifTags.Base
FRACTION = TiffImagePlugin.IFDRational


def write_photo(path, size=(60, 40), orientation=1, **tags):
    """A photo of `size` (width, height) whose Exif part holds the tags."""
    exif = Image.Exif()
    exif[Tag.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif).update({getattr(Tag, name): value for name, value in tags.items()})
    Image.new("RGB", size).save(path, exif=exif)
    return path


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_a_full_frame_lens_sees_what_its_focal_length_says(tmp_path, suffix):
    photo = write_photo(tmp_path / f"photo.{suffix}", FocalLengthIn35mmFilm=18)
    assert fov_from_exif(photo) == pytest.approx(90, abs=1e-6)  # 36 mm wide, 18 mm away


def test_an_equivalent_keeps_the_diagonal_whatever_the_aspect(tmp_path):
    diagonals = []
    for size in ((60, 40), (64, 48), (160, 90), (50, 50), (48, 64)):
        fov_deg = fov_from_exif(write_photo(tmp_path / "photo.jpg", size, FocalLengthIn35mmFilm=28))
        assert fov_deg is not None
        diagonals.append(half_extent(fov_deg) * math.hypot(*size) / size[0])
    assert diagonals == pytest.approx([diagonals[0]] * len(diagonals))


@pytest.mark.parametrize(("unit", "per_unit"), [(2, 2540.0), (3, 1000.0), (4, 100.0), (5, 0.1)])
def test_focal_length_and_sensor_tell_it_in_every_unit(tmp_path, unit, per_unit):
    """6000 pixels at 100 to the millimetre are 60 mm; 30 mm away they span 90 degrees. The photo was reduced since."""
    photo = write_photo(
        tmp_path / "photo.jpg",
        FocalLength=FRACTION(30, 1),
        FocalPlaneXResolution=FRACTION(round(per_unit * 10), 10),
        FocalPlaneResolutionUnit=unit,
        ExifImageWidth=6000,
        ExifImageHeight=4000,
    )
    assert fov_from_exif(photo) == pytest.approx(90, abs=1e-6)


def test_digital_zoom_narrows_a_true_focal_length(tmp_path):
    sensor = {"FocalPlaneXResolution": FRACTION(100, 1), "FocalPlaneResolutionUnit": 4}
    size = {"ExifImageWidth": 6000, "ExifImageHeight": 4000}
    photo = write_photo(
        tmp_path / "photo.jpg", FocalLength=FRACTION(30, 1), DigitalZoomRatio=FRACTION(2, 1), **sensor, **size
    )
    assert fov_from_exif(photo) == pytest.approx(2 * math.degrees(math.atan(0.5)))


@pytest.mark.parametrize(("orientation", "turned"), [(1, False), (3, False), (6, True), (8, True)])
def test_the_width_is_that_of_the_upright_photo(tmp_path, orientation, turned):
    """A camera on its side writes rows of the long side and asks for a quarter turn."""
    photo = write_photo(tmp_path / "photo.jpg", (60, 40), orientation, FocalLengthIn35mmFilm=18)
    assert half_extent(fov_from_exif(photo) or 0) == pytest.approx(12 / 18 if turned else 1)


def test_a_cropped_photo_is_not_what_exif_says(tmp_path):
    noted = {"FocalLengthIn35mmFilm": 18, "ExifImageWidth": 6000, "ExifImageHeight": 4000}
    assert fov_from_exif(write_photo(tmp_path / "whole.jpg", (60, 40), **noted)) is not None
    assert fov_from_exif(write_photo(tmp_path / "turned.jpg", (40, 60), **noted)) is not None
    assert fov_from_exif(write_photo(tmp_path / "cropped.jpg", (40, 40), **noted)) is None


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"FocalLengthIn35mmFilm": 0},
        {"FocalLengthIn35mmFilm": 1},  # 173 degrees: no pinhole camera
        {"FocalLength": FRACTION(5, 1)},
        {"FocalLength": FRACTION(5, 0)},
        {"FocalLength": FRACTION(30, 1), "FocalPlaneXResolution": FRACTION(100, 1), "FocalPlaneResolutionUnit": 9},
    ],
)
def test_what_exif_does_not_tell_is_none(tmp_path, tags):
    assert fov_from_exif(write_photo(tmp_path / "photo.jpg", **tags)) is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(cut=st.integers(0, 200), byte=st.integers(0, 255))
def test_damaged_exif_spoils_nothing(tmp_path_factory, cut, byte):
    """One byte of the EXIF block is anything: a number of degrees, or None."""
    path = write_photo(tmp_path_factory.mktemp("exif") / "photo.jpg", FocalLengthIn35mmFilm=18)
    content = bytearray(path.read_bytes())
    start = content.index(b"Exif\0\0") + 6
    length = int.from_bytes(content[start - 8 : start - 6], "big") - 8
    content[start + cut % length] = byte
    path.write_bytes(content)
    fov_deg = fov_from_exif(path)
    assert fov_deg is None or 0 < fov_deg < 180


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "photo.jpg").write_bytes(content)
    with pytest.raises(ValueError, match=r"cannot read .*photo.jpg") as fault:
        fov_from_exif(tmp_path / "photo.jpg")
    assert "\n" not in str(fault.value)


def test_a_missing_photo_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no such file"):
        fov_from_exif(tmp_path / "absent.jpg")
