"""The panorama of these tests shows its own directions, so every picture made of it is known."""

from typing import Any

import numpy as np
import pytest

from cyclorama.geometry import Equirect, rotation_matrix
from cyclorama.media.conversion import Conversion, convert_picture, job_kind, plan
from cyclorama.media.description import describe_picture
from cyclorama.media.face_files import face_paths
from cyclorama.media.layouts import LAYOUTS, face_names
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.media.views import PROJECTIONS, View

PARAMETERS = {"prompt": "directions", "seed": 4}


@pytest.fixture
def panorama(tmp_path, paint_sphere):
    path = tmp_path / "p.png"
    write_picture(paint_sphere(256), path, gpano=gpano_fields(256, 512), parameters=PARAMETERS)
    return path


def colours_of(dirs):
    return (dirs / 2 + 0.5) * 255


@pytest.mark.parametrize("name", PROJECTIONS)
def test_every_pixel_looks_where_its_projection_says(panorama, tmp_path, name):
    conversion = Conversion(name, yaw_deg=35, pitch_deg=20, roll_deg=-15)
    convert_picture(panorama, tmp_path / "out.png", conversion)
    look = plan(conversion, View("equirect"), 256, 512)
    dirs = look.target.pixel_dirs()
    wanted = colours_of(dirs @ look.rotation.T)
    shown = (dirs != 0).any(-1)
    got = conversion.target.unpack(read_picture(tmp_path / "out.png").pixels).reshape(wanted.shape)
    assert np.abs(got - wanted)[shown].max() < 2
    assert not got[~shown].any()


@pytest.mark.parametrize(
    ("angles", "wanted"),
    [
        ({"yaw_deg": 90}, (1, 0, 0)),
        ({"pitch_deg": 90}, (0, 1, 0)),
        ({"yaw_deg": 180}, (0, 0, 1)),
        ({"roll_deg": 90}, (0, 0, -1)),
    ],
)
@pytest.mark.parametrize("name", ["perspective", "fisheye", "fisheye-equisolid", "mercator", "pannini", "equirect"])
def test_the_middle_is_where_the_angles_point(panorama, tmp_path, name, angles, wanted):
    convert_picture(panorama, tmp_path / "out.png", Conversion(name, **angles))
    pixels = read_picture(tmp_path / "out.png").pixels
    height, width, _ = pixels.shape
    middle = pixels[height // 2 - 1 : height // 2 + 1, width // 2 - 1 : width // 2 + 1].mean((0, 1))
    assert np.abs(middle - colours_of(np.array(wanted))).max() < 2


def test_roll_turns_the_camera_clockwise(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "out.png", Conversion("perspective", roll_deg=90))
    pixels = read_picture(tmp_path / "out.png").pixels
    top, right = pixels[0, pixels.shape[1] // 2], pixels[pixels.shape[0] // 2, -1]
    assert top[0] > 190  # +x is up
    assert right[1] < 65  # down is to the right


def test_a_little_planet_has_the_ground_in_its_middle(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "out.png", Conversion("little-planet"))
    pixels = read_picture(tmp_path / "out.png").pixels
    middle = pixels.shape[0] // 2
    assert np.abs(pixels[middle, middle] - colours_of(np.array([0, -1, 0]))).max() < 3
    ahead, right = pixels[middle // 2, middle], pixels[middle, middle + middle // 2]
    assert ahead[2] < 30  # -z lies above the middle
    assert right[0] > 225


def test_without_angles_an_equirect_stays_as_it_is(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "out.png", Conversion("equirect"))
    assert np.array_equal(read_picture(tmp_path / "out.png").pixels, read_picture(panorama).pixels)


def test_a_whole_turn_by_pixels_is_a_roll(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "out.png", Conversion("equirect", yaw_deg=90))
    rolled = np.roll(read_picture(panorama).pixels, -128, axis=1)
    assert np.array_equal(read_picture(tmp_path / "out.png").pixels, rolled)


@pytest.mark.parametrize("name", ["perspective", "fisheye", "fisheye-equisolid", "little-planet", "pannini"])
def test_a_view_goes_back_with_the_same_angles(panorama, tmp_path, name):
    angles: dict[str, Any] = {"yaw_deg": 50, "pitch_deg": -30, "roll_deg": 10}
    fov_deg = PROJECTIONS[name].fov_deg
    convert_picture(panorama, tmp_path / "view.png", Conversion(name, **angles))
    back = Conversion("equirect", f"{name}:{fov_deg}", size="256", **angles)
    convert_picture(tmp_path / "view.png", tmp_path / "back.png", back)
    got, wanted = read_picture(tmp_path / "back.png").pixels.astype(int), read_picture(panorama).pixels
    shown = got.any(-1)
    assert 0.1 < shown.mean() < 0.99
    error = np.abs(got - wanted)[shown].max(-1)
    assert np.quantile(error, 0.97) < 4  # the rest is the view's own border


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_goes_there_and_back(panorama, tmp_path, layout):
    convert_picture(panorama, tmp_path / "cube.png", Conversion("cubemap", layout=layout))
    convert_picture(
        tmp_path / "cube.png", tmp_path / "back.png", Conversion("equirect", f"cubemap:{layout}", size="256")
    )
    assert np.abs(read_picture(tmp_path / "back.png").pixels.astype(int) - read_picture(panorama).pixels).max() < 4


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_goes_there_and_back_in_six_files(panorama, tmp_path, layout):
    done = convert_picture(
        panorama, tmp_path / "sky" / "a_{face}.png", Conversion("cubemap", layout=layout, size="128")
    )
    assert sorted(path.stem for path in (tmp_path / "sky").iterdir()) == sorted(f"a_{n}" for n in face_names(layout))
    assert (done.height, done.width, len(done.files)) == (128, 128, 6)
    back = Conversion("equirect", f"cubemap:{layout}", size="256")
    convert_picture(tmp_path / "sky" / "a_{face}.png", tmp_path / "back.png", back)
    assert np.abs(read_picture(tmp_path / "back.png").pixels.astype(int) - read_picture(panorama).pixels).max() < 4


def test_the_layout_of_six_files_is_told_by_their_names(panorama, tmp_path, paint_sphere):
    for layout in ("threejs", "opengl", "unity", "krpano"):
        convert_picture(panorama, tmp_path / layout, Conversion("cubemap", layout=layout, size="64"))
        convert_picture(tmp_path / layout, tmp_path / "back.png", Conversion("equirect", size="128"))
        back = read_picture(tmp_path / "back.png").pixels.astype(int)
        assert np.abs(back - paint_sphere(128)).max() < 6, layout


def test_a_missing_face_is_named(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "sky", Conversion("cubemap", layout="threejs", size="128"))
    (tmp_path / "sky" / "ny.png").unlink()
    with pytest.raises(ValueError, match=r"cannot read .*sky: of layout threejs the face ny is missing"):
        convert_picture(tmp_path / "sky", tmp_path / "out.png", Conversion("equirect"))


def test_a_face_of_another_size_is_named(panorama, tmp_path):
    convert_picture(panorama, tmp_path / "sky", Conversion("cubemap", size="128"))
    write_picture(np.zeros((9, 9, 3), np.uint8), tmp_path / "sky" / "L.png")
    with pytest.raises(ValueError, match=r"a face of 9x9 in .*L.png, wanted 128x128"):
        convert_picture(tmp_path / "sky", tmp_path / "out.png", Conversion("equirect"))


def test_a_face_pattern_needs_no_folder_but_its_parent(tmp_path):
    assert len(face_paths(tmp_path / "new" / "{face}.png", "dice")) == 6
    with pytest.raises(ValueError, match="does not exist"):
        face_paths(tmp_path / "new" / "newer" / "{face}.png", "dice")
    with pytest.raises(ValueError, match=r"got \.txt"):
        face_paths(tmp_path / "new" / "{face}.txt", "dice")


@pytest.mark.parametrize("name", PROJECTIONS)
def test_gpano_is_for_equirects_and_the_parameters_are_kept(panorama, tmp_path, name):
    convert_picture(panorama, tmp_path / "out.jpg", Conversion(name, size="128"))
    info = describe_picture(tmp_path / "out.jpg")
    assert info.parameters == PARAMETERS
    assert bool(info.gpano) == (name == "equirect")


@pytest.mark.parametrize(("suffix", "dtype"), [(".png", np.uint16), (".tif", np.uint16), (".tif", np.float32)])
def test_deep_pictures_keep_their_depth(tmp_path, suffix, dtype):
    ramp = np.linspace(0.2, 0.25, 64 * 128).reshape(64, 128, 1).repeat(3, -1)
    pixels = (ramp * (65_535 if dtype == np.uint16 else 1)).astype(dtype)
    write_picture(pixels, tmp_path / f"in{suffix}")
    convert_picture(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}", Conversion("perspective", pitch_deg=10))
    out = read_picture(tmp_path / f"out{suffix}").pixels
    assert out.dtype == dtype
    assert len(np.unique(out)) > 300


def test_light_goes_through_exr(tmp_path):
    pytest.importorskip("OpenEXR")
    pixels = np.full((16, 32, 3), 7.5, np.float32)
    write_picture(pixels, tmp_path / "in.exr")
    convert_picture(tmp_path / "in.exr", tmp_path / "out.exr", Conversion("cubemap"))
    out = read_picture(tmp_path / "out.exr").pixels
    assert (out.dtype, out.max()) == (np.float32, 7.5)


def test_a_partial_panorama_is_put_in_its_place(part, tmp_path, paint_sphere):
    convert_picture(part, tmp_path / "out.png", Conversion("equirect"))
    out, whole = read_picture(tmp_path / "out.png").pixels, paint_sphere(256)
    assert np.array_equal(out[64:192, 128:384], whole[64:192, 128:384])
    assert not out[:64].any()
    assert not out[:, :128].any()


def test_a_panorama_smaller_than_its_source_does_not_alias(tmp_path):
    checks = np.indices((256, 512)).sum(0)[..., None].repeat(3, -1) % 2 * 255
    write_picture(checks.astype(np.uint8), tmp_path / "in.png")
    convert_picture(tmp_path / "in.png", tmp_path / "out.png", Conversion("equirect", size="32"))
    middle = read_picture(tmp_path / "out.png").pixels[8:24]
    assert np.abs(middle.astype(int) - 127.5).max() < 8


@pytest.mark.parametrize(
    ("conversion", "message"),
    [
        ({"source": "perspective"}, "without its field of view, wanted such as perspective:75"),
        ({"yaw_deg": float("nan")}, "got yaw_deg nan"),
        ({"to": "globe"}, "wanted one of equirect"),
        ({"to": "perspective", "layout": "dice"}, "only a cubemap has one"),
        ({"fov_deg": 90}, "which shows everything"),
        ({"size": "big"}, "wanted HEIGHTxWIDTH"),
    ],
)
def test_a_wrong_wish_is_one_line_before_anything_is_read(conversion, message):
    with pytest.raises(ValueError, match=message):
        Conversion(**{"to": "equirect", **conversion})


@pytest.mark.parametrize(
    ("shape", "conversion", "message"),
    [
        ((30, 41), {}, "in.png: it does not tell what it shows"),
        ((30, 41), {"source": "equirect"}, "wanted an even width"),
        ((30, 42), {"source": "cubemap"}, "fits no layout"),
        ((30, 60), {"to": "perspective", "fov_deg": 180}, "less than 180"),
        ((30, 60), {"to": "perspective", "size": "40000x40000"}, "more than"),
        ((30, 60), {"size": "30x30"}, "use 30x60"),
    ],
)
def test_a_source_that_does_not_fit_is_one_line(tmp_path, shape, conversion, message):
    write_picture(np.zeros((*shape, 3), np.uint8), tmp_path / "in.png")
    with pytest.raises(ValueError, match=message) as fault:
        convert_picture(tmp_path / "in.png", tmp_path / "out.png", Conversion(**{"to": "equirect", **conversion}))
    assert "\n" not in str(fault.value)
    assert not (tmp_path / "out.png").exists()


def test_what_a_job_is(panorama, tmp_path):
    assert job_kind(panorama, "out.jpg") == "picture"
    assert job_kind(tmp_path, "out") == "folder"
    assert job_kind(tmp_path, "out.jpg") == job_kind(tmp_path, "out/{face}.jpg") == "picture"
    with pytest.raises(ValueError, match="no such file"):
        job_kind(tmp_path / "none.jpg", "out.jpg")


def test_the_rotation_is_the_cameras(panorama):
    look = plan(Conversion("perspective", yaw_deg=20, pitch_deg=10), View("equirect"), 256, 512)
    assert np.allclose(look.rotation, rotation_matrix(20, 10))
    assert look.source == Equirect(256, 512)


@pytest.mark.parametrize("source", PROJECTIONS)
@pytest.mark.parametrize("target", PROJECTIONS)
def test_every_projection_goes_to_every_other(tmp_path, paint_sphere, source, target):
    write_picture(paint_sphere(64), tmp_path / "p.png")
    convert_picture(tmp_path / "p.png", tmp_path / "first.png", Conversion(source))
    fov_deg = PROJECTIONS[source].fov_deg
    view = "cubemap:dice" if source == "cubemap" else source if fov_deg is None else f"{source}:{fov_deg}"
    conversion = Conversion(target, view)
    convert_picture(tmp_path / "first.png", tmp_path / "second.png", conversion)
    got = conversion.target.unpack(read_picture(tmp_path / "second.png").pixels)
    look = plan(conversion, View("equirect"), *got.shape[-3:-1])
    camera = conversion.target.projection(*got.shape[-3:-1])
    wanted = colours_of(camera.pixel_dirs() @ look.rotation.T).reshape(got.shape)
    shown = got.any(-1)
    assert shown.mean() > 0.04
    assert np.quantile(np.abs(got - wanted)[shown], 0.9) < 5
