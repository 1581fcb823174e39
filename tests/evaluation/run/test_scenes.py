import numpy as np
import pytest
import torch

from cyclorama.geometry import pose
from cyclorama.media.scene_export import export_scene
from tests.evaluation.run.small_sets import rows_of, write_protocol

pytest.importorskip("cv2")

MEASURES = (
    {"name": "loop", "metric": "loop_psnr"},
    {"name": "similar", "metric": "loop_ssim"},
    {"name": "sphere", "metric": "spherical_tsed", "options": {"threshold_deg": 0.5, "min_matches": 10}},
    {"name": "mean", "metric": "mtsed", "options": {"thresholds_deg": [0.25, 0.5], "min_matches": 10}},
    {"name": "pinhole", "metric": "tsed"},
    {"name": "depth", "metric": "depth_warp_psnr"},
)


def write_scene(folder, *, noise, depths=False):
    """Three times what one place shows, all at that place; every further view has more noise."""
    draw = np.random.default_rng(0)
    blocks = np.kron(draw.random((3, 16, 32)), np.ones((1, 4, 4)))
    views = np.stack([blocks + noise * k * draw.normal(size=blocks.shape) for k in range(3)]).clip(0, 1)
    images = torch.from_numpy(views).float()
    poses = pose(torch.eye(3), torch.zeros(3)).expand(3, 4, 4).clone()
    export_scene(images, poses, folder, depths=torch.full((3, 64, 128), 2.0) if depths else None)


@pytest.fixture
def run_scenes(run, tmp_path):
    for name, noise, depths in (("a", 0.05, True), ("b", 0.1, False)):
        (tmp_path / "scenes").mkdir(exist_ok=True)
        write_scene(tmp_path / "scenes" / name, noise=noise, depths=depths)

    def call(*measures):
        protocol = write_protocol(tmp_path / "scenes.json", *measures, samples="scene")
        return run(fake=tmp_path / "scenes", real=None, protocol=protocol)

    return call


def test_scenes_have_their_figures_and_lack_what_they_cannot_have(run_scenes):
    done = run_scenes(*MEASURES)
    rows, table = rows_of(done), done.table
    assert {name: row.status for name, row in rows.items()} == {
        "loop": "ok",
        "similar": "ok",
        "sphere": "ok",
        "mean": "ok",
        "pinhole": "skipped",
        "depth": "ok",
    }
    loops = table.column("loop")
    assert loops["a"] > loops["b"] > 15
    assert rows["loop"].value == pytest.approx(np.mean(list(loops.values())))
    assert 1 >= rows["sphere"].value >= rows["mean"].value > 0
    assert "use spherical_tsed" in rows["pinhole"].reason
    assert rows["depth"].num == 1
    notes = [(note.file, note.status) for note in done.report.files]
    assert notes == [("b", "skipped")]
    assert not done.report.failed
    assert run_scenes(*MEASURES).tally.computed == 0


def test_thresholds_ask_nothing_anew_of_the_scenes(run_scenes):
    run_scenes(MEASURES[2])
    done = run_scenes(MEASURES[2] | {"options": {"threshold_deg": 0.01, "min_matches": 100_000}})
    assert done.tally.computed == 0
    assert rows_of(done)["sphere"].value == 0
