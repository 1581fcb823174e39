import math
import re
from pathlib import Path
from typing import Any

import pytest
import torch

import cyclorama.geometry

PAGE = Path(__file__).parents[2] / "docs" / "conventions.md"
EXAMPLES = [
    row.split("|")[-2].strip(" `") for row in PAGE.read_text(encoding="utf-8").splitlines() if row.endswith("` |")
]


def names_of_the_page() -> dict[str, Any]:
    names = {name: getattr(cyclorama.geometry, name) for name in cyclorama.geometry.__all__}
    setup = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert setup is not None
    exec(setup[1], names)
    poses = dict.fromkeys(["cam_to_world", "cam_to_world_opencv", "cam_to_world_z_up", "world_to_cam"], torch.eye(4))
    dirs = dict.fromkeys(
        ["dirs_py360", "dirs_equilib"], cyclorama.geometry.camera_dirs(cyclorama.geometry.Equirect(4, 8))
    )
    pixels = dict.fromkeys(["pixels_opencv", "pixels_colmap", "grid"], cyclorama.geometry.pixel_centres(4, 8))
    rest = {"x_cam": torch.ones(3), "data": 0.0, "noise": 1.0, "t": 0.5, "yaw": 0.1, "pitch": 0.2, "roll": 0.3}
    return {**names, **poses, **dirs, **pixels, **rest, "faces_py360": None, "math": math}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_page_tells_the_truth(example: str):
    names = names_of_the_page()
    code, _, wanted = example.partition("  # ")
    if not wanted:
        exec(code, names)
        return
    got, want = eval(code, names), eval(wanted, names)
    got, want = (
        torch.stack(v) if isinstance(v, tuple) and torch.is_tensor(v[0]) else torch.as_tensor(v) for v in (got, want)
    )
    torch.testing.assert_close(got.squeeze().double(), want.double(), rtol=0, atol=1e-6)


def test_the_page_has_its_examples():
    assert len(EXAMPLES) >= 20
