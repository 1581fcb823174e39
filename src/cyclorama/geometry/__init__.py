"""The sphere and images of it: no files, no models, no noise.

The formulas take torch tensors and NumPy arrays alike; the names below are imported on first use, and torch with the
first tensor.

These conventions hold in all of Cyclorama and are stated only here; the tests of this package pin each of them.

- World: right-handed, +x right, +y up; the centre of a panorama looks along -z (OpenGL, nerfstudio, WebGL). Cameras
  look along their own -z, their +x right and +y up in the picture.
- Pose: `x_world = cam_to_world[:3, :3] @ x_cam + cam_to_world[:3, 3]`. A `rotation` is its 3 x 3 part.
- Longitude and latitude in radians: `lon` 0 at the image centre, growing to the right, in [-pi, pi); `lat` in
  [-pi/2, pi/2], growing upwards. Longitude 0, latitude 0 is (0, 0, -1).
- Pixels are (x, y), x right, y down; the centre of pixel (0, 0) is (0.5, 0.5).
  `lon = 2 pi (x / W - 1/2)`, `lat = pi (1/2 - y / H)`.
- An equirectangular image wraps in x; crossing a pole continues half a turn away: row -1 - y, column x + W / 2.
- Images are [..., C, H, W]; sizes are (height, width). Images of any floating point type or uint8;
  coordinates of float32 or float64, because sixteen bits cannot name a pixel.
- Angles of the public functions are in degrees with the unit in the name: `yaw_deg` positive to the right, `pitch_deg`
  positive up, `roll_deg` clockwise; they turn the camera, in that order. `fov_deg` is the horizontal field of view.
- `a_to_b` has an inverse, which its docstring names. Rotations are undone by their transpose.

>>> import numpy as np
>>> from cyclorama.geometry import equirect_to_perspective, rotate, rotation_matrix
>>> picture = np.random.default_rng(0).random((16, 32, 3), dtype=np.float32)
>>> view = equirect_to_perspective(picture, 24, 32, 90, yaw_deg=180)  # across the seam
>>> np.array_equal(rotate(picture, rotation_matrix(yaw_deg=90)), np.roll(picture, -8, axis=1))
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclorama.geometry.cubemap import FACES, Cubemap, dirs_to_cubemap_pixels
    from cyclorama.geometry.epipolar import epipolar_arc, epipolar_distance, epipolar_normals
    from cyclorama.geometry.equirect import (
        Equirect,
        dirs_to_pixels,
        lonlat_to_pixels,
        pad_sphere,
        pixels_to_lonlat,
        roll,
        solid_angles,
    )
    from cyclorama.geometry.fisheye import Fisheye
    from cyclorama.geometry.flat import Mercator, Pannini
    from cyclorama.geometry.perspective import Perspective
    from cyclorama.geometry.poses import (
        compose,
        invert,
        look_at,
        opencv_to_opengl,
        opengl_to_opencv,
        pose,
        relative_pose,
    )
    from cyclorama.geometry.projection import Projection
    from cyclorama.geometry.quaternions import slerp
    from cyclorama.geometry.rays import plucker
    from cyclorama.geometry.reprojection import (
        cubemap_to_equirect,
        equirect_to_cubemap,
        equirect_to_perspective,
        perspective_to_equirect,
        reproject,
        rotate,
    )
    from cyclorama.geometry.resampling import camera_dirs, pixel_centres, resample, wrap_indices
    from cyclorama.geometry.rotations import rotate_dirs, rotation, rotation_matrix
    from cyclorama.geometry.sphere import angle_between, dirs_to_lonlat, lonlat_to_dirs
    from cyclorama.geometry.splatting import splat
    from cyclorama.geometry.stitching import adjoint, stitch
    from cyclorama.geometry.trajectories import line, orbit, spline
    from cyclorama.geometry.viewsets import coverage, fibonacci, icosahedron, look_along, rings
    from cyclorama.geometry.warping import backward_warp

_HOMES = {
    "cubemap": ("Cubemap", "FACES", "dirs_to_cubemap_pixels"),
    "epipolar": ("epipolar_arc", "epipolar_distance", "epipolar_normals"),
    "equirect": (
        "Equirect",
        "dirs_to_pixels",
        "lonlat_to_pixels",
        "pad_sphere",
        "pixels_to_lonlat",
        "roll",
        "solid_angles",
    ),
    "fisheye": ("Fisheye",),
    "flat": ("Mercator", "Pannini"),
    "perspective": ("Perspective",),
    "poses": ("compose", "invert", "look_at", "opencv_to_opengl", "opengl_to_opencv", "pose", "relative_pose"),
    "projection": ("Projection",),
    "quaternions": ("slerp",),
    "rays": ("plucker",),
    "reprojection": (
        "cubemap_to_equirect",
        "equirect_to_cubemap",
        "equirect_to_perspective",
        "perspective_to_equirect",
        "reproject",
        "rotate",
    ),
    "resampling": ("camera_dirs", "pixel_centres", "resample", "wrap_indices"),
    "rotations": ("rotate_dirs", "rotation", "rotation_matrix"),
    "sphere": ("angle_between", "dirs_to_lonlat", "lonlat_to_dirs"),
    "splatting": ("splat",),
    "stitching": ("adjoint", "stitch"),
    "trajectories": ("line", "orbit", "spline"),
    "viewsets": ("coverage", "fibonacci", "icosahedron", "look_along", "rings"),
    "warping": ("backward_warp",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "FACES",
    "Cubemap",
    "Equirect",
    "Fisheye",
    "Mercator",
    "Pannini",
    "Perspective",
    "Projection",
    "adjoint",
    "angle_between",
    "backward_warp",
    "camera_dirs",
    "compose",
    "coverage",
    "cubemap_to_equirect",
    "dirs_to_cubemap_pixels",
    "dirs_to_lonlat",
    "dirs_to_pixels",
    "epipolar_arc",
    "epipolar_distance",
    "epipolar_normals",
    "equirect_to_cubemap",
    "equirect_to_perspective",
    "fibonacci",
    "icosahedron",
    "invert",
    "line",
    "lonlat_to_dirs",
    "lonlat_to_pixels",
    "look_along",
    "look_at",
    "opencv_to_opengl",
    "opengl_to_opencv",
    "orbit",
    "pad_sphere",
    "perspective_to_equirect",
    "pixel_centres",
    "pixels_to_lonlat",
    "plucker",
    "pose",
    "relative_pose",
    "reproject",
    "resample",
    "rings",
    "roll",
    "rotate",
    "rotate_dirs",
    "rotation",
    "rotation_matrix",
    "slerp",
    "solid_angles",
    "splat",
    "spline",
    "stitch",
    "wrap_indices",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cyclorama.geometry' has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"cyclorama.geometry.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
