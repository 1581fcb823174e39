import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn.functional import interpolate

from cyclorama.evaluation.resizing import PRESETS, resize

SIZES = [((20, 30), (7, 11)), ((9, 14), (23, 31)), ((24, 8), (8, 24))]


def noise(height: int, width: int) -> torch.Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(height))


def looked_up(image: np.ndarray, size: tuple[int, int], *, offset: float) -> np.ndarray:
    """One channel, bilinear, one pixel at a time: new pixel i lies at (i + offset) * scale - offset."""
    (height, width), out = image.shape, np.empty(size)
    for i in range(size[0]):
        for j in range(size[1]):
            y = min(max((i + offset) * height / size[0] - offset, 0), height - 1)
            x = min(max((j + offset) * width / size[1] - offset, 0), width - 1)
            top, left = int(y), int(x)
            below, right = min(top + 1, height - 1), min(left + 1, width - 1)
            upper = image[top, left] * (1 - x + left) + image[top, right] * (x - left)
            lower = image[below, left] * (1 - x + left) + image[below, right] * (x - left)
            out[i, j] = upper * (1 - y + top) + lower * (y - top)
    return out


@pytest.mark.parametrize(("before", "after"), SIZES)
@pytest.mark.parametrize(("preset", "offset"), [("tf1", 0.0), ("bilinear", 0.5)])
def test_the_unaveraged_presets_equal_the_loop(preset: str, offset: float, before, after):
    images = noise(*before)
    resized = resize(images, after, preset)
    for one, wanted in zip(resized.flatten(0, 1), images.flatten(0, 1), strict=True):
        np.testing.assert_allclose(one, looked_up(wanted.double().numpy(), after, offset=offset), atol=2e-6)


def test_tf1_shrinks_by_a_whole_factor_by_taking_every_such_pixel():
    images = noise(12, 30)
    assert torch.equal(resize(images, (4, 10), "tf1"), images[..., ::3, ::3])


@pytest.mark.parametrize(("before", "after"), SIZES)
def test_bilinear_and_aa_are_those_of_torch(before, after):
    images = noise(*before)
    for preset, antialias in (("bilinear", False), ("aa", True)):
        wanted = interpolate(images, after, mode="bilinear", align_corners=False, antialias=antialias)
        assert torch.equal(resize(images, after, preset), wanted)


@pytest.mark.parametrize(("before", "after"), SIZES)
def test_aa_is_close_to_bilinear_of_pillow_and_clean_is_its_bicubic(before, after):
    images = noise(*before) * 1.5 - 0.25
    for preset, kernel in (("aa", Image.Resampling.BILINEAR), ("clean", Image.Resampling.BICUBIC)):
        resized = resize(images, after, preset).flatten(0, 1).numpy()
        for one, source in zip(resized, images.flatten(0, 1).numpy(), strict=True):
            wanted = np.asarray(Image.fromarray(source, mode=None).resize(after[::-1], kernel))
            if preset == "clean":
                assert np.array_equal(one, wanted.clip(0, 1))
            else:
                np.testing.assert_allclose(one, wanted, atol=1e-5)


@pytest.mark.parametrize("preset", PRESETS)
def test_height_stays_height_and_width_width(preset: str):
    ramp = torch.linspace(0, 1, 60).expand(1, 3, 40, 60).contiguous()
    resized = resize(ramp, (10, 17), preset)
    assert resized.shape == (1, 3, 10, 17)
    assert (resized.diff(dim=-1) > 0).all()
    assert resized.diff(dim=-2).abs().max() < 1e-6


@pytest.mark.parametrize("preset", PRESETS)
def test_a_constant_stays_and_the_same_size_is_the_same_picture(preset: str):
    images = noise(9, 13)
    assert torch.equal(resize(images, (9, 13), preset), images)
    flat = torch.full((1, 3, 9, 13), 0.25)
    torch.testing.assert_close(resize(flat, (5, 21), preset), torch.full((1, 3, 5, 21), 0.25))


def test_an_unknown_preset_and_an_empty_size_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^got the resize 'bicubic', wanted one of tf1, bilinear, aa, clean$"):
        resize(noise(4, 4), (2, 2), "bicubic")
    with pytest.raises(ValueError, match=r"^got the size 0x2, wanted .*$"):
        resize(noise(4, 4), (0, 2), "aa")
