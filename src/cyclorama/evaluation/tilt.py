"""Where "up" is in a panorama that was not held level: from its vertical lines and, where it shows one, the horizon.

A straight edge lies in a plane through the camera. The plane's normal is the edge's gradient on the sphere, so it is
perpendicular to "up" for a vertical edge and parallel to it for the horizon. Edges vote on a grid of directions, with
what chance would give subtracted; then "up" is moved until the edges fall onto the fewest meridians, which sees a tilt
that no single edge shows. Computes in NumPy on the faces of a small cube map, on which straight edges are straight.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from einops import reduce
from jaxtyping import Float, Shaped

from cyclorama.geometry.cubemap import FACE_ROTATIONS, Cubemap
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.reprojection import reproject
from cyclorama.geometry.rotations import Degrees
from cyclorama.media.levels import to_dtype

GREY = (0.299, 0.587, 0.114)
WIDEST_DEG = 45
"""Tilts that are looked for; beyond, a wall's other lines are as good a guess."""

_FEWEST_ROWS = 64
_SIZE, _BORDER = 256, 6
_MOST_EDGES, _MOST_VOTERS, _FEWEST_EDGES = 6000, 2500, 100
_FAINTEST = 1.5  # levels of an edge
_VOTE_DEG = 2.5
_BEST_TO_NEXT, _BEST_TO_CHANCE = 1.5, 8.0  # where the diorama's guesses become right
_MERIDIANS, _LATITUDES_PER_DEG, _NEAR_LINE = 1440, 4, 0.1


class Tilt(NamedTuple):
    """How a panorama lies: its "up" is `tilt_deg` off; a camera turned by `pitch_deg` and `roll_deg` sees it level."""

    tilt_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, eq=False)
class _Edges:
    """Where they are, the normals of their planes (from dark to bright), and how much they count."""

    dirs: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    weights: Float[np.ndarray, " n"]

    def some(self, most: int) -> "_Edges":
        chosen = np.random.default_rng(0).permutation(len(self.weights))[:most]
        return _Edges(self.dirs[chosen], self.normals[chosen], self.weights[chosen])


def guess_tilt(panorama: Shaped[np.ndarray, "height width 3"]) -> Tilt | None:
    """The tilt of an equirect, uint8, uint16 or float32; None without evidence, as in a landscape of slopes.

    Turned by `rotation_matrix(pitch_deg=..., roll_deg=...)` the panorama is level.
    """
    if len(panorama) < _FEWEST_ROWS:
        return None
    edges = _find_edges(panorama)
    if len(edges.weights) < _FEWEST_EDGES:
        return None
    up = _vote(edges.some(_MOST_VOTERS))
    if up is None:
        return None
    for widest_deg, step_deg in ((3.0, 0.5), (0.6, 0.15)):
        ups = _cap(up, widest_deg, step_deg)
        up = ups[np.argmax([_alignment(one, edges) for one in ups])]
    x, y, z = (float(part) for part in up)
    tilt, pitch, roll = math.acos(min(y, 1.0)), math.atan2(z, y), math.asin(min(max(x, -1.0), 1.0))
    return Tilt(math.degrees(tilt), math.degrees(pitch), math.degrees(roll))


def _find_edges(panorama: Shaped[np.ndarray, "height width 3"]) -> _Edges:
    """The strongest straight edges: where the gradients around a pixel agree (structure tensor)."""
    levels = to_dtype(np.nan_to_num(panorama), "uint8")
    grey = _shrink(levels @ np.array(GREY, np.float32))[..., None]
    faces = reproject(grey, Equirect(*grey.shape[:2]), Cubemap(_SIZE))[..., 0]
    smooth = _blur(faces)
    right = np.roll(smooth, -1, 2) - np.roll(smooth, 1, 2)
    up = np.roll(smooth, 1, 1) - np.roll(smooth, -1, 1)
    xx, xy, yy = (_blur(product, 6) for product in (right * right, right * up, up * up))
    angle = np.arctan2(2 * xy, xx - yy) / 2
    agreement = np.hypot(xx - yy, 2 * xy) / (xx + yy + 1e-9)
    across = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    across *= np.where(across[..., 0] * right + across[..., 1] * up < 0, -1, 1)[..., None]
    return _strongest(across, np.hypot(right, up) * agreement**2)


def _shrink(grey: Float[np.ndarray, "height width"]) -> Float[np.ndarray, "rows columns"]:
    """Averages of squares, so that what is left is at least as fine as the cube map."""
    height, width = grey.shape
    side = next(side for side in range(max(height // (2 * _SIZE), 1), 0, -1) if height % side == width % side == 0)
    return reduce(grey, "(h y) (w x) -> h w", "mean", y=side, x=side)


def _strongest(across: Float[np.ndarray, "6 size size 2"], strength: Float[np.ndarray, "6 size size"]) -> _Edges:
    """The edges of unit gradients `across` (right, up) on the faces, on the sphere."""
    places = (np.arange(_SIZE, dtype=np.float32) + 0.5) * (2 / _SIZE) - 1
    x, y = np.meshgrid(places, -places)
    strength = strength * (1 + x * x + y * y) ** -1.5  # the solid angle of a pixel
    inside = np.zeros_like(strength)
    inside[:, _BORDER:-_BORDER, _BORDER:-_BORDER] = 1
    # the line across . (p - place) = 0 on the plane z = -1 lies in the plane through the origin with this normal
    normals = np.concatenate([across, (across[..., 0] * x + across[..., 1] * y)[..., None]], axis=-1)
    normals = np.einsum("fij,fhwj->fhwi", FACE_ROTATIONS, normals / np.linalg.norm(normals, axis=-1, keepdims=True))
    strength = (strength * inside).reshape(-1)
    chosen = np.argpartition(strength, -_MOST_EDGES)[-_MOST_EDGES:]
    chosen = chosen[strength[chosen] > _FAINTEST]
    weights = np.minimum(strength[chosen], np.median(strength[chosen]) if len(chosen) else 0)
    dirs = Cubemap(_SIZE).pixel_dirs().reshape(-1, 3)[chosen]
    return _Edges(dirs, normals.reshape(-1, 3)[chosen].astype(np.float32), weights.astype(np.float32))


def _vote(edges: _Edges) -> Float[np.ndarray, "3"] | None:
    """The direction within `WIDEST_DEG` of the picture's own up for which most edges speak; None if it hardly wins."""
    ups = _cap(np.array([0.0, 1.0, 0.0]), WIDEST_DEG, 1.5)
    counted = [_votes(some, edges) for some in np.array_split(ups, 32)]
    votes, chance = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    best = votes.argmax()
    next_best = votes[ups @ ups[best] < math.cos(math.radians(8))].max()
    wins = votes[best] > _BEST_TO_NEXT * next_best and votes[best] > _BEST_TO_CHANCE * chance[best]
    return ups[best] if wins else None


def _votes(ups: Float[np.ndarray, "m 3"], edges: _Edges) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """The votes for each direction beyond those that edges turned by chance would give, and their deviation."""
    width = math.sin(math.radians(_VOTE_DEG))
    cos = (edges.normals @ ups.T) ** 2
    sin_from_up = np.sqrt(np.maximum(1 - (edges.dirs @ ups.T) ** 2, 1e-3))
    vertical, level = np.maximum(0, 1 - cos / width**2), np.maximum(0, 1 - (1 - cos) / width**2)
    # the mean of 1 - (sin_from_up cos(turn) / width)^2, where that is positive, over all turns
    by_chance = np.minimum(1, 4 / (3 * math.pi) * width / sin_from_up)
    at_horizon = np.where(1 - sin_from_up**2 < width**2, 4 / (3 * math.pi) * width, 0)
    weights = edges.weights[:, None]
    votes = weights * (sin_from_up**2 * (vertical - by_chance) + level - at_horizon)
    return votes.sum(0), np.sqrt((weights**2 * sin_from_up**4 * by_chance).sum(0))


def _alignment(up: Float[np.ndarray, "3"], edges: _Edges) -> float:
    """How sharply vertical edges gather on meridians, and horizontal ones on one circle near the horizon."""
    right = np.cross(up, [0.0, 0.0, 1.0] if abs(up[2]) < 0.9 else [1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    x, y, height = edges.dirs @ right, edges.dirs @ np.cross(up, right), edges.dirs @ up
    towards_up = edges.normals @ up
    eastward = (edges.normals @ np.cross(up, right)) * x - (edges.normals @ right) * y
    vertical = np.where(towards_up**2 < _NEAR_LINE**2, edges.weights * eastward, 0)
    meridians = _histogram((np.arctan2(y, x) / (2 * math.pi) + 0.5) * _MERIDIANS, vertical, _MERIDIANS)
    level = np.where(towards_up**2 > 1 - _NEAR_LINE**2, edges.weights * towards_up, 0)
    near = np.clip(np.degrees(height) * _LATITUDES_PER_DEG + 20, 0, 40)
    circles = _histogram(near, level, 41)[1:-1]
    return float((meridians**2).sum() + (circles**2).max())


def _histogram(
    places: Float[np.ndarray, " n"], values: Float[np.ndarray, " n"], count: int
) -> Float[np.ndarray, " count"]:
    """Sums of values, each shared between the two bins around its place; the last bin is beside the first."""
    below = np.floor(places).astype(int)
    share = places - below
    sums = np.bincount(below % count, values * (1 - share), count)
    return sums + np.bincount((below + 1) % count, values * share, count)


def _cap(up: Float[np.ndarray, "3"], widest_deg: Degrees, step_deg: Degrees) -> Float[np.ndarray, "m 3"]:
    """Directions around `up`, `step_deg` apart, the first `up` itself."""
    rings = [np.zeros((1, 2))]
    for ring in range(1, round(widest_deg / step_deg) + 1):
        angle = math.radians(ring * step_deg)
        turns = np.arange(m := round(2 * math.pi * math.sin(angle) / math.radians(step_deg))) * (2 * math.pi / m)
        rings.append(np.stack([np.full(m, angle), turns], axis=-1))
    angle, turn = np.concatenate(rings).T
    dirs = np.stack([np.sin(angle) * np.cos(turn), np.cos(angle), np.sin(angle) * np.sin(turn)], axis=-1)
    return (dirs @ _turn_up_to(up).T).astype(np.float32)


def _turn_up_to(up: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    """A rotation that brings (0, 1, 0) to `up`, which is not (0, -1, 0)."""
    x, y, z = (float(part) for part in up)
    cross = np.array([[0, x, 0], [-x, 0, -z], [0, z, 0]])
    return np.eye(3) + cross + cross @ cross / (1 + y)


def _blur(faces: Float[np.ndarray, "6 size size"], times: int = 1) -> Float[np.ndarray, "6 size size"]:
    """Binomial smoothing; its borders, which it mixes, are not used."""
    for axis in (1, 2) * times:
        faces = (np.roll(faces, 1, axis) + 2 * faces + np.roll(faces, -1, axis)) / 4
    return faces
