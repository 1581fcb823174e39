"""A walk through a world as posed panoramas, for COLMAP, nerfstudio and Gaussian splatting.

    python examples/04_posed_panoramas.py out/walk

Writes equirect/ (the panoramas themselves) and pinhole/ (six views of each), both with transforms.json and sparse/0,
and the points of the depth as points.ply. Then one panorama is seen from the place of another through its depth.
"""

import sys
from pathlib import Path

import torch

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.geometry import backward_warp, line, look_at, relative_pose
from cyclorama.media.images import write_panorama
from cyclorama.media.scene_export import export_scene


def main(folder: Path, *, height: int = 256, num_poses: int = 5) -> None:
    scene = sample_scene(3, place="living room", time="noon")
    eye = torch.tensor([0.0, 1.6, 0.0])
    ahead = torch.tensor([0.0, 0.0, -1.0])
    start, end = eye, eye + torch.tensor([0.6, 0.0, -0.6])
    walk = line(look_at(start, start + ahead), look_at(end, end + ahead), num_poses)

    renders = [render_panorama(scene, height, origin=pose[:3, 3]) for pose in walk]
    images, depths = (torch.stack([getattr(r, name) for r in renders]) for name in ("colours", "depth"))
    export_scene(images, walk, folder, depths=depths)

    target_to_source = relative_pose(walk[-1], walk[0])
    seen_from_end, visible = backward_warp(images[0], depths[0], depths[-1], target_to_source)
    write_panorama(seen_from_end * visible, folder / "first_seen_from_last.png")
    error = ((seen_from_end - images[-1]) ** 2).mean(0)[visible.squeeze()].mean()
    print(f"{folder}: {visible.float().mean():.0%} visible, {-10 * error.log10():.1f} dB there")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "walk"))
