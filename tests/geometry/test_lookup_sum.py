import sys

import numpy as np
import pytest

from cyclorama.geometry.lookup import LAYOUTS, MODES, Lookup, LookupSum
from tests.geometry.looked_up import assert_same, guarded, in_order, noise

COORDINATES = (np.float32, np.float64)
TYPES = (np.float32, np.uint8)


def shares(height: int, width: int, count: int, dtype: type = np.float32) -> list[tuple[np.ndarray, np.ndarray]]:
    random = np.random.default_rng(5)
    pixels = (random.random((count, 23, 31, 2)) * [2 * width, 2 * height] - [width / 2, height / 2]).astype(dtype)
    pixels[:, ::4] = np.floor(pixels[:, ::4]) + 0.5
    pixels[:, 2, 3] = np.nan
    weight = random.random((count, 23, 31)) / count * (random.random((count, 23, 31)) < 0.5)
    return list(zip(pixels, weight, strict=True))


@pytest.mark.parametrize("dtype", COORDINATES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(4, 4), (5, 7), (32, 48)])
def test_a_sum_is_the_sum_of_its_look_ups(size: tuple[int, int], mode: str, dtype: type):
    given = shares(*size, count=5, dtype=dtype)
    total = LookupSum.build(given, *size, mode=mode)
    for channels in (1, 3, 4, 6):
        for kind in TYPES:
            views = noise(2, 5, *size, channels, dtype=kind)
            exact = np.zeros((2, 23, 31, channels))
            for view, (pixels, weight) in enumerate(given):
                look_up = Lookup.build(pixels, *size, mode=mode, wrap="edge")
                exact += look_up(views[:, view].astype(np.float32)) * weight[..., None]
            for layout in LAYOUTS:
                got = total(in_order(views, layout), layout=layout)
                assert_same(got if layout == "channels_last" else np.moveaxis(got, -3, -1), exact)


@pytest.mark.skipif(sys.platform != "linux", reason="needs mprotect")
@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_no_byte_beyond_the_views_is_touched(mode: str, at_end: bool):
    total = LookupSum.build(shares(4, 5, count=3), 4, 5, mode=mode)
    for kind in TYPES:
        for channels in (1, 3, 4):
            views = noise(3, 4, 5, channels, dtype=kind)
            given, room = (guarded(n)(at_end) for n in (views.nbytes, 23 * 31 * channels * views.itemsize))
            given[:] = np.frombuffer(views.tobytes(), np.uint8)
            out = total(given.view(kind).reshape(views.shape), out=room.view(kind).reshape(23, 31, channels))
            assert np.array_equal(out, total(views))


def test_the_table_counts_its_memory():
    total = LookupSum.build(shares(8, 8, count=2), 8, 8)
    assert total.num_bytes >= total.offset.size * 16


def test_views_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="got no views"):
        LookupSum.build([], 4, 8)
    with pytest.raises(ValueError, match="got views of 3x8 pixels, wanted at least 4x4"):
        LookupSum.build(shares(3, 8, count=2), 3, 8, mode="bicubic")
    with pytest.raises(ValueError, match="wanted those of every view like"):
        LookupSum.build([(np.ones((3, 4, 2)), np.ones((2, 2)))], 4, 8)
