import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cyclorama.media.metadata import gpano_fields
from cyclorama.media.partial import CroppedArea, cropped_area, expand_partial


def _pixels(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(1, 255, (height, width, 3), np.uint8)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.data())
def test_a_part_is_where_its_fields_say(data):
    full_height = data.draw(st.integers(1, 40))
    height, width = data.draw(st.integers(1, full_height)), data.draw(st.integers(1, 2 * full_height))
    top, left = data.draw(st.integers(0, full_height - height)), data.draw(st.integers(0, 2 * full_height - width))
    pixels = _pixels(height, width)
    full, mask = expand_partial(pixels, gpano_fields(height, width, left=left, top=top, full_height=full_height))
    assert full.shape == (full_height, 2 * full_height, 3)
    np.testing.assert_array_equal(full[top : top + height, left : left + width], pixels)
    assert mask.sum() == height * width
    assert not full[~mask].any()


def test_a_whole_panorama_stays_itself():
    pixels = _pixels(8, 16)
    full, mask = expand_partial(pixels, gpano_fields(8, 16))
    np.testing.assert_array_equal(full, pixels)
    assert mask.all()


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(100, 1000), st.floats(0.1, 3), st.data())
def test_fields_scale_with_a_resized_picture(full_height, scale, data):
    height = data.draw(st.integers(50, full_height))
    top = data.draw(st.integers(0, full_height - height))
    small_height, small_width = round(height * scale), round(2 * full_height * scale)
    area = cropped_area(
        gpano_fields(height, 2 * full_height, top=top, full_height=full_height), small_height, small_width
    )
    assert area is not None
    assert area.left + area.width <= area.full_width <= small_width + 2 + area.full_height * 0.05
    assert 0 <= area.top <= area.full_height - area.height
    assert area.top == pytest.approx(top * scale, abs=1 + 0.03 * area.full_height)


def test_missing_fields_are_what_viewers_take():
    fields = {"ProjectionType": "equirectangular"}
    assert cropped_area(fields, 30, 100) == CroppedArea(left=0, top=10, height=30, width=100, full_height=50)
    assert cropped_area({}, 30, 100) is None
    assert cropped_area({"ProjectionType": "cylindrical"}, 30, 100) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"CroppedAreaLeftPixels": "x"}, "tell CroppedAreaLeftPixels 'x', wanted a number"),
        ({"CroppedAreaLeftPixels": "nan"}, "wanted a number"),
        ({"CroppedAreaLeftPixels": "inf"}, "wanted a number"),
        ({"CroppedAreaTopPixels": "300"}, "does not lie in its sphere"),
        ({"CroppedAreaLeftPixels": "-5"}, "does not lie in its sphere"),
        ({"FullPanoHeightPixels": "90"}, "twice as wide as high"),
        ({"CroppedAreaImageWidthPixels": "0"}, "contradict"),
        ({"CroppedAreaImageHeightPixels": "50"}, "the picture is 60x100: it was cropped"),
    ],
)
def test_fields_that_contradict_are_named_in_one_line(changes, message):
    fields = gpano_fields(60, 100, full_width=400) | changes
    with pytest.raises(ValueError, match=rf"^GPano metadata [^\n]*{message}[^\n]*$"):
        cropped_area(fields, 60, 100)


def test_a_sphere_beyond_memory_is_refused():
    with pytest.raises(ValueError, match="more than 536870912 pixels"):
        expand_partial(_pixels(4, 8), gpano_fields(4, 8, full_width=2_000_000_000))
    with pytest.raises(ValueError, match="no GPano metadata"):
        expand_partial(_pixels(4, 8), {})
