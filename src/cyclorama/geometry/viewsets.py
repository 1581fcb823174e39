"""Sets of view directions that cover the sphere, and how well a set of views covers it.

A set is an array `[N, 3, 3]` of `cam_to_world` rotations in float64, every camera upright.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.rotations import Degrees, rotation_matrix
from cyclorama.geometry.sphere import dirs_to_lonlat
from cyclorama.geometry.tables import locate


def rings(num_views: Mapping[Degrees, int]) -> Float[np.ndarray, "views 3 3"]:
    """Rings of views at equal steps of yaw: `{pitch_deg: count}`, each ring beginning at yaw 0.

    >>> rings({0: 4, 90: 1, -90: 1}).shape
    (6, 3, 3)
    """
    if not num_views or any(count < 1 or not -90 <= pitch <= 90 for pitch, count in num_views.items()):
        raise ValueError(
            f"got the rings {dict(num_views)}, wanted {{pitch_deg: count}}, pitch -90 to 90, count above 0"
        )
    return np.stack(
        [rotation_matrix(360 * index / count, pitch) for pitch, count in num_views.items() for index in range(count)]
    )


def icosahedron() -> Float[np.ndarray, "20 3 3"]:
    """The middles of the 20 faces of a regular icosahedron that stands on an edge: each 41.8 degrees from the next."""
    golden = (1 + math.sqrt(5)) / 2
    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    edges = [(0, a / golden, b * golden) for a in (-1, 1) for b in (-1, 1)]
    dirs = [*corners, *edges, *((z, x, y) for x, y, z in edges), *((y, z, x) for x, y, z in edges)]
    return look_along(np.array(dirs))


def fibonacci(num_views: int) -> Float[np.ndarray, "views 3 3"]:
    """Views along the golden spiral, each with an equal share of the sphere.

    >>> fibonacci(89).shape
    (89, 3, 3)
    """
    if num_views < 1:
        raise ValueError(f"got {num_views} views, wanted at least 1")
    return look_along(fibonacci_dirs(num_views))


def fibonacci_dirs(num: int) -> Float[np.ndarray, "num 3"]:
    """Directions along the golden spiral, each with an equal share of the sphere, from the top down.

    Swinbank and Purser, "Fibonacci grids: A novel approach to global modelling" (2006), equation 1 with half steps. In
    float64: in float32 the longitudes of 26,500 directions are off by a third of their distance.
    """
    index = np.arange(num) + 0.5
    up = 1 - 2 * index / num
    lon = index * math.pi * (3 - math.sqrt(5))
    across = np.sqrt(1 - up * up)
    return np.stack([across * np.sin(lon), up, -across * np.cos(lon)], axis=-1)


def look_along(dirs: Float[np.ndarray, "views 3"]) -> Float[np.ndarray, "views 3 3"]:
    """Upright cameras that look along directions of any length.

    >>> look_along(np.array([[1.0, 0, 0]])).round(9).tolist() == [rotation_matrix(yaw_deg=90).tolist()]
    True
    """
    lon, lat = dirs_to_lonlat(dirs)
    return np.stack([rotation_matrix(float(a), float(b)) for a, b in np.degrees(np.stack([lon, lat], axis=-1))])


def turned_back(
    rotations: Float[np.ndarray, "views 3 3"], num_parts: int
) -> tuple[int, Float[np.ndarray, "views 3 3"]]:
    """The whole parts of a full turn that the first camera has turned to the right, and all cameras without them.

    `num_parts` make a full turn. Rounded to 12 digits, so that the same views come out of every turn bit by bit.

    >>> parts, back = turned_back(rings({0: 4}) @ rotation_matrix(yaw_deg=70), 36)
    >>> parts, np.array_equal(back, rings({0: 4}))
    (7, True)
    """
    parts = math.floor(math.atan2(rotations[0, 2, 0], rotations[0, 0, 0]) * num_parts / (2 * math.pi) + 1e-6)
    back = rotation_matrix(yaw_deg=-360 / num_parts * parts) @ rotations
    return parts, back.round(12) + 0.0  # turns -0.0 into 0.0


@dataclass(frozen=True)
class Coverage:
    """How views cover the sphere: `counts[H, 2H]` of the views that show a panorama's pixel; shares by solid angle."""

    counts: Int[np.ndarray, "height width"]
    covered: float  # share of the sphere that at least one view shows
    mean_views: float  # views per direction


def coverage(
    camera: Projection,
    rotations: Sequence[Float[np.ndarray, "3 3"]] | Float[np.ndarray, "views 3 3"],
    height: int = 256,
) -> Coverage:
    """The coverage of the sphere by views of one camera, counted on a panorama of `height` rows.

    >>> from cyclorama.geometry.perspective import Perspective
    >>> coverage(Perspective(64, 64, 90), rings({0: 4, 90: 1, -90: 1}), 64).covered
    1.0
    """
    panorama = Equirect(height, 2 * height)
    dirs = panorama.pixel_dirs()
    counts = np.zeros(dirs.shape[:2], np.int64)
    for turned in rotations:
        counts += locate(camera, dirs, np.asarray(turned).T)[1]
    share = np.sin(math.pi * (np.arange(height) + 0.5) / height)[:, None].repeat(2 * height, axis=1)
    share /= share.sum()
    covered = 1.0 if counts.all() else float(share[counts > 0].sum())
    return Coverage(counts, covered, float((counts * share).sum()))
