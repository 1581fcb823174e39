"""Sheets: every image is there, in order."""

import torch
from PIL import Image

from cyclorama.training.sheets import tile_images, write_sheet


def test_images_stand_row_by_row(tmp_path):
    images = torch.linspace(0, 1, 5).view(5, 1, 1, 1).expand(5, 3, 4, 8)
    sheet = tile_images(images, gap=0)
    columns = sheet.shape[-1] // 8
    for i in range(5):
        row, column = divmod(i, columns)
        assert (sheet[:, 4 * row : 4 * row + 4, 8 * column : 8 * column + 8] == images[i]).all()
    write_sheet(images, tmp_path / "new" / "sheet.png")
    with Image.open(tmp_path / "new" / "sheet.png") as picture:
        assert picture.size == (columns * 10, -(-5 // columns) * 6)
