"""One panorama in every projection, and back from its views.

    python examples/03_projections.py out/projections

Everything is NumPy here; the same functions take torch tensors [..., 3, H, W], on any device, with gradients.
"""

import sys
from pathlib import Path

import numpy as np

from cyclorama.diorama import render_panorama, sample_scene
from cyclorama.geometry import (
    Cubemap,
    Equirect,
    Fisheye,
    Mercator,
    Pannini,
    Perspective,
    fibonacci,
    reproject,
    rotation_matrix,
    stitch,
)
from cyclorama.media.layouts import faces_to_picture
from cyclorama.media.pictures import write_picture


def main(folder: Path, *, height: int = 512) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    colours = render_panorama(sample_scene(7, place="city", time="sunset"), height).colours
    panorama = (colours.movedim(0, -1).numpy() * 255).round().astype(np.uint8)  # [H, W, 3], as files are read

    sphere = Equirect(height, 2 * height)
    ahead, down = rotation_matrix(yaw_deg=30, pitch_deg=10), rotation_matrix(pitch_deg=-90)
    views = {
        "perspective": (Perspective(height, height, fov_deg=90), ahead),
        "pannini": (Pannini(height // 2, height, fov_deg=160), ahead),
        "fisheye": (Fisheye(height, height, fov_deg=180), ahead),
        "little_planet": (Fisheye(height, height, fov_deg=300, mapping="stereographic"), down),
        "mercator": (Mercator(height, height), None),
    }
    for name, (camera, rotation) in views.items():
        write_picture(reproject(panorama, sphere, camera, rotation=rotation, mode="bicubic"), folder / f"{name}.jpg")

    faces = reproject(panorama, sphere, Cubemap(height // 2))  # [6, S, S, 3]
    write_picture(faces_to_picture(faces, "dice"), folder / "cubemap.png")

    rotations, camera = fibonacci(32), Perspective(height // 2, height // 2, fov_deg=70)
    many = np.stack([reproject(panorama, sphere, camera, rotation=turned) for turned in rotations])
    stitched, weight = stitch(many, camera, rotations, sphere)
    write_picture(stitched, folder / "stitched.png")
    error = np.abs(stitched.astype(float) - panorama).mean()
    print(
        f"{folder}: the stitched panorama differs by {error:.2f} levels of 255; {(weight == 0).sum()} pixels uncovered"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "projections"))
