"""Data sets: the same bytes however they are made, whole or not there, and read back by our readers."""

import json
import tarfile

import numpy as np
import pytest
import torch

from cyclorama.data.folder import ImageFolder
from cyclorama.data.shards import read_shards
from cyclorama.diorama import render_panorama
from cyclorama.diorama.datasets import Panoramas, Sequences, Views, estimate, scenes_from, write_dataset
from cyclorama.diorama.datasets.kinds import key_of
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import Scene
from cyclorama.media.cameras import read_trajectory
from cyclorama.media.depth import read_depth
from cyclorama.media.nerfstudio import read_transforms

SCENES = scenes_from(4, 3, place="living room", time="noon", sky="clear")
HEIGHT = 16


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(folder):
    return [json.loads(line) for line in (folder / "metadata.jsonl").read_text("utf-8").splitlines()]


def test_panoramas_are_what_render_shows(tmp_path):
    write_dataset(SCENES, Panoramas(HEIGHT, geometry=True), tmp_path)
    folder = ImageFolder(tmp_path)
    for scene, item, row in zip(SCENES, folder, rows_of(tmp_path), strict=True):
        shown = render_panorama(scene, HEIGHT)
        assert (item.read() - shown.colours).abs().max() <= 0.5 / 255 + 1e-6
        assert np.array_equal(read_depth(tmp_path / row["depth"]), shown.depth.numpy())
        assert np.array_equal(np.load(tmp_path / row["ids"]), shown.ids.numpy())
        assert np.abs(np.load(tmp_path / row["normals"]) - shown.normals.numpy()).max() < 1e-3
        solids = build(scene, torch.device("cpu")).solids
        assert all(row["things"][solid.group] == solid.thing for solid in solids if solid.group >= 0)


def test_rows_tell_captions_labels_and_directions(tmp_path):
    write_dataset(SCENES[:1], Panoramas(48), tmp_path)
    [row] = rows_of(tmp_path)
    assert (row["place"], row["time"], row["sky"], row["seed"]) == ("living room", "noon", "clear", 4)
    assert set(row["directions"]) == {"up", "horizon", "down", "front", "right", "back", "left"}
    assert row["text"]
    assert all(row["texts"])
    assert {one["thing"] for one in row["sightings"] if one["share"] > 0.001} <= set(row["objects"])
    assert all(-180 <= one["yaw_deg"] <= 180 and one["distance_m"] > 0 for one in row["sightings"])


def test_shards_hold_what_a_folder_holds(tmp_path):
    kind = Panoramas(HEIGHT, depth=True)
    write_dataset(SCENES, kind, tmp_path / "folder")
    write_dataset(SCENES, kind, tmp_path / "shards", num_shards=2)
    samples = list(read_shards(tmp_path / "shards"))
    assert [sample.key for sample in samples] == [key_of(scene) for scene in SCENES]
    for sample, item, row in zip(samples, ImageFolder(tmp_path / "folder"), rows_of(tmp_path / "folder"), strict=True):
        assert torch.equal(sample.image(), item.read())
        assert np.array_equal(sample.array("depth").numpy(), read_depth(tmp_path / "folder" / row["depth"]))
        assert sample.text == item.text
        assert sample.row == row | {"depth": f"{sample.key}.depth.npy"}


def test_files_of_a_sample_stand_together_under_names_of_the_convention(tmp_path):
    write_dataset(SCENES, Panoramas(HEIGHT, depth=True), tmp_path, num_shards=1)
    with tarfile.open(tmp_path / "shard-00000.tar") as tar:
        names = tar.getnames()
    assert names[:3] == ["000004.depth.npy", "000004.png", "000004.json"]
    assert [name.partition(".")[0] for name in names] == [key_of(scene) for scene in SCENES for _ in range(3)]


def test_shards_go_on_where_a_run_was_broken_off(tmp_path):
    kind, called = Panoramas(HEIGHT), []
    write_dataset(SCENES, kind, tmp_path, num_shards=3)
    whole = files_of(tmp_path)
    (tmp_path / "shard-00001.tar").unlink()
    written = write_dataset(SCENES, kind, tmp_path, num_shards=3, update=lambda *state: called.append(state))
    assert files_of(tmp_path) == whole
    assert called == [("living room", 3, 3)]
    assert written.num_before == 2


@pytest.mark.parametrize("kind", [Panoramas(HEIGHT), Sequences(HEIGHT, length_m=1.0, num_poses=2)])
def test_a_folder_goes_on_after_a_run_that_was_killed(tmp_path, kind):
    """Half a line of metadata, a half-written scene, and files that were moved before their rows were added."""
    write_dataset(SCENES, kind, tmp_path)
    whole = files_of(tmp_path)
    metadata = tmp_path / "metadata.jsonl"
    lines = metadata.read_bytes().splitlines(keepends=True)
    metadata.write_bytes(b"".join(lines[: len(lines) // 3]) + lines[len(lines) // 3][:40])
    (tmp_path / f".{key_of(SCENES[1])}.part").mkdir()
    assert write_dataset(SCENES, kind, tmp_path).num_before == 1
    assert files_of(tmp_path) == whole
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


def test_files_that_are_no_data_set_are_kept(tmp_path):
    (tmp_path / "000004.png").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        write_dataset(SCENES, Panoramas(HEIGHT), tmp_path)
    with pytest.raises(ValueError, match="which is a file"):
        write_dataset(SCENES, Panoramas(HEIGHT), tmp_path / "000004.png")
    assert files_of(tmp_path) == {"000004.png": b"mine"}


def test_views_come_with_depth_alone(tmp_path):
    write_dataset(SCENES[:1], Views(HEIGHT, depth=True), tmp_path)
    [row] = rows_of(tmp_path)
    assert read_depth(tmp_path / row["depth"]).shape == (HEIGHT, 21)
    assert "normals" not in row


@pytest.mark.parametrize("num_shards", [0, 2])
def test_another_set_in_the_folder_is_kept(tmp_path, num_shards):
    write_dataset(SCENES, Panoramas(HEIGHT), tmp_path, num_shards=2)
    write_dataset(SCENES, Panoramas(HEIGHT), tmp_path / "folder")
    before = files_of(tmp_path)
    with pytest.raises(ValueError, match="holds"):
        write_dataset(SCENES, Views(HEIGHT), tmp_path if num_shards else tmp_path / "folder", num_shards=num_shards)
    assert files_of(tmp_path) == before


def test_a_fault_leaves_whole_scenes_only(tmp_path):
    scenes = [*SCENES[:2], Scene("living room", "noon", "no such sky", 99)]
    with pytest.raises(KeyError):
        write_dataset(scenes, Panoramas(HEIGHT), tmp_path / "set")
    assert [row["seed"] for row in rows_of(tmp_path / "set")] == [4, 5]
    assert sorted(files_of(tmp_path / "set")) == ["000004.png", "000005.png", "dataset.json", "metadata.jsonl"]
    with pytest.raises(KeyError):
        write_dataset(scenes[2:], Panoramas(HEIGHT), tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("scenes", "options", "message"),
    [
        ([], {}, "no scenes"),
        (SCENES * 2, {}, "one seed twice"),
        (SCENES, {"num_shards": 4}, "at most one for each"),
        (SCENES, {"workers": 0}, "at least 1"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(tmp_path, scenes, options, message):
    with pytest.raises(ValueError, match=message):
        write_dataset(scenes, Panoramas(HEIGHT), tmp_path / "set", **options)
    assert not (tmp_path / "set").exists()


def test_sequences_are_posed_and_read_by_all_readers(tmp_path):
    kind = Sequences(HEIGHT, length_m=1.0, num_poses=3)
    write_dataset(SCENES[:1], kind, tmp_path)
    rows, walk = rows_of(tmp_path), kind.path(SCENES[0])
    poses = torch.tensor([row["cam_to_world"] for row in rows])
    assert torch.equal(poses, walk)
    assert torch.equal(read_trajectory(tmp_path / "000004" / "trajectory.json"), walk.double())
    cameras = read_transforms(tmp_path / "000004" / "equirect" / "transforms.json")
    assert torch.allclose(cameras.cam_to_world, walk.double())
    assert len(ImageFolder(tmp_path)) == 3
    for row, one in zip(rows, walk, strict=True):
        depth = read_depth(tmp_path / row["depth"])
        assert depth.shape == (HEIGHT, 2 * HEIGHT)
        assert depth.min() == pytest.approx(float(_depth_along(one).min()))


def _depth_along(one):
    from cyclorama.diorama.render import render_camera
    from cyclorama.geometry import Equirect

    return render_camera(SCENES[0], Equirect(HEIGHT, 2 * HEIGHT), rotation=one[:3, :3], origin=one[:3, 3]).depth


def test_scenes_without_a_path_are_left_out_and_named(tmp_path):
    kind = Sequences(HEIGHT, move="line", length_m=500.0, num_poses=2)
    with pytest.raises(ValueError, match="no free path in any of 3 scenes"):
        write_dataset(SCENES, kind, tmp_path / "set")
    assert not (tmp_path / "set").exists()
    outdoors = Scene("desert", "noon", "clear", 1)
    written = write_dataset([*SCENES, outdoors], Sequences(HEIGHT, "line", 12.0, 2), tmp_path / "some")
    assert (written.left_out, written.scenes) == (tuple(SCENES), (outdoors,))


def test_an_estimate_grows_with_the_work():
    small, large = (estimate(SCENES, Panoramas(height)) for height in (HEIGHT, 512))
    assert small.pictures == large.pictures == 3
    assert large.bytes > 20 * small.bytes
    assert large.seconds > small.seconds
    assert "3 pictures" in str(small)
