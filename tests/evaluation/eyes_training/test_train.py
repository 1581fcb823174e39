"""From a folder to weights files: what is learnt is told, bad folders end in one line."""

import json
from pathlib import Path

import pytest
import torch

from cyclorama import diorama
from cyclorama.data.folder import ImageFolder
from cyclorama.evaluation.eyes_training import fit_faed, train_eyes
from cyclorama.evaluation.eyes_training.augmentation import FINISH
from cyclorama.evaluation.eyes_training.autoencoder import FAED_FILE, fit_autoencoder, reconstruction_error
from cyclorama.evaluation.eyes_training.renders import (
    cut_views,
    diorama_labels,
    num_seen,
    open_folder,
    read_panoramas,
    read_targets,
)
from cyclorama.evaluation.networks.eyes import load_eyes_panorama, load_eyes_view
from cyclorama.evaluation.networks.faed import Faed, FaedConfig, load_faed
from cyclorama.evaluation.networks.weights import load_state_dict
from cyclorama.media.images import write_panorama

TINY = FaedConfig(input_size=(16, 32), widths=(4, 6, 8), kernels=(1, 3))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-two small pictures, coloured by their place, with labels as `cyclorama render` writes them."""
    folder = tmp_path_factory.mktemp("renders")
    rows = []
    for seed in range(22):
        scene = diorama.sample_scene(seed)
        colour = torch.rand(3, 1, 1, generator=torch.Generator().manual_seed(diorama.PLACES.index(scene.place)))
        write_panorama(colour.expand(3, 16, 32) * torch.linspace(0.5, 1, 16)[:, None], folder / f"{seed}.png")
        labels = {"place": scene.place, "time": scene.time, "sky": scene.sky, "objects": ["rock"] * (seed % 2)}
        rows.append({"file_name": f"{seed}.png", "text": "", **labels})
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def changed(folder: Path, out: Path, change) -> Path:
    """A copy of the folder's metadata with its rows changed, and links to its pictures."""
    rows = [json.loads(line) for line in (folder / "metadata.jsonl").read_text().splitlines()]
    for row in rows:
        (out / row["file_name"]).symlink_to(folder / row["file_name"])
    (out / "metadata.jsonl").write_text("\n".join(map(json.dumps, change(rows))))
    return out


def test_targets_are_one_hot_or_several(folder: Path):
    images = ImageFolder(folder)
    targets = read_targets(images, diorama_labels())
    assert targets["place"].sum(1).tolist() == [1] * 22
    assert targets["place"].argmax(1).tolist() == [diorama.PLACES.index(str(item.labels["place"])) for item in images]
    assert targets["objects"].sum(1).tolist() == [0, 1] * 11


def test_panoramas_are_read_by_area_and_views_are_cut_from_them(folder: Path):
    images = ImageFolder(folder)
    read = read_panoramas(images, (8, 16))
    assert read.shape == (22, 3, 8, 16)
    torch.testing.assert_close(read[3, :, 0, 0] / 255, images[3].read()[:, :2, :2].mean((1, 2)), atol=0.003, rtol=0)
    views = cut_views(images)
    assert views.shape == (22 * 6, 3, 64, 64)
    up, down = views[4].float().mean(), views[5].float().mean()
    assert up < views[0].float().mean() < down, "the pictures grow brighter downwards"


def test_both_eyes_are_trained_written_and_measured(folder: Path, tmp_path: Path):
    told = []
    figures = train_eyes(folder, tmp_path, num_epochs=1, report=lambda *what: told.append(what))
    assert set(figures) == {"eyes-panorama", "eyes-view"}
    assert set(figures["eyes-panorama"]) == {"place", "time", "sky", "objects"}
    assert set(figures["eyes-view"]) == {"place", "time", "sky"}
    panorama, view = (tmp_path / f"{name}.safetensors" for name in figures)
    assert load_eyes_panorama(panorama).labels == diorama_labels() | {"finish": FINISH}
    assert not load_eyes_view(view).wraps
    assert told[0][0] == "reading"
    assert told[-1][0].startswith("loss")
    features = load_eyes_view(view).features(cut_views(ImageFolder(folder))[: num_seen(22) * 6].float() / 255)
    torch.testing.assert_close(features.mean(0), torch.zeros_like(features[0]), atol=0.2, rtol=0)


def test_the_seed_decides_the_weights(folder: Path, tmp_path: Path):
    for out in ("a", "b"):
        fit_faed(folder, tmp_path / out, num_epochs=1, config=TINY, seed=3)
    fit_faed(folder, tmp_path / "c", num_epochs=1, config=TINY, seed=4)
    one, same, other = (load_state_dict(tmp_path / out / FAED_FILE) for out in "abc")
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_an_autoencoder_learns_to_repeat_pictures(folder: Path):
    panoramas = read_panoramas(ImageFolder(folder), TINY.input_size)
    torch.manual_seed(0)
    network = Faed(TINY).eval()
    before = reconstruction_error(network, panoramas)
    fit_autoencoder(network, panoramas, num_epochs=80, batch_size=11)
    assert reconstruction_error(network, panoramas) < 0.5 * before


def test_the_autoencoder_is_written_small_and_features_survive(folder: Path, tmp_path: Path):
    error = fit_faed(folder, tmp_path, num_epochs=1, config=TINY)
    assert 0 < error < 1
    network = load_faed(tmp_path / FAED_FILE, row_weights="pixel-centre")
    assert network.num_features == 8 * 4
    num_weights = sum(weight.numel() for weight in network.parameters())
    assert (tmp_path / FAED_FILE).stat().st_size < 2 * num_weights + 20_000
    assert network.features(torch.rand(1, 3, 16, 32)).isfinite().all()


def test_no_folder_and_too_few_pictures(folder: Path, tmp_path: Path):
    with pytest.raises(ValueError, match=r"no metadata\.jsonl in .*nowhere"):
        train_eyes(tmp_path / "nowhere", tmp_path / "out")
    few = changed(folder, tmp_path, lambda rows: rows[:5])
    with pytest.raises(ValueError, match=r"got 5 pictures in .* wanted at least 20"):
        fit_faed(few, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_to_is_refused_before_the_training(folder: Path, tmp_path: Path):
    taken = tmp_path / "taken"
    taken.write_bytes(b"a file")
    told = []
    for work in (train_eyes, fit_faed):
        for out in (taken, taken / "below"):
            with pytest.raises(ValueError, match=r"cannot write into .*taken"):
                work(folder, out, num_epochs=1, report=lambda *what: told.append(what))
    assert told == []
    assert taken.read_bytes() == b"a file"


def _without_objects(rows):
    return [{key: value for key, value in row.items() if key != "objects"} for row in rows]


def _on_the_moon(rows):
    return [*rows[:7], rows[7] | {"place": "moon"}, *rows[8:]]


def _in_two_places(rows):
    return [*rows[:7], rows[7] | {"place": ["beach", "city"]}, *rows[8:]]


def _one_view(rows):
    return [*rows[:21], rows[21] | {"projection": "perspective"}]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_without_objects, r"got no objects of .*0\.png in the metadata"),
        (_on_the_moon, r"got the place moon of .*7\.png, wanted labels among beach"),
        (_in_two_places, r"got 2 labels as the place of .*7\.png, wanted one"),
        (_one_view, r"got the perspective picture .*21\.png, wanted panoramas"),
    ],
)
def test_bad_rows_are_named_in_one_line(folder: Path, tmp_path: Path, change, fault: str):
    with pytest.raises(ValueError, match=fault) as caught:
        open_folder(changed(folder, tmp_path, change), diorama_labels())
    assert "\n" not in str(caught.value)


def test_an_unreadable_picture_is_named(folder: Path, tmp_path: Path):
    bad = changed(folder, tmp_path, lambda rows: rows)
    (bad / "3.png").unlink()
    (bad / "3.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"cannot read .*3\.png"):
        train_eyes(bad, tmp_path / "out")
