"""The operations of the projection benchmarks: what goes in, and which direction every pixel that comes out shows."""

from typing import Any

import numpy as np
from analytic import Array, View, cube_dirs, equirect_dirs, matrix, picture, view_dirs

HEIGHT, SIZE, VIDEO_HEIGHT, NUM_FRAMES = 1024, 512, 512, 32
VIEW = View(40, 20, 10)
VIEWS = (
    *(View(60 * k) for k in range(6)),
    *(View(90 * k, 45) for k in range(4)),
    *(View(90 * k + 45, -45) for k in range(4)),
    View(0, 90),
    View(0, -90),
)
OPERATIONS = {
    "e2p": "equirect 1024x2048 -> perspective 512x512, field of view 90",
    "e2p16": "equirect 1024x2048 -> 16 such views that cover the sphere",
    "e2c": "equirect 1024x2048 -> cube 6x512",
    "c2e": "cube 6x512 -> equirect 1024x2048",
    "stitch": "16 views 512x512 -> equirect 1024x2048, weights (1 - |x|)(1 - |y|)",
    "rot": "equirect 1024x2048 turned by yaw 40, pitch 20, roll 10",
    "video": "32 frames 512x1024 -> one fixed perspective 512x512",
    "bicubic": "e2p, bicubic",
    "new": "e2p with a new camera in every call",
}
_TURNS = tuple(View(3 * k) for k in range(NUM_FRAMES))  # the panorama turns from frame to frame


def source(operation: str, function: str, dtype: str, seed: int = 0) -> Array:
    """The picture, cube [6, S, S, 3], views [16, S, S, 3] or frames [32, H, W, 3] that the operation starts from."""
    kind = function, dtype, seed
    if operation == "c2e":
        return picture(cube_dirs(SIZE), *kind)
    if operation == "stitch":
        return np.stack([picture(view_dirs(SIZE, view), *kind) for view in VIEWS])
    if operation == "video":
        return np.stack([picture(equirect_dirs(VIDEO_HEIGHT, turn), *kind) for turn in _TURNS])
    return picture(equirect_dirs(HEIGHT), *kind)


def target_dirs(operation: str) -> Array:
    """The directions [N, rows, columns, 3] that the N resulting pictures show."""
    if operation == "e2c":
        return cube_dirs(SIZE)
    if operation in ("c2e", "stitch"):
        return equirect_dirs(HEIGHT)[None]
    if operation == "rot":
        return equirect_dirs(HEIGHT, VIEW)[None]
    if operation == "video":
        return np.stack([view_dirs(SIZE, VIEW) @ matrix(turn).T for turn in _TURNS])
    return np.stack([view_dirs(SIZE, view) for view in (VIEWS if operation == "e2p16" else (VIEW,))])


def job(contender: Any, operation: str, pixels: Array) -> Any:
    """The contender's Job for the operation on these pixels; None where it has no such operation."""
    arguments = {
        "e2p": ("views", [VIEW]),
        "e2p16": ("views", VIEWS),
        "e2c": ("cube", SIZE),
        "c2e": ("equirect", HEIGHT),
        "stitch": ("stitch", VIEWS, HEIGHT),
        "rot": ("rotate", VIEW),
        "video": ("video", VIEW),
        "bicubic": ("bicubic", VIEW),
        "new": ("any_view",),
    }
    method, *rest = arguments[operation]
    if not hasattr(contender, method) or str(pixels.dtype) not in contender.dtypes:
        return None
    return getattr(contender, method)(pixels, *rest)
