"""Does each metric find the fault that it is made for? Folders of renders, each spoilt in one way, are evaluated.

    python benchmarks/degradations.py             # 2 x 200 renders of 256x512 (8 minutes, once), then the evaluations
    python benchmarks/degradations.py --num 12    # a rehearsal, kept out of results/

A folder of renders is compared with renders of other scenes: as it is ("clean"), with a step at the seam, with blurred
poles, with its colours shifted. Every evaluation is the command line's, offline, with the default protocol.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from provenance import WORK, write_result
from torch import Tensor

from cyclorama.geometry import Cubemap, Equirect, dirs_to_lonlat, reproject
from cyclorama.geometry.resampling import camera_dirs
from cyclorama.media.images import read_image, write_panorama

HEIGHT = 256
SEEDS = {"real": 3_000_000, "clean": 4_000_000}
MEANT_FOR = {
    "seam": ("DS", "seam_ratio", "relative_end_continuity"),
    "poles": ("pole_gradient_up", "pole_gradient_down", "FD_pole"),
    "colour": ("FD", "FAED"),
}


def step_at_seam(image: Tensor) -> Tensor:
    """A slope of brightness around the picture that ends 0.08 higher than it begins."""
    width = image.shape[-1]
    return image + 0.08 * ((torch.arange(width) + 0.5) / width - 0.5)


def blur_poles(image: Tensor) -> Tensor:
    """Beyond 60 degrees of latitude what a cube map of 16 x 16 pixels a face keeps, blended over 10 degrees."""
    panorama = Equirect(*image.shape[-2:])
    coarse = reproject(reproject(image, panorama, Cubemap(16)), Cubemap(16), panorama)
    _, lat = dirs_to_lonlat(camera_dirs(panorama))
    share = ((lat.abs().rad2deg() - 55) / 10).clamp(0, 1)
    return torch.lerp(image, coarse, share)


def shift_colours(image: Tensor) -> Tensor:
    """Eight per cent more red, eight per cent less blue."""
    return image * torch.tensor([1.08, 1.0, 0.92])[:, None, None]


DEGRADATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "seam": step_at_seam,
    "poles": blur_poles,
    "colour": shift_colours,
}


def render(folder: Path, num: int, *, seed: int) -> None:
    """A folder of renders with its metadata, by the command line; nothing when it is there."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    run("render", "-o", part, "--num-images", num, "--height", HEIGHT, "--seed", seed)
    part.rename(folder)


def degrade(source: Path, folder: Path, spoil: Callable[[Tensor], Tensor]) -> None:
    """The pictures of `source`, spoilt, with its metadata; nothing when they are there."""
    if folder.exists():
        return
    part = folder.with_name(f"{folder.name}.part")
    part.mkdir(exist_ok=True)
    for path in sorted(source.glob("*.png")):
        write_panorama(spoil(read_image(path)).clamp(0, 1), part / path.name)
    (part / "metadata.jsonl").write_bytes((source / "metadata.jsonl").read_bytes())
    part.rename(folder)
