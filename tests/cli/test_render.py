"""`cyclorama render` and its sub-verbs: data sets from one command, one line for what cannot be."""

import json
import os
import signal
import subprocess
import time

import pytest

from cyclorama.data.folder import ImageFolder
from cyclorama.data.shards import read_shards
from cyclorama.media.description import read_parameters
from cyclorama.media.images import read_image
from tests.cli.conftest import COMMAND

ROOM = ("--place", "living room", "--time", "noon", "--sky", "clear")


def rows_of(folder):
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]


def test_panoramas_come_with_their_captions(cyclorama, tmp_path):
    status, _, _ = cyclorama(
        "render", "-o", "set", "--height", 16, "--num-images", 2, "--seed", 3, "--geometry", "depth"
    )
    rows = rows_of(tmp_path / "set")
    assert status == 0
    assert [row["seed"] for row in rows] == [3, 4]
    assert all(row["objects"] for row in rows), "panoramas say which things they show"
    for row in rows:
        assert read_image(tmp_path / "set" / row["file_name"]).shape == (3, 16, 32)
        assert read_parameters(tmp_path / "set" / row["file_name"])["prompt"] == row["text"]
        assert (tmp_path / "set" / row["depth"]).exists()


def test_views_are_a_training_folder(cyclorama, tmp_path):
    cyclorama("render", "views", "-o", "set", "--height", 12, "--fov-deg", 60, "--geometry", "all", *ROOM)
    [item] = ImageFolder(tmp_path / "set")
    assert (item.projection, item.fov_deg) == ("perspective", 60)
    assert item.read().shape == (3, 12, 16)


def test_shards_are_read_back(cyclorama, tmp_path):
    status, _, err = cyclorama("render", "-o", "set", "--height", 8, "--num-images", 3, "--shards", 2, *ROOM)
    assert status == 0
    assert "2 shards in set" in err
    assert [sample.row["seed"] for sample in read_shards(tmp_path / "set")] == [0, 1, 2]


def test_sequences_have_poses(cyclorama, tmp_path):
    arguments = ("--height", 16, "--num-poses", 2, "--length-m", 1, *ROOM)
    status, _, err = cyclorama("render", "sequences", "-o", "set", *arguments)
    assert status == 0, err
    assert [row["frame"] for row in rows_of(tmp_path / "set")] == [0, 1]
    assert (tmp_path / "set" / "000000" / "pinhole" / "sparse" / "0" / "cameras.bin").exists()


def test_videos_are_written(cyclorama, tmp_path):
    pytest.importorskip("av")
    status, _, err = cyclorama("render", "videos", "-o", "set", "--height", 16, "--seconds", 0.5, "--fps", 4, *ROOM)
    assert status == 0, err
    [row] = rows_of(tmp_path / "set")
    assert (tmp_path / "set" / row["file_name"]).stat().st_size > 500


def test_a_contact_sheet_is_one_command(cyclorama, tmp_path):
    status, _, err = cyclorama("render", "sheet", "-o", "sheet.jpg", "--num-images", 2, "--height", 32)
    assert status == 0, err
    assert (tmp_path / "sheet.jpg").exists()


def test_a_dry_run_writes_nothing(cyclorama, tmp_path):
    status, out, _ = cyclorama("render", "-o", "set", "--num-images", 50, "--dry-run", *ROOM)
    assert status == 0
    assert out.startswith("set: 50 scenes, 50 pictures, about ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["views", "sequences", "videos", "sheet", "mesh"])
def test_sub_verbs_explain_themselves_in_at_most_twelve_flags(cyclorama, verb):
    status, out, err = cyclorama("render", verb, "--help")
    assert status == 0, err
    flags = [line for line in out.splitlines() if line.lstrip().startswith("-")]
    assert len(flags) - 1 <= 12


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "set", "--place", "x"), "unknown place 'x'"),
        (("-o", "set", "--place", "Beach"), "did you mean 'beach'?"),
        (("-o", "set", "--num-images", "0"), "greater than or equal to 1, got '0'. See cyclorama render --help"),
        (("-o", "set", "--seed", str(2**64)), "wanted 0 to 2**60"),
        (("-o", "set", "--workers", "0"), "got --workers 0, wanted a number of processes"),
        (("-o", "set", "--workers", "cuda:99"), "torch sees"),
        (("--place", "beach", "views", "-o", "set"), "got --place before views; write it after"),
        (("sequences", "-o", "set", "--length-m", "inf", *ROOM), "not infinite"),
        (("sequences", "-o", "set", "--length-m", "900", "--dry-run", *ROOM), "no free path in any of 1 scenes"),
        (("-o", "set", "--sky", "x"), "unknown sky 'x'"),
        ((), "got no -o FOLDER"),
        (("-o", "no/such/set"), "does not exist"),
        (("-o", "set", "--shards", "2"), "got 2 shards for 1 scenes"),
        (("paint", "-o", "set"), "No such command 'paint'"),
        (("sequences", "-o", "set", "--length-m", "900", *ROOM), "no free path in any of 1 scenes"),
        (("sequences", "-o", "set", "--move", "fly"), "'fly' is not one of"),
        (("videos", "-o", "set", "--height", "17"), "wanted an even number"),
        (("sheet", "-o", "sheet.png"), "wanted one of .jpg"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(cyclorama, tmp_path, arguments, message):
    status, _, err = cyclorama("render", *arguments)
    assert (status, err.count("\n")) == (2, 1)
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_set_is_kept(cyclorama):
    for height, expected, said in ((8, 0, "1 scene with"), (8, 0, "1 of them by an earlier run"), (9, 2, "another")):
        status, _, err = cyclorama("render", "-o", "set", "--height", height)
        assert (status, said in err) == (expected, True)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_leaves_whole_scenes_and_one_line(tmp_path, workers):
    """Ctrl-C goes to all processes of the terminal."""
    arguments = ["render", "-o", "set", "--num-images", "5000", "--height", "8", "--workers", str(workers)]
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    metadata = tmp_path / "set" / "metadata.jsonl"
    while not metadata.exists() and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "error: interrupted\n")
    names = {row["file_name"] for row in rows_of(tmp_path / "set")}
    assert {path.name for path in metadata.parent.iterdir()} == names | {"metadata.jsonl", "dataset.json"}
