"""Captioned pictures in every layout; every bad row named with its file and line, refused or skipped as chosen."""

import io
import json
import tarfile
from pathlib import Path

import pytest
import torch
from PIL import Image

from cyclorama.data.bad_rows import BadRows
from cyclorama.data.sources import open_pictures


def picture(width: int = 32, height: int = 16, colour: tuple[int, int, int] = (255, 0, 51), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, kind)
    return file.getvalue()


WHITE = (255, 255, 255)
GOOD = {"image": "a.png", "caption": "a lake"}


def write_list(folder: Path, rows: list) -> Path:
    files = {"a.png": picture(), "mask.png": picture(colour=WHITE), "square.png": picture(16)}
    files |= {"other.png": picture(16, 8, WHITE), "cut.jpg": picture(640, 320, kind="JPEG")[:400], "text.png": b"no"}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    path = folder / "rows.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


def write_shard(folder: Path, samples: dict[str, bytes]) -> Path:
    with tarfile.open(folder / "a.tar", "w") as tar:
        for name, content in samples.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder / "a.tar"


def test_the_rows_of_dit360_come_back(tmp_path):
    path = write_list(tmp_path, [GOOD, GOOD | {"mask": "mask.png"}, GOOD | {"mask": None}])
    plain, masked, none = open_pictures(path, BadRows())
    assert (plain.text, plain.projection, plain.read_mask()) == ("a lake", "equirect", None)
    mask = masked.read_mask()
    assert mask is not None
    assert torch.equal(mask, torch.ones(16, 32))
    assert none.mask is None
    torch.testing.assert_close(plain.read()[:, 0, 0], torch.tensor([1.0, 0.0, 0.2]))
    assert plain.content_key() == none.content_key() != masked.content_key()


def test_an_image_folder_may_have_a_csv(tmp_path):
    write_list(tmp_path, [])
    rows = 'file_name,text,projection,fov_deg\na.png,"a lake, calm",,\nsquare.png,a hill,perspective,60\n'
    (tmp_path / "metadata.csv").write_text(rows)
    lake, hill = open_pictures(tmp_path, BadRows())
    assert (lake.text, lake.fov_deg, lake.projection) == ("a lake, calm", None, "equirect")
    assert (hill.fov_deg, hill.projection, hill.where) == (60.0, "perspective", f"{tmp_path}/metadata.csv line 3")


def test_samples_of_shards_are_read_in_any_order(tmp_path):
    samples = {"1.json": b'{"caption": "a lake", "fov_deg": 70, "projection": "perspective"}', "1.png": picture(9, 9)}
    samples |= {"2.mask.png": picture(colour=WHITE), "2.png": picture(), "2.txt": b"a hill\n"}
    write_shard(tmp_path, samples)
    lake, hill = open_pictures(tmp_path, BadRows())
    assert (hill.text, hill.projection, lake.text, lake.fov_deg) == ("a hill", "equirect", "a lake", 70.0)
    assert lake.read().shape == (3, 9, 9)
    torch.testing.assert_close(hill.read()[:, 3, 3], torch.tensor([1.0, 0.0, 0.2]))
    mask = hill.read_mask()
    assert mask is not None
    assert mask.min() == 1
    assert len({lake.content_key(), hill.content_key()}) == 2


def test_the_same_picture_has_one_key_in_every_layout(tmp_path):
    [listed] = open_pictures(write_list(tmp_path, [GOOD]), BadRows())
    [packed] = open_pictures(write_shard(tmp_path, {"1.png": picture(), "1.txt": b"other words"}), BadRows())
    assert listed.content_key() == packed.content_key()


def test_the_default_projection_is_for_rows_that_state_none(tmp_path):
    path = write_list(tmp_path, [GOOD | {"image": "square.png"}, GOOD | {"projection": "equirect"}])
    photo, panorama = open_pictures(path, BadRows(), projection="perspective")
    assert (photo.projection, panorama.projection) == ("perspective", "equirect")


BAD = {
    "missing file": (GOOD | {"image": "gone.png"}, "line 2: no image .*gone.png"),
    "missing mask": (GOOD | {"mask": "gone.png"}, "line 2: no image .*gone.png"),
    "wrong size": (GOOD | {"image": "square.png"}, "line 2: .*square.png is 16x16 .* twice as wide"),
    "mask of another size": (GOOD | {"mask": "other.png"}, "line 2: the mask .*other.png is 8x16 .* its picture 16x32"),
    "empty caption": (GOOD | {"caption": " "}, "line 2: the caption is empty"),
    "no caption": ({"image": "a.png"}, "line 2 has no 'text'"),
    "no picture": (GOOD | {"image": "text.png"}, "line 2: cannot read .*text.png"),
    "no JSON": ('{"image": ', "line 2 is no JSON"),
    "impossible angle": (GOOD | {"fov_deg": 180}, "line 2: fov_deg is 180"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_refused_by_its_line_or_skipped_and_listed(tmp_path, name):
    row, message = BAD[name]
    path = write_list(tmp_path, [GOOD, row, GOOD])
    with pytest.raises(ValueError, match=rf"rows.jsonl {message}") as refused:
        open_pictures(path, BadRows("refuse"))
    assert "\n" not in str(refused.value)
    bad = BadRows("skip")
    assert len(open_pictures(path, bad)) == 2
    assert bad.faults == [str(refused.value)]
    bad.write(tmp_path / "bad.txt")
    assert (tmp_path / "bad.txt").read_text() == f"{refused.value}\n"
    BadRows("skip").write(tmp_path / "bad.txt")
    assert not (tmp_path / "bad.txt").exists()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"2.png": picture()}, "a.tar sample 2 has no text"),
        ({"2.png": picture(), "2.txt": b" "}, "a.tar sample 2: the caption is empty"),
        ({"2.txt": b"a lake"}, "a.tar sample 2 has no png"),
        ({"2.png": picture(16), "2.txt": b"a lake"}, "a.tar sample 2: its picture is 16x16"),
        ({"2.png": b"no", "2.txt": b"a lake"}, "a.tar sample 2: cannot read its picture"),
        ({"2.png": picture(), "2.txt": b"a", "2.mask.png": picture(8, 4)}, "a.tar sample 2: the mask of the sample"),
        ({"2.png": picture(), "2.json": b"{"}, "a.tar sample 2 has a json that is no JSON"),
        ({"2.png": picture(), "2.json": b"[]"}, "a.tar sample 2 has a json that is no object"),
    ],
)
def test_a_bad_sample_is_named(tmp_path, files, message):
    shard = write_shard(tmp_path, {"1.png": picture(), "1.txt": b"a lake"} | files)
    with pytest.raises(ValueError, match=message):
        open_pictures(shard, BadRows())
    bad = BadRows("skip")
    assert len(open_pictures(shard, bad)) == 1
    assert len(bad.faults) == 1


def test_no_good_row_at_all_is_an_error_even_if_rows_are_skipped(tmp_path):
    path = write_list(tmp_path, [GOOD | {"image": "gone.png"}])
    with pytest.raises(ValueError, match=r"no good picture in .* \(1 bad rows\); the first: .*line 1"):
        open_pictures(path, BadRows("skip"))
    for name, message in (("gone.jsonl", "cannot read"), ("gone.tar", "cannot read the shard"), ("x", "no metadata")):
        with pytest.raises(ValueError, match=message):
            open_pictures(tmp_path / name, BadRows("skip"))


def test_a_compressed_shard_is_refused(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("x"))
    with pytest.raises(ValueError, match="not compressed"):
        open_pictures(tmp_path / "a.tar", BadRows("skip"))
