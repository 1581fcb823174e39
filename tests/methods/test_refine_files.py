import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.media.images import write_panorama
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.methods.refine_files import refine_file, refine_folder
from cyclorama.models.registry import load_model

HEIGHT = 64
STEPS: dict[str, Any] = {"num_steps": 1, "face_size": 64}
KEPT = slice(HEIGHT * 70 // 180, HEIGHT * 110 // 180)


@pytest.fixture(scope="module")
def model(tiny_flux_folder: Path):
    return load_model(tiny_flux_folder, lora="none", device="cpu")


@pytest.fixture
def folder(tmp_path):
    """Two panoramas, one with two captions, and a photo."""
    place = tmp_path / "in"
    (place / "more").mkdir(parents=True)
    for number, name in enumerate(("a.png", "more/b.png")):
        image = torch.rand(3, HEIGHT, 2 * HEIGHT, generator=torch.Generator().manual_seed(number))
        write_panorama(image, place / name)
    Image.new("RGB", (40, 30), "red").save(place / "photo.png")
    rows: list[dict[str, str | int]] = [{"file_name": "a.png", "text": text} for text in ("a city", "a city at night")]
    rows.append({"file_name": "more/b.png", "text": "a desert"})
    rows.append({"file_name": "photo.png", "text": "a city", "projection": "perspective", "fov_deg": 60})
    (place / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return place


@pytest.mark.parametrize(("dtype", "suffix"), [("uint8", "png"), ("uint16", "png"), ("uint16", "tif")])
def test_kept_pixels_stay_as_the_file_had_them_whatever_their_depth(model, tmp_path, dtype, suffix):
    top = np.iinfo(dtype).max
    pixels = np.random.default_rng(0).integers(0, top, (HEIGHT, 2 * HEIGHT, 3), endpoint=True).astype(dtype)
    write_picture(pixels, tmp_path / f"in.{suffix}")
    refined = refine_file(model, tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}", "a city", seed=0, **STEPS)
    after = read_picture(tmp_path / f"out.{suffix}").pixels
    kept = ~refined.mask.numpy()
    assert after.dtype == pixels.dtype
    assert np.array_equal(after[kept], pixels[kept])
    assert (after[~kept] != pixels[~kept]).any(-1).mean() > 0.9


def test_the_file_tells_what_made_it_and_what_repaired_it(model, folder, tmp_path):
    write_panorama(torch.rand(3, HEIGHT, 2 * HEIGHT), tmp_path / "in.png", parameters={"prompt": "a city", "seed": 7})
    refine_file(
        model, tmp_path / "in.png", tmp_path / "out.png", "a desert", seed=1, parameters={"model": "tiny"}, **STEPS
    )
    found = read_picture(tmp_path / "out.png")
    assert found.parameters["seed"] == 7
    assert found.parameters["refined"] == {"prompt": "a desert", "seed": 1, "model": "tiny"}
    assert found.gpano["ProjectionType"] == "equirectangular"


def test_a_folder_becomes_the_same_folder_with_other_poles(model, folder, tmp_path):
    seen = []
    out = tmp_path / "out"
    assert refine_folder(model, folder, out, seed=0, progress=lambda *told: seen.append(told), **STEPS) == 2
    assert (out / "metadata.jsonl").read_bytes() == (folder / "metadata.jsonl").read_bytes()
    assert (out / "photo.png").read_bytes() == (folder / "photo.png").read_bytes()
    for name in ("a.png", "more/b.png"):
        before, after = read_picture(folder / name).pixels, read_picture(out / name).pixels
        assert np.array_equal(before[KEPT], after[KEPT])
        assert (before[0] != after[0]).any(-1).all()
    assert [done for _, done, _ in seen] == [1, 2, 3]


def test_a_stopped_folder_continues_to_the_same_files(model, folder, tmp_path):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    for out in (whole, stopped):
        refine_folder(model, folder, out, seed=3, **STEPS)
    (stopped / "more" / "b.png").unlink()
    assert refine_folder(model, folder, stopped, seed=3, **STEPS) == 1
    for name in ("a.png", "more/b.png"):
        assert (stopped / name).read_bytes() == (whole / name).read_bytes()


def test_a_folder_is_not_written_over_itself(model, folder):
    with pytest.raises(ValueError, match="wanted another one"):
        refine_folder(model, folder, folder, seed=0)
