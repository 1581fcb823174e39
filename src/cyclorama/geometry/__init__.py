"""The sphere and images of it, in torch: no files, no models, no noise.

These conventions hold in all of Cyclorama and are stated only here; the tests of this package pin each of them.

- World: right-handed, +x right, +y up; the centre of a panorama looks along -z (OpenGL, nerfstudio, WebGL). Cameras
  look along their own -z, their +x right and +y up in the picture.
- Pose: `x_world = cam_to_world[:3, :3] @ x_cam + cam_to_world[:3, 3]`. A `rotation` is its 3 x 3 part.
- Longitude and latitude in radians: `lon` 0 at the image centre, growing to the right, in [-pi, pi); `lat` in
  [-pi/2, pi/2], growing upwards. Longitude 0, latitude 0 is (0, 0, -1).
- Pixels are (x, y), x right, y down; the centre of pixel (0, 0) is (0.5, 0.5).
  `lon = 2 pi (x / W - 1/2)`, `lat = pi (1/2 - y / H)`.
- An equirectangular image wraps in x; crossing a pole continues half a turn away: row -1 - y, column x + W / 2.
- Images are [..., C, H, W]; sizes are (height, width). Images of any floating point type; coordinates of float32 or
  float64, because sixteen bits cannot name a pixel.
- Angles of the public functions are in degrees with the unit in the name: `yaw_deg` positive to the right, `pitch_deg`
  positive up, `roll_deg` clockwise; they turn the camera, in that order. `fov_deg` is the horizontal field of view.
- `a_to_b` has an inverse, which its docstring names. Rotations are undone by their transpose.

>>> import torch
>>> image = torch.rand(3, 16, 32)
>>> view = equirect_to_perspective(image, 24, 32, 90, yaw_deg=180)  # across the seam
>>> torch.equal(rotate(image, rotation(yaw_deg=90)), image.roll(-8, dims=-1))
True
"""

from cyclorama.geometry.cubemap import (
    FACES,
    cubemap_dirs,
    cubemap_solid_angles,
    cubemap_to_equirect,
    dirs_to_cubemap_pixels,
    equirect_to_cubemap,
)
from cyclorama.geometry.equirect import (
    dirs_to_pixels,
    equirect_dirs,
    lonlat_to_pixels,
    pad_sphere,
    pixels_to_lonlat,
    roll,
    rotate,
    solid_angles,
)
from cyclorama.geometry.perspective import (
    dirs_to_perspective_pixels,
    equirect_to_perspective,
    perspective_dirs,
    perspective_solid_angles,
    perspective_to_equirect,
)
from cyclorama.geometry.resample import pixel_centres, resample, wrap_indices
from cyclorama.geometry.rotation import rotate_dirs, rotation
from cyclorama.geometry.sphere import angle_between, dirs_to_lonlat, lonlat_to_dirs

__all__ = [
    "FACES",
    "angle_between",
    "cubemap_dirs",
    "cubemap_solid_angles",
    "cubemap_to_equirect",
    "dirs_to_cubemap_pixels",
    "dirs_to_lonlat",
    "dirs_to_perspective_pixels",
    "dirs_to_pixels",
    "equirect_dirs",
    "equirect_to_cubemap",
    "equirect_to_perspective",
    "lonlat_to_dirs",
    "lonlat_to_pixels",
    "pad_sphere",
    "perspective_dirs",
    "perspective_solid_angles",
    "perspective_to_equirect",
    "pixel_centres",
    "pixels_to_lonlat",
    "resample",
    "roll",
    "rotate",
    "rotate_dirs",
    "rotation",
    "solid_angles",
    "wrap_indices",
]
