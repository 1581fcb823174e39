import json
from dataclasses import replace

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from cyclorama.geometry import equirect_to_perspective
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.models.photo_camera import BINS_DEG, INPUT_SIZE, Camera, load_camera_network
from cyclorama.training.loop import LoopSettings, train
from cyclorama.training.photo_camera import (
    FOV_DEG,
    STEEPEST_DEG,
    Levels,
    PhotoCameraStage,
    cut_views,
    draw_cameras,
    finish_views,
    photo_camera,
    read_panoramas,
)

HEIGHT = 128
LOOP = LoopSettings(num_steps=30, batch_size=16, lr=3e-3, warmup=2, ema_decay=None, log_every=5)


def directions() -> torch.Tensor:
    """A world that shows where everything is: a training on it must learn pitch and roll."""
    return (camera_dirs(Equirect(HEIGHT, 2 * HEIGHT)).movedim(-1, 0) + 1) / 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve turned copies, each named by two captions."""
    folder = tmp_path_factory.mktemp("panoramas")
    rows = []
    for number in range(12):
        pixels = (directions().roll(20 * number, -1) * 255).byte().movedim(0, -1).numpy()
        Image.fromarray(pixels.copy()).save(folder / f"{number}.png")
        rows += [{"file_name": f"{number}.png", "text": text} for text in ("a world", "another")]
    (folder / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def stage(folder) -> PhotoCameraStage:
    return PhotoCameraStage("photo-camera", str(folder), LOOP, height=HEIGHT)


def test_cameras_are_held_as_the_bins_can_tell():
    cameras = draw_cameras(2000, torch.Generator().manual_seed(0))
    assert FOV_DEG[0] <= cameras.fov_deg.min()
    assert cameras.fov_deg.max() <= FOV_DEG[1]
    for angle, (low, high, num) in BINS_DEG.items():
        values, half = getattr(cameras, angle), (high - low) / num / 2
        assert low + half <= values.min()
        assert values.max() <= high - half
    assert (cameras.pitch_deg.abs() < 20).float().mean() > 0.5
    assert cameras.pitch_deg.abs().max() <= STEEPEST_DEG


def test_the_same_seed_draws_the_same_cameras():
    first, again = (draw_cameras(5, torch.Generator().manual_seed(1)) for _ in range(2))
    assert all(torch.equal(vars(first)[angle], vars(again)[angle]) for angle in vars(first))


@pytest.mark.parametrize("fov_deg", [30.0, 60.0, 110.0])
def test_a_view_of_the_levels_is_the_anti_aliased_view(fov_deg):
    panorama = directions()
    view = Levels.of(panorama).view(Camera(fov_deg, 20.0, -10.0), 30.0)
    size = (INPUT_SIZE, INPUT_SIZE)
    wanted = equirect_to_perspective(panorama, *size, fov_deg, yaw_deg=30.0, pitch_deg=20.0, roll_deg=-10.0)
    error = torch.from_numpy(view).movedim(-1, 0).float() / 255 - wanted
    assert error.abs().max() < 0.02


def test_a_mirrored_view_has_the_opposite_roll(stage):
    """In a world that is its own mirror image, a mirrored batch is a batch of views with the roll told."""
    mirror = directions()
    mirror[0] = 0.5
    levels = Levels.of(mirror)
    cameras = draw_cameras(4, torch.Generator().manual_seed(2))
    zeros = torch.zeros(4)
    straight = cut_views([levels] * 4, replace(cameras, yaw_deg=zeros))
    opposite = cut_views([levels] * 4, replace(cameras, yaw_deg=zeros, roll_deg=-cameras.roll_deg))
    assert (straight.flip(-1).int() - opposite.int()).abs().max() <= 2


def test_a_panorama_with_several_captions_is_read_once(folder):
    assert len(read_panoramas(folder, HEIGHT)) == 12


def test_too_few_panoramas_are_refused(folder, tmp_path):
    rows = (folder / "metadata.jsonl").read_text().splitlines()[:6]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows))
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes((folder / f"{number}.png").read_bytes())
    with pytest.raises(ValueError, match="got 3 panoramas"):
        read_panoramas(tmp_path, HEIGHT)


def test_finishing_keeps_pictures_pictures_and_places():
    views = torch.zeros(64, 3, INPUT_SIZE, INPUT_SIZE)
    views[..., : INPUT_SIZE // 2, :] = 0.6
    finished = finish_views(views, torch.Generator().manual_seed(0))
    assert finished.min() >= 0
    assert finished.max() <= 1
    upper, lower = (
        finished[..., : INPUT_SIZE // 2, :].mean((1, 2, 3)),
        finished[..., INPUT_SIZE // 2 :, :].mean((1, 2, 3)),
    )
    assert (upper > lower).all()
    assert upper.std() > 0.05


def test_training_learns_and_writes_weights_with_their_errors(stage, tmp_path, monkeypatch):
    monkeypatch.setattr("cyclorama.training.photo_camera.NUM_MEASURED", 32)
    task, settings = stage.prepare(tmp_path)
    assert (len(task.seen), len(task.held_out)) == (11, 1)
    train(task, tmp_path, settings, progress=False)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert log[-1]["loss"] < log[0]["loss"] - 0.3
    network = load_camera_network(tmp_path / "photo_camera.safetensors")
    assert set(network.errors_deg) == set(BINS_DEG)
    with safe_open(tmp_path / "photo_camera.safetensors", "pt") as file:
        facts = json.loads(file.metadata()["training"])
    assert facts["num_panoramas"] == 11
    assert all(half <= most for half, most in facts["median_and_80_percent_deg"].values())


def test_the_recipe_names_itself_and_can_be_written():
    from dataclasses import asdict

    recipe = photo_camera()
    assert recipe.name == "photo-camera"
    assert json.loads(json.dumps(asdict(recipe)))["loop"]["num_steps"] == recipe.loop.num_steps
