import json

import numpy as np
import pytest
import torch
from PIL import Image

from cyclorama.cli.app import app
from cyclorama.media.images import write_panorama
from cyclorama.media.pictures import read_picture

HEIGHT = 64


@pytest.fixture
def panorama(tmp_path):
    image = torch.rand(3, HEIGHT, 2 * HEIGHT, generator=torch.Generator().manual_seed(0))
    write_panorama(image, tmp_path / "in.png", parameters={"prompt": "a city at night", "seed": 5})
    return tmp_path / "in.png"


def refine(cyclorama, panorama, model, *more):
    sampling = ("--num-steps", 1, "--face-size", 64, "--seed", 1)
    return cyclorama("refine", panorama, "-o", "out.png", "--model", model, *sampling, *more)


def test_poles_are_repainted_and_the_rest_of_the_file_keeps_its_bits(cyclorama, panorama, tiny_flux_folder, tmp_path):
    status, _, err = refine(cyclorama, panorama, tiny_flux_folder)
    assert status == 0, err
    before, after = read_picture(panorama), read_picture(tmp_path / "out.png")
    changed = (before.pixels != after.pixels).any(-1)
    assert changed[0].all()
    assert changed[-1].all()
    assert not changed[HEIGHT * 70 // 180 : HEIGHT * 110 // 180].any()
    assert after.gpano["FullPanoWidthPixels"] == str(2 * HEIGHT)
    assert after.parameters["prompt"] == "a city at night"
    assert after.parameters["refined"]["prompt"] == "a city at night"


def test_one_pole_and_json(cyclorama, panorama, tiny_flux_folder, tmp_path):
    status, out, _ = refine(cyclorama, panorama, tiny_flux_folder, "--pole", "down", "--json")
    report = json.loads(out)
    assert (status, report["repainted"], report["seed"]) == (0, ["down"], 1)
    before, after = read_picture(panorama).pixels, read_picture(tmp_path / "out.png").pixels
    assert np.array_equal(before[: HEIGHT // 2], after[: HEIGHT // 2])


def test_a_folder_of_training_panoramas(cyclorama, panorama, tiny_flux_folder, tmp_path):
    (tmp_path / "set").mkdir()
    panorama.rename(tmp_path / "set" / "in.png")
    (tmp_path / "set" / "metadata.jsonl").write_text(json.dumps({"file_name": "in.png", "text": "a city"}))
    status, _, err = refine(cyclorama, "set", tiny_flux_folder)
    assert status == 0, err
    assert {path.name for path in (tmp_path / "out.png").iterdir()} == {"in.png", "metadata.jsonl"}


def test_a_dry_run_tells_the_parts_and_writes_nothing(cyclorama, panorama, tmp_path):
    status, _, err = cyclorama("refine", panorama, "-o", "out.png", "--face-size", 64, "--dry-run")
    assert status == 0
    assert "25% of the up face, 25% of the down face" in err
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("size", "arguments", "said"),
    [
        ((64, 64), (), "wanted a panorama"),
        ((128, 64), ("-o", "out.xyz"), "cannot write"),
        ((128, 64), ("--pole", "left"), "left"),
        ((128, 64), ("--region", "everything"), "everything"),
    ],
)
def test_faults_are_one_line(cyclorama, tmp_path, tiny_flux_folder, size, arguments, said):
    Image.new("RGB", size).save(tmp_path / "in.png")
    output = () if "-o" in arguments else ("-o", "out.png")
    status, _, err = cyclorama("refine", "in.png", *output, "--model", tiny_flux_folder, *arguments)
    assert status == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_the_verb_has_at_most_twelve_flags():
    import typer

    verb = typer.main.get_command(app).commands["refine"]  # type: ignore[attr-defined]
    assert len([p for p in verb.params if p.param_type_name == "option" and p.name != "help"]) <= 12
