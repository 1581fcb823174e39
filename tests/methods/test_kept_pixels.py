import numpy as np
import pytest
import torch

from cyclorama.media.levels import linear_to_srgb
from cyclorama.methods.kept_pixels import lost_in_file, pixels_over

RNG = np.random.default_rng(0)
BEFORE = {
    "uint8": RNG.integers(0, 256, (8, 16, 3), dtype=np.uint8),
    "uint16": RNG.integers(0, 65536, (8, 16, 3), dtype=np.uint16),
    "float32": RNG.uniform(0, 9, (8, 16, 3)).astype(np.float32),
}


@pytest.mark.parametrize("dtype", list(BEFORE))
def test_kept_pixels_are_those_before_and_the_others_the_picture(dtype):
    before, kept = BEFORE[dtype], torch.eye(8, 16, dtype=torch.bool)
    after = torch.rand(3, 8, 16, generator=torch.Generator().manual_seed(0))
    pixels = pixels_over(before, after, kept)
    assert pixels.dtype == before.dtype
    assert np.array_equal(pixels[kept.numpy()], before[kept.numpy()])
    levels = linear_to_srgb(pixels) if dtype == "float32" else pixels / np.iinfo(dtype).max
    step = 1e-5 if dtype == "float32" else 0.51 / np.iinfo(dtype).max
    assert np.abs(levels - after.movedim(0, -1).numpy())[~kept.numpy()].max() < step + 1e-5


@pytest.mark.parametrize(
    ("suffix", "dtype", "message"),
    [
        (".png", "uint8", ""),
        (".PNG", "uint16", ""),
        (".tif", "float32", ""),
        (".exr", "float32", ""),
        (".jpg", "uint8", "JPEG is lossy"),
        (".webp", "uint16", "WEBP is lossy"),
        (".png", "float32", "PNG holds no float32"),
        (".exr", "uint8", "EXR holds no uint8"),
    ],
)
def test_what_a_format_loses_is_said(suffix, dtype, message):
    said = lost_in_file(suffix, dtype)
    assert said.startswith(message)
    assert bool(said) == bool(message)
