import json

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.media.description import describe_picture
from cyclorama.media.images import write_panorama
from cyclorama.media.metadata import gpano_fields
from cyclorama.media.pictures import read_picture, write_picture
from cyclorama.methods.inpaint import region_mask


@pytest.fixture
def inpaint(cyclorama, tiny_flux_folder, tmp_path):
    """`cyclorama inpaint` of a panorama of 32x64 whose file knows its prompt, with a random tiny FLUX."""
    image = torch.rand(3, 32, 64, generator=torch.Generator().manual_seed(0))
    write_panorama(image, tmp_path / "lake.png", parameters={"prompt": "a lake"})
    mask = np.zeros((32, 64), np.uint8)
    mask[8:20, 50:] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    model = ("--model", tiny_flux_folder, "--num-steps", 2, "--seed", 7)
    return lambda *arguments: cyclorama("inpaint", *arguments, *model)


def pixels(path) -> np.ndarray:
    return read_picture(path).pixels


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_kept_pixels_are_bit_exact_in_the_file_and_the_rest_is_new(inpaint, tmp_path, suffix):
    status, _, err = inpaint("lake.png", "--mask", "mask.png", "-o", f"out{suffix}")
    assert status == 0, err
    before, after = pixels(tmp_path / "lake.png"), pixels(tmp_path / f"out{suffix}")
    kept = pixels(tmp_path / "mask.png")[..., 0] == 0
    assert np.array_equal(before[kept], after[kept])
    assert (before[~kept] != after[~kept]).any(-1).mean() > 0.9
    assert "lossy" not in err


def test_sixteen_bits_stay_sixteen_bits(inpaint, tmp_path):
    deep = np.random.default_rng(0).integers(0, 65536, (32, 64, 3), dtype=np.uint16)
    write_picture(deep, tmp_path / "deep.png", gpano=gpano_fields(32, 64))
    status, _, err = inpaint("deep.png", "a lake", "--fov-deg", 60, "--yaw-deg", 100, "-o", "out.png")
    assert status == 0, err
    kept = region_mask(32, yaw_deg=100, fov_deg=60).numpy() == 0
    assert np.array_equal(pixels(tmp_path / "out.png")[kept], deep[kept])


def test_a_lossy_format_is_told(inpaint):
    status, _, err = inpaint("lake.png", "--mask", "mask.png", "-o", "out.jpg")
    assert status == 0
    assert "JPEG is lossy" in err


def test_the_same_seed_gives_the_same_bytes(inpaint, tmp_path):
    for name in ("a.png", "b.png"):
        inpaint("lake.png", "--mask", "mask.png", "-o", name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_file_tells_what_made_it(inpaint, tmp_path):
    _, out, _ = inpaint(
        "lake.png", "a city", "--fov-deg", 40, "--pitch-deg", -80, "--method", "published", "-o", "a.png", "--json"
    )
    info, report = describe_picture(tmp_path / "a.png"), json.loads(out)
    assert (info.height, info.width, info.projection) == (32, 64, "equirect")
    told = {"prompt": "a city", "seed": 7, "num_steps": 2, "method": "published", "height": 32}
    told["repainted"] = {"fov_deg": 40, "yaw_deg": 0, "pitch_deg": -80}
    assert info.parameters.items() >= told.items()
    assert report.items() >= told.items()
    assert 0.01 < report["share_of_sphere"] < 0.1


def test_without_a_prompt_the_files_own_is_taken(inpaint):
    _, out, _ = inpaint("lake.png", "--mask", "mask.png", "-o", "a.png", "--json")
    assert json.loads(out)["prompt"] == "a lake"


def test_dry_run_writes_nothing(inpaint, tmp_path):
    before = sorted(tmp_path.iterdir())
    status, out, _ = inpaint("lake.png", "--fov-deg", 90, "-o", "a.png", "--dry-run", "--json")
    assert status == 0
    assert json.loads(out)["share_of_sphere"] == pytest.approx(0.146, abs=0.003)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lake.png",), "neither of --mask and --fov-deg"),
        (("lake.png", "--mask", "mask.png", "--fov-deg", 60), "both of --mask and --fov-deg"),
        (("none.png", "--fov-deg", 60), "none.png"),
        (("lake.png", "--mask", "none.png"), "none.png"),
        (("lake.png", "--mask", "small.png"), "got a mask of 16x32; wanted 32x64"),
        (("lake.png", "--mask", "black.png"), "black everywhere"),
        (("lake.png", "--fov-deg", 400), "got a field of view of 400"),
        (("square.png", "--fov-deg", 60), "got a picture of 32x32"),
    ],
)
def test_bad_input_is_one_line_and_no_file(inpaint, tmp_path, arguments, message, dry_run):
    Image.new("L", (32, 16), 255).save(tmp_path / "small.png")
    Image.new("L", (64, 32), 0).save(tmp_path / "black.png")
    Image.new("RGB", (32, 32)).save(tmp_path / "square.png")
    status, _, err = inpaint(*arguments, "-o", "a.png", *dry_run)
    assert (status, err.count("\n")) == (2, 1), err
    assert message in err
    assert not (tmp_path / "a.png").exists()
