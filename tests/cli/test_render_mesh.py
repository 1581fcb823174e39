"""`cyclorama render mesh`: from a file of triangles to a data set."""

import json

import pytest

from cyclorama.data.folder import ImageFolder

pytest.importorskip("trimesh")
from tests.diorama.meshes.box_room import write_room

FEW = ("--height", 16, "--num-walks", 2, "--up", "+y")


def rows_of(folder):
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]


def test_a_scene_becomes_a_training_folder(cyclorama, tmp_path):
    write_room(tmp_path)
    status, out, err = cyclorama("render", "mesh", "room.glb", "-o", "set", "--num-poses", 2, *FEW)
    assert (status, out) == (0, ""), err
    assert len(ImageFolder(tmp_path / "set")) == 4
    assert "room: up axis +y, as asked" in err
    assert err.splitlines()[-1].startswith("set/metadata.jsonl: 4 panoramas of 1 scene; walks dropped: ")


def test_texts_come_from_a_file(cyclorama, tmp_path):
    write_room(tmp_path)
    (tmp_path / "texts.txt").write_text("room: a room of waves")
    status, _, err = cyclorama("render", "mesh", "room.glb", "-o", "set", "--captions", "texts.txt", *FEW)
    assert status == 0, err
    assert {row["text"] for row in rows_of(tmp_path / "set")} == {"a room of waves"}


def test_scenes_that_cannot_be_used_are_left_out_and_said(cyclorama, tmp_path):
    write_room(tmp_path)
    (tmp_path / "bad.ply").write_text("noise")
    status, _, err = cyclorama("render", "mesh", "bad.ply", "room.glb", "-o", "set", *FEW)
    assert status == 2
    assert "left out: cannot read bad.ply: damaged" in err
    assert err.splitlines()[-1] == "error: 1 of 2 scenes were left out; the others are in set"
    assert len(rows_of(tmp_path / "set")) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.glb", "-o", "set"), "no such file"),
        ((".", "-o", "set"), "it is a folder"),
        (("room.glb", "-o", "set", "--device", "cuda"), "without --captioner"),
        (("room.glb", "-o", "set", "--metres-per-unit", "nan"), "above 0"),
        (("room.glb", "-o", "set", "--captions", "none.txt"), "cannot read captions"),
        (("room.glb", "-o", "set", "--captioner", "none"), "wanted a folder of transformers"),
        (("room.glb", "-o", "set", "--captioner", "a", "--captions", "b.txt"), "wanted one of them"),
        (("room.glb", "-o", "a/b"), "does not exist"),
        (("room.glb", "-o", "set", "--metres-per-unit", "0"), "above 0"),
        (("room.glb", "-o", "set", "--metres-per-unit", "0.001"), "is that the unit"),
    ],
)
def test_a_fault_is_one_line_and_nothing_is_written(cyclorama, tmp_path, arguments, words: str):
    write_room(tmp_path)
    status, _, err = cyclorama("render", "mesh", *arguments)
    assert status == 2
    assert words in err
    assert [line.partition(":")[0] for line in err.splitlines() if not line.startswith("room: ")] == ["error"]
    assert not (tmp_path / "set").exists()
