"""Shards come back sample by sample as they were packed, ours and those of others."""

import io
import json
import tarfile

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.data.shards import read_shards


def png(value):
    file = io.BytesIO()
    Image.fromarray(np.full((4, 8, 3), value, np.uint8)).save(file, "PNG")
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def pack(path, members):
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_samples_come_back(tmp_path):
    depth = np.arange(32, dtype=np.float32).reshape(4, 8)
    row = json.dumps({"text": "a lake", "seed": 1}).encode()
    pack(tmp_path / "b.tar", {"2.png": png(51), "2.txt": b"a hill \n"})
    pack(tmp_path / "a.tar", {"x/1.png": png(255), "x/1.json": row, "x/1.depth.npy": npy(depth)})
    first, second = read_shards(tmp_path)
    assert (first.key, second.key) == ("x/1", "2")
    assert (first.text, second.text) == ("a lake", "a hill")
    assert first.row["seed"] == 1
    assert torch.equal(first.array("depth"), torch.from_numpy(depth))
    assert torch.equal(second.image(), torch.full((3, 4, 8), 0.2))


@pytest.mark.parametrize(
    ("members", "ask", "message"),
    [
        ({"1.txt": b"a"}, lambda one: one.image(), "the sample 1 has no png; it has txt"),
        ({"1.png": b"not a picture"}, lambda one: one.image(), "the sample 1 has a damaged png"),
        ({"1.json": b"{"}, lambda one: one.row, "that is no JSON"),
        ({"1.json": b"[]"}, lambda one: one.row, "that is no object"),
        ({"1.json": b"{}"}, lambda one: one.text, "has no text"),
        ({"1.depth.npy": b"\x93NUMPY"}, lambda one: one.array("depth"), "a damaged depth.npy"),
    ],
)
def test_what_a_sample_lacks_is_said(tmp_path, members, ask, message):
    [sample] = read_shards(pack(tmp_path / "a.tar", members))
    with pytest.raises(ValueError, match=message):
        ask(sample)


def test_a_shard_that_is_cut_off_is_named(tmp_path):
    whole = pack(tmp_path / "a.tar", {"1.png": png(1), "2.png": png(2)})
    whole.write_bytes(whole.read_bytes()[:700])
    with pytest.raises(ValueError, match=r"cannot read the shard .*a\.tar"):
        list(read_shards(whole))


def test_no_shards_are_said(tmp_path):
    with pytest.raises(ValueError, match="no shards"):
        list(read_shards(tmp_path))
    with pytest.raises(ValueError, match="cannot read the shard"):
        list(read_shards(tmp_path / "none.tar"))
