import numpy as np
import pytest

from cyclorama.media.levels import linear_to_srgb, srgb_to_linear, to_dtype


@pytest.mark.parametrize("between", ["uint16", "float32"])
def test_eight_bits_survive_deeper_types(between):
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_dtype(to_dtype(levels, between), "uint8"), levels)


def test_sixteen_bits_survive_light():
    levels = np.arange(65_536, dtype=np.uint16)
    np.testing.assert_array_equal(to_dtype(to_dtype(levels, "float32"), "uint16"), levels)


def test_sixteen_bits_are_rounded_to_the_nearest_level():
    levels = np.arange(65_536, dtype=np.uint16)
    np.testing.assert_array_equal(to_dtype(levels, "uint8"), np.rint(levels / 257))


def test_the_curve_and_its_inverse():
    values = np.linspace(0, 1, 1001)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(values)), values, atol=1e-7)
    np.testing.assert_allclose(
        srgb_to_linear(np.array([0.0, 0.04045, 0.5, 1.0])), [0, 0.0031308, 0.214041, 1], atol=1e-6
    )


def test_light_outside_the_range_is_clipped_and_no_number_is_refused():
    assert to_dtype(np.array([-1, 0, 1, 40], np.float32), "uint8").tolist() == [0, 0, 255, 255]
    with pytest.raises(ValueError, match="NaN or infinity"):
        to_dtype(np.array([np.inf], np.float32), "uint8")
