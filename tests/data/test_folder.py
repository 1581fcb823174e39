"""A folder of captioned images: faults in one line; resizing is seamless."""

import json

import pytest
import torch
from PIL import Image

from cyclorama.data.folder import ImageFolder, resize_equirect


def write_folder(folder, rows, *, size=(32, 16)):
    for row in rows:
        Image.new("RGB", size, (10, 200, 30)).save(folder / row["file_name"])
    (folder / "metadata.jsonl").write_text("\n".join(json.dumps(row) for row in rows))


def test_the_lines_come_back_as_items(tmp_path):
    rows = [{"file_name": "a.png", "text": "a"}, {"file_name": "b.png", "text": "b", "yaw_deg": 30, "fov_deg": None}]
    write_folder(tmp_path, rows)
    images = ImageFolder(tmp_path)
    assert [item.text for item in images] == ["a", "b"]
    assert images[1].yaw_deg == 30.0
    assert images[1].fov_deg is None
    assert images[0].read().shape == (3, 16, 32)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"file_name": "a.png", "text"', "line 2 is no JSON"),
        ('["a.png"]', "line 2 is no object"),
        ('{"file_name": "a.png"}', "line 2 has no 'text'"),
        ('{"file_name": "gone.png", "text": "x"}', r"line 2: no image .*gone.png"),
        ('{"file_name": "a.png", "text": "x", "projection": "fisheye"}', "line 2: projection is 'fisheye'"),
        ('{"file_name": "a.png", "text": "x", "fov_deg": "wide"}', "line 2: fov_deg is 'wide'"),
        ('{"file_name": "square.png", "text": "x"}', "16x16 .* must be twice as wide as high"),
        ('{"file_name": "broken.png", "text": "x"}', "cannot read .*broken.png"),
    ],
)
def test_a_fault_is_one_line_that_names_its_place(tmp_path, line, fault):
    write_folder(tmp_path, [{"file_name": "a.png", "text": "a"}])
    Image.new("RGB", (16, 16)).save(tmp_path / "square.png")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    with (tmp_path / "metadata.jsonl").open("a") as file:
        file.write("\n" + line)
    with pytest.raises(ValueError, match=fault) as caught:
        ImageFolder(tmp_path)
    assert "\n" not in str(caught.value)


def test_no_metadata_says_what_to_write(tmp_path):
    with pytest.raises(ValueError, match=r"no metadata.jsonl in .* write one line"):
        ImageFolder(tmp_path)


def test_resizing_commutes_with_a_roll():
    image = torch.rand(3, 32, 64, generator=torch.Generator().manual_seed(0))
    rolled = resize_equirect(image.roll(12, -1), 16)
    torch.testing.assert_close(rolled, resize_equirect(image, 16).roll(6, -1))
    assert resize_equirect(image, 24).shape == (3, 24, 48)
    assert torch.equal(resize_equirect(image, 32), image)


def test_other_fields_that_are_text_or_lists_of_text_are_labels(tmp_path):
    row = {"file_name": "a.png", "text": "a", "place": "lake", "objects": ["pine", "rock"], "seed": 3, "sizes": [1, 2]}
    write_folder(tmp_path, [row, {"file_name": "b.png", "text": "b", "objects": []}])
    images = ImageFolder(tmp_path)
    assert images[0].labels == {"place": "lake", "objects": ("pine", "rock")}
    assert images[1].labels == {"objects": ()}
