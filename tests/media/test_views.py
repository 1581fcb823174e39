import math

import numpy as np
import pytest

from cyclorama.geometry.equirect import Equirect
from cyclorama.media.layouts import LAYOUTS
from cyclorama.media.views import PROJECTIONS, View, parse_size, parse_view, sized_projection


@pytest.mark.parametrize("name", PROJECTIONS)
def test_names_are_read(name):
    assert parse_view(name) == View(name)


def test_details_are_read():
    assert parse_view("cubemap:threejs") == View("cubemap", layout="threejs")
    assert parse_view("fisheye:190.5") == View("fisheye", fov_deg=190.5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("globe", "wanted one of equirect, cubemap"),
        ("cubemap:box", "unknown cubemap layout 'box'; known: py360"),
        ("fisheye:wide", "wanted NAME, cubemap:LAYOUT or NAME:DEGREES"),
        ("equirect:90", "which shows everything"),
        ("globe:90", "wanted one of equirect, cubemap"),
    ],
)
def test_other_views_are_refused(text, message):
    with pytest.raises(ValueError, match=message) as fault:
        parse_view(text)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("text", ["", "x", "12x", "axb", "1x2x3", "-4x5", "4.5", "²", "0", "0x8", "1" * 5000])
def test_other_sizes_are_refused(text):
    with pytest.raises(ValueError, match="wanted HEIGHTxWIDTH"):
        parse_size(text)


@pytest.mark.parametrize("name", PROJECTIONS.keys() - {"little-planet"})
def test_the_default_size_keeps_the_resolution_in_the_middle(name):
    source = Equirect(512, 1024)
    target = sized_projection(View(name), None, source)
    assert target.pixel_angle == pytest.approx(source.pixel_angle, rel=2 / target.width)
    assert target.height % 2 == target.width % 2 == 0


def test_a_little_planet_keeps_the_resolution_on_its_horizon():
    planet = sized_projection(View("little-planet"), None, Equirect(512, 1024))
    middle, ahead = planet.dirs_to_pixels(np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]))[0]  # pitched down
    radius = np.linalg.norm(ahead - middle)
    assert 2 * math.pi * radius == pytest.approx(1024, rel=0.01)


def test_one_number_is_the_height_or_the_side_of_a_face():
    source = Equirect(512, 1024)
    assert sized_projection(View("equirect"), (None, 64), source) == Equirect(64, 128)
    assert sized_projection(View("cubemap"), (None, 64), source).width == 64
    view = sized_projection(View("perspective"), (None, 60), source)
    assert (view.height, view.width) == (60, 80)


@pytest.mark.parametrize(
    ("name", "size", "message"),
    [
        ("equirect", (64, 100), "use 64x128"),
        ("cubemap", (64, 100), "give one number"),
        ("perspective", (10**6, 10**6), "is more than"),
    ],
)
def test_impossible_sizes_are_refused(name, size, message):
    with pytest.raises(ValueError, match=message):
        sized_projection(View(name), size, Equirect(512, 1024))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_packing_is_undone(layout):
    faces = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), np.uint8)
    view = View("cubemap", layout=layout)
    picture = view.pack(faces)
    assert np.array_equal(view.unpack(picture), faces)
    assert view.unpacked_size(*picture.shape[:2]) == (4, 4)


def test_a_size_that_fits_different_layouts_is_refused():
    with pytest.raises(ValueError, match="say which with --from: cubemap:py360, cubemap:opengl"):
        View("cubemap").unpack(np.zeros((4, 24, 3), np.uint8))
    assert View("cubemap").unpack(np.zeros((12, 16, 3), np.uint8)).shape == (6, 4, 4, 3)
