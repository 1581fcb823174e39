"""The error of the camera that `cyclorama outpaint` estimates of a photo without EXIF.

    python benchmarks/photo_camera.py              # 200 photographs of scenes that no training has seen
    python benchmarks/photo_camera.py --limit 4    # a rehearsal; its figures go to build/benchmarks/rehearsals
    python benchmarks/photo_camera.py --also P.jpg # and 200 cuts of each of your own level panoramas

Photographs are 4:3 and rendered as such, not cut from panoramas. Errors are absolute, in degrees: the median, what 80 %
stay under, and, for comparison, the median error of always answering the middle of all cameras.
"""

import argparse
from pathlib import Path
from typing import Any

import panoramas
import torch
from provenance import write_result
from torch import Tensor

from cyclorama.diorama import render_view
from cyclorama.geometry import equirect_to_perspective
from cyclorama.media.images import read_image
from cyclorama.models.photo_camera import BINS_DEG, estimate_camera
from cyclorama.training.photo_camera import draw_cameras

HEIGHT, WIDTH, SEED = 192, 256, 7


def cameras(num: int) -> list[dict[str, Any]]:
    """Field of view (horizontal, of the 4:3 photo), pitch, roll and yaw of each."""
    drawn = vars(draw_cameras(num, torch.Generator().manual_seed(SEED)))
    square = torch.deg2rad(drawn["fov_deg"] / 2).tan()
    drawn = drawn | {"fov_deg": torch.rad2deg((square * WIDTH / HEIGHT).atan()) * 2}
    return [dict(zip(drawn, row, strict=True)) for row in torch.stack(list(drawn.values()), -1).tolist()]


def render(scene: Any, camera: dict[str, Any]) -> Tensor:
    """The photograph of a scene."""
    angles = {name: value for name, value in camera.items() if name != "fov_deg"}
    return render_view(scene, HEIGHT, WIDTH, camera["fov_deg"], **angles).colours


def errors(photos: list[Tensor], asked: list[dict[str, Any]]) -> dict[str, Any]:
    """For each angle the median error, what 80 % stay under, and the median error of the best constant."""
    found = [vars(estimate_camera(photo)) for photo in photos]
    row = {}
    for angle in BINS_DEG:
        true = torch.tensor([camera[angle] for camera in asked])
        error = (torch.tensor([camera[angle] for camera in found]) - true).abs()
        half, most = error.quantile(torch.tensor([0.5, 0.8])).tolist()
        row[angle] = {"median": half, "80_percent": most, "constant": float((true - true.median()).abs().median())}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description="The error of the estimated camera.")
    parser.add_argument("--num", type=int, default=200)
    parser.add_argument("--limit", type=int, help="a rehearsal with so many")
    parser.add_argument("--also", nargs="*", type=Path, default=[], help="level panoramas of your own")
    options = parser.parse_args()
    asked = cameras(options.limit or options.num)
    photos = [render(scene, camera) for scene, camera in zip(panoramas.scenes(len(asked)), asked, strict=True)]
    rows = {"diorama": errors(photos, asked)}
    for path in options.also:
        panorama = read_image(path).contiguous()
        rows[path.name] = errors([equirect_to_perspective(panorama, HEIGHT, WIDTH, **one) for one in asked], asked)
    for name, row in rows.items():
        print(name, {angle: {key: round(value, 1) for key, value in row[angle].items()} for angle in row})
    print(write_result("photo_camera", {"num": len(asked), "rows": rows}, rehearsal=options.limit is not None))


if __name__ == "__main__":
    main()
