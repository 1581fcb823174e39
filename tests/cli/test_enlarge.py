import json

import pytest
import torch

from cyclorama.media.description import describe_picture
from cyclorama.media.images import write_panorama


@pytest.fixture
def panorama(tmp_path):
    image = torch.rand(3, 32, 64, generator=torch.Generator().manual_seed(0))
    write_panorama(image, tmp_path / "in.png", parameters={"prompt": "a city at night", "seed": 5})
    return tmp_path / "in.png"


def test_a_file_becomes_larger_and_tells_how(cyclorama, panorama, tiny_flux_folder, tmp_path):
    how = ("--model", tiny_flux_folder, "--num-steps", 2, "--strength", 0.99, "--seed", 1, "--height", 64, "--json")
    status, out, err = cyclorama("enlarge", panorama, "-o", "out.png", *how)
    assert status == 0, err
    info, report = describe_picture(tmp_path / "out.png"), json.loads(out)
    assert (info.height, info.width, info.projection) == (64, 128, "equirect")
    assert report["prompt"] == info.parameters["prompt"] == "a city at night"
    assert info.parameters["method"] == "enlarge"


def test_a_dry_run_writes_nothing(cyclorama, panorama, tmp_path):
    status, _, err = cyclorama("enlarge", panorama, "-o", "out.png", "--dry-run")
    assert status == 0
    assert "would write out.png (128x256)" in err
    assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--height", 40), "whole multiple"), (("--strength", 3), "strength 3"), (("--model", "nothing"), "nothing")],
)
def test_a_mistake_is_one_line_and_nothing_is_written(cyclorama, panorama, tmp_path, arguments, words):
    status, out, err = cyclorama("enlarge", panorama, "-o", "out.png", *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err
    assert not (tmp_path / "out.png").exists()
