"""The test panorama of the projection benchmarks: a picture whose value in every direction is known exactly.

Channel c has the value `1/2 + sum_k a cos(f_k n_ck . d + p_ck)` in the direction d, with a = 0.1 and four random
unit vectors n and phases p for each channel, fixed by a seed. "smooth" has f = 5, "detailed" f = 2048 / 20: waves of
410 and of 20 pixels in a panorama 2048 pixels wide. Both lie in [0.1, 0.9].

Everything here is written a second time, in NumPy and float64, so that it can judge Cyclorama as well as its peers.
Directions: +x right, +y up, the panorama's centre looks along -z. Pictures: float64 `[..., height, width, 3]` in
[0, 1]. Cubes: `[6, size, size, 3]`, front, right, back, left, up, down, each upright for a camera that turned to it.
"""

from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
FREQUENCIES = {"smooth": 5.0, "detailed": 2048 / 20}
AMPLITUDE = 0.1


class View(NamedTuple):
    """A camera: degrees to the right, up and clockwise, and its horizontal field of view."""

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    fov_deg: float = 90.0


FACE_VIEWS = (View(), View(90), View(180), View(270), View(0, 90), View(0, -90))


def value(dirs: Array, function: str, seed: int = 0) -> Array:
    """The panorama's value [..., 3] in unit directions [..., 3]."""
    generator = np.random.default_rng(seed)
    channels = []
    for _ in range(3):
        total = np.full(dirs.shape[:-1], 0.5)
        for _ in range(4):
            normal = generator.normal(size=3)
            wave = dirs @ (FREQUENCIES[function] * normal / np.linalg.norm(normal))
            wave += generator.uniform(0, 2 * np.pi)
            total += AMPLITUDE * np.cos(wave, out=wave)
        channels.append(total)
    return np.stack(channels, axis=-1)


def matrix(view: View) -> Array:
    """The view's cam_to_world rotation [3, 3]: roll about its axis first, then pitch, then yaw."""
    yaw, pitch, roll = np.radians([view.yaw_deg, view.pitch_deg, view.roll_deg])
    about_y = [[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]]
    about_x = [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    about_z = [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    return np.array(about_y) @ np.array(about_x) @ np.array(about_z)


def equirect_dirs(height: int, view: View | None = None) -> Array:
    """The direction of every pixel [height, 2 height, 3] of a panorama taken by a turned camera."""
    lon = 2 * np.pi * ((np.arange(2 * height) + 0.5) / (2 * height) - 0.5)
    lat = np.pi * (0.5 - (np.arange(height) + 0.5) / height)[:, None]
    dirs = np.stack([np.cos(lat) * np.sin(lon), np.sin(lat) * np.ones_like(lon), -np.cos(lat) * np.cos(lon)], axis=-1)
    return dirs if view is None else dirs @ matrix(view).T


def view_dirs(size: int, view: View) -> Array:
    """The direction of every pixel [size, size, 3] of a square view."""
    x = (2 * np.arange(size) + 1 - size) / size * np.tan(np.radians(view.fov_deg) / 2)
    x, y = np.meshgrid(x, -x)
    dirs = np.stack([x, y, -np.ones_like(x)], axis=-1) @ matrix(view).T
    return dirs / np.linalg.norm(dirs, axis=-1, keepdims=True)


def cube_dirs(size: int) -> Array:
    """The direction of every pixel [6, size, size, 3] of a cube."""
    return np.stack([view_dirs(size, view) for view in FACE_VIEWS])


def dirs_to_equirect(dirs: Array, height: int) -> tuple[Array, Array]:
    """Column and row of directions in a panorama; the centre of the first pixel is (0, 0), as OpenCV has it."""
    lon = np.arctan2(dirs[..., 0], -dirs[..., 2])
    lat = np.arctan2(dirs[..., 1], np.hypot(dirs[..., 0], dirs[..., 2]))
    return 2 * height * (lon / (2 * np.pi) + 0.5) - 0.5, height * (0.5 - lat / np.pi) - 0.5


def dirs_to_view(dirs: Array, size: int, view: View) -> tuple[Array, Array, Array]:
    """Column and row of directions in a square view, as in `dirs_to_equirect`, and whether the view shows them."""
    right, up, back = np.moveaxis(dirs @ matrix(view), -1, 0)
    forward = np.where(back < 0, -back, np.nan) * np.tan(np.radians(view.fov_deg) / 2)
    x, y = (1 + right / forward) * size / 2 - 0.5, (1 - up / forward) * size / 2 - 0.5
    return x, y, (np.abs(x + 0.5 - size / 2) <= size / 2) & (np.abs(y + 0.5 - size / 2) <= size / 2)


def dirs_to_cube(dirs: Array, size: int) -> tuple[Array, Array, Array]:
    """Face, and column and row on it, of directions."""
    face = np.argmax(np.stack([-(dirs @ matrix(view))[..., 2] for view in FACE_VIEWS]), axis=0)
    x, y = np.empty(face.shape), np.empty(face.shape)
    for number, view in enumerate(FACE_VIEWS):
        x[face == number], y[face == number], _ = dirs_to_view(dirs[face == number], size, view)
    return face, x, y


def picture(dirs: Array, function: str, dtype: str, seed: int = 0) -> Array:
    """The panorama in those directions as a contiguous picture: float32 in [0, 1], or uint8."""
    exact = value(dirs, function, seed)
    return np.round(255 * exact).astype(np.uint8) if dtype == "uint8" else exact.astype(np.float32)


def zones(dirs: Array, height: int) -> dict[str, Array]:
    """Which directions lie within two pixels of the seam, of a pole, and of an edge of the cube, for a panorama of so
    many rows and a cube whose face is half as wide."""
    x, y = dirs_to_equirect(dirs, height)
    _, column, row = dirs_to_cube(dirs, height // 2)
    border = np.minimum(np.minimum(column, height // 2 - 1 - column), np.minimum(row, height // 2 - 1 - row))
    return {
        "seam": np.minimum(x, 2 * height - 1 - x) < 2,
        "poles": np.minimum(y, height - 1 - y) < 2,
        "edges": border < 2,
    }


def psnr(pixels: Array, exact: Array) -> float:
    """Peak signal-to-noise ratio in dB of a uint8 or float picture against the exact values in [0, 1]."""
    scale = 255 if pixels.dtype == np.uint8 else 1
    error = np.mean((pixels / scale - exact) ** 2)
    return float(-10 * np.log10(error + 1e-30))


def worst(pixels: Array, exact: Array) -> float:
    """The largest error in grey levels, that is 1/255."""
    scale = 255 if pixels.dtype == np.uint8 else 1
    return float(255 * np.abs(pixels / scale - exact).max())
