import numpy as np
import torch
from PIL import Image

from cyclorama.media.masks import read_mask


def test_black_keeps_white_repaints_grey_blends(tmp_path):
    Image.fromarray(np.array([[0, 128, 255]], np.uint8)).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png")
    assert mask.shape == (1, 3)
    assert mask.tolist()[0] == [0, torch.tensor(128 / 255).item(), 1]


def test_the_noise_of_jpeg_is_neither_kept_nor_painted(tmp_path):
    levels = np.zeros((32, 64), np.uint8)
    levels[8:24, 16:40] = 255
    Image.fromarray(levels).save(tmp_path / "mask.jpg", quality=90)
    mask = read_mask(tmp_path / "mask.jpg").numpy()
    far = np.ones_like(levels, bool)
    far[6:26, 14:42] = False
    assert (mask[far] == 0).all()
    assert (mask[10:22, 18:38] == 1).all()
