"""Panoramas and photos in one training: masks, weights, the sum of the losses, bad rows, published and ours."""

import json
from dataclasses import replace

import pytest
import torch

from cyclorama.geometry.equirect import roll_each
from cyclorama.training.batches import slice_batch
from cyclorama.training.objectives import masked_mean_square
from cyclorama.training.recipes import run_recipe
from cyclorama.training.spherical_losses import cube_loss, yaw_loss
from tests.training.hybrid_data import tiny_recipe


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def prepared(tmp_path, model, **changes):
    task, _ = tiny_recipe(tmp_path, model, batch_size=7, caption_dropout=0, **changes).prepare(
        tmp_path / "run", device="cpu"
    )
    task.model.network.eval()
    return task, task.batch(0, generator())


def velocity_error(task, batch):
    predicted = task.model.predict(batch["noisy"], batch["t"], batch["condition"], guidance_scale=1.0)
    return predicted - batch["velocity"]


def test_an_epoch_is_all_panoramas_and_photos_with_their_masks(tmp_path, tiny_flux_folder):
    task, batch = prepared(tmp_path, tiny_flux_folder)
    photo = torch.tensor(batch["photo"])
    assert photo.sum() == 4
    assert (batch["mask"][~photo] == 1).all()
    supervised = batch["mask"][photo].mean((1, 2, 3))
    assert ((supervised > 0) & (supervised < 0.25)).all()
    assert batch["geometric"] == [not one for one in batch["photo"]]
    assert (len(task.data.panoramas), len(task.data.photos)) == (3, 4)


def test_nothing_outside_the_mask_of_a_photo_matters(tmp_path, tiny_flux_folder):
    task, batch = prepared(tmp_path, tiny_flux_folder, cube_weight=0)
    with torch.no_grad():
        loss, _ = task.loss(batch, generator())
        batch["velocity"] = batch["velocity"] + 5 * (1 - batch["mask"])
        assert torch.equal(task.loss(batch, generator())[0], loss)


def test_the_loss_is_the_weighted_sum_of_its_parts(tmp_path, tiny_flux_folder):
    weights = {"yaw_weight": 0.3, "cube_weight": 0.7, "perspective_weight": 0.25, "equivariance_weight": 0.9}
    task, batch = prepared(tmp_path, tiny_flux_folder, **weights, wrap="none")
    with torch.no_grad():
        loss, figures = task.loss(batch, generator())
        error = velocity_error(task, batch)
        rolled = batch | {key: roll_each(batch[key], batch["columns"]) for key in ("noisy", "velocity")}
        turned = velocity_error(task, rolled) - roll_each(error, batch["columns"])
    photo = torch.tensor(batch["photo"])
    flow = masked_mean_square(error, batch["mask"])
    yaws = [yaw_loss(error, degrees=angle) for angle in (60.0, 180.0, 300.0)]
    around = 0.3 * torch.stack(yaws).mean(0) + 0.7 * cube_loss(error) + 0.9 * 0.5 * masked_mean_square(turned)
    torch.testing.assert_close(loss, torch.where(photo, 0.25 * flow, flow + around).mean())
    torch.testing.assert_close(figures["loss_photo"], flow[photo].mean())
    torch.testing.assert_close(figures["loss_cube"], cube_loss(error)[~photo].mean())


def test_the_loss_of_a_batch_is_the_mean_over_any_pieces(tmp_path, tiny_flux_folder):
    task, batch = prepared(tmp_path, tiny_flux_folder, yaw_weight=0.5)
    with torch.no_grad():
        whole = task.loss(batch, generator())[0]
        parts = torch.stack([task.loss(slice_batch(batch, i, i + 1), generator(i))[0] for i in range(7)])
    torch.testing.assert_close(parts.mean(), whole)


def test_the_published_recipe_trains_without_a_circular_encoder(tmp_path, tiny_flux_folder):
    recipe = tiny_recipe(tmp_path, tiny_flux_folder, "dit360")
    run_recipe(recipe, tmp_path / "run", device="cpu", progress=False)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert {"loss_yaw", "loss_cube", "loss_photo", "loss_panorama"} <= set(lines[0]) | set(lines[1])
    assert len(list((tmp_path / "run" / "cache" / "latents").rglob("*.safetensors"))) == 7 * 2 * 4
    facts = json.loads((tmp_path / "run" / "adapter.json").read_text())
    assert (facts["wrap"], facts["prompt_prefix"][:22]) == ("published", "This is a panorama. Th")


def test_bad_rows_are_skipped_and_told_or_refused(tmp_path, tiny_flux_folder, capsys):
    recipe = tiny_recipe(tmp_path, tiny_flux_folder, on_bad_row="skip")
    photos = tmp_path / "photos"
    (photos / "2.png").write_bytes((photos / "2.png").read_bytes()[:200])
    with (photos / "metadata.jsonl").open("a") as file:
        file.write('\n{"file_name": "gone.png", "text": "a beach"}')
    task, _ = recipe.prepare(tmp_path / "run", device="cpu")
    assert (len(task.data.panoramas), len(task.data.photos)) == (3, 3)
    listed = (tmp_path / "run" / "bad_rows.txt").read_text().splitlines()
    assert [line.split(":")[0][-15:] for line in listed] == ["ta.jsonl line 5", "ta.jsonl line 3"]
    assert "skipped 2 bad rows, listed in" in capsys.readouterr().err
    with pytest.raises(ValueError, match=r"metadata\.jsonl line 5"):
        tiny_recipe(tmp_path, tiny_flux_folder).prepare(tmp_path / "other", device="cpu")


def test_photos_alone_are_no_panoramas(tmp_path, tiny_flux_folder):
    recipe = tiny_recipe(tmp_path, tiny_flux_folder)
    rows = (tmp_path / "photos" / "metadata.jsonl").read_text().splitlines()
    photos = [json.dumps(json.loads(row) | {"projection": "perspective"}) for row in rows]
    (tmp_path / "photos" / "metadata.jsonl").write_text("\n".join(photos))
    with pytest.raises(ValueError, match="holds no panorama, only photos"):
        replace(recipe, images=recipe.photos, photos="").prepare(tmp_path / "run", device="cpu")


def test_a_photo_of_which_no_whole_latent_is_seen_is_a_bad_row(tmp_path, tiny_flux_folder):
    with pytest.raises(ValueError, match=r"photos/metadata\.jsonl line 1: no latent .* take a larger height"):
        tiny_recipe(tmp_path, tiny_flux_folder, height=32).prepare(tmp_path / "run", device="cpu")
