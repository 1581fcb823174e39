"""Sets of square views that cover the sphere, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from cyclorama.geometry.rotations import Degrees, rotation_matrix

Gazes = tuple[tuple[Degrees, Degrees], ...]
SECTORS = 36
"""Equal parts of a full turn; layouts turn by one at every step, and what is made for one step serves them all."""
TURN_DEG = 360 / SECTORS


@dataclass(frozen=True)
class ViewLayout:
    """Upright views of `fov_deg` that look along (pitch_deg, yaw_deg); all turn by `turn_deg` of yaw at every step."""

    gazes: Gazes
    fov_deg: Degrees
    turn_deg: Degrees = 0.0

    @property
    def num_views(self) -> int:
        return len(self.gazes)

    def rotations(self, step: int, yaw_deg: Degrees = 0.0) -> Float[np.ndarray, "views 3 3"]:
        """The views' `cam_to_world` at a step; those that turn at all begin at `yaw_deg`."""
        turned = (yaw_deg + step * self.turn_deg) if self.turn_deg else 0.0
        return np.stack([rotation_matrix(yaw + turned, pitch) for pitch, yaw in self.gazes])


def on_rings(*rings: tuple[Degrees, int]) -> Gazes:
    """Rings (pitch_deg, count) of gazes at equal steps of yaw, each from yaw 0."""
    return tuple((pitch, 360 * index / count) for pitch, count in rings for index in range(count))


_POLES = ((90.0, 1), (-90.0, 1))
_PUBLISHED = ((0.0, 15), (22.5, 14), (-22.5, 14), (45.0, 11), (-45.0, 11), (67.5, 8), (-67.5, 8), (90.0, 4), (-90.0, 4))
# fmt: off
_COVERING: Gazes = (
    (90, 0), (64.1, 169.5), (64, -14.2), (63, 99.9), (61.5, -126.3), (60.7, -74.6), (60.3, 44.6), (45.7, 137.6),
    (43.1, -162), (42.5, -34.2), (41.5, 6.1), (41.2, -104), (40.5, 78.5), (36.3, 41.3), (35.4, -66.3),
    (33.8, 168.1), (33.5, 110), (31.9, -136.1), (21.8, -14.2), (19.3, 18.6), (18.7, 139.8), (18.6, -89.7),
    (17.6, 63.2), (16.5, -164.2), (15.5, -43.1), (13.7, -117.1), (13.1, 90.5), (10, 168.2), (7.9, -69),
    (7.5, 117.2), (6.4, 42), (4.5, -142.8), (1.5, 0), (-4.3, -26.3), (-6.2, -97.1), (-6.2, 145.1), (-7.1, 70.3),
    (-9.1, -170.4), (-10.5, 22), (-12.6, -52.2), (-13.2, 97.1), (-14.1, -122.5), (-17.3, -78.4), (-17.9, 125.1),
    (-18.9, 167), (-19, 51.2), (-21.8, -150.7), (-22.1, -6.2), (-32.4, -34.4), (-34.2, 23.7), (-34.6, -101.8),
    (-34.7, 80.2), (-36.7, 148.3), (-39.8, -174.8), (-40, 112.2), (-40.6, -65.2), (-40.9, -134.3), (-46.9, 53.4),
    (-49, -6.9), (-59.5, 149.4), (-60.1, -96.4), (-62.3, -44.5), (-62.9, -154.4), (-63.7, 94.2), (-65, 22),
    (-88.9, -161.5),
)
# fmt: on
"""Every direction is within 16.1 degrees of one of these, as of SphereDiff's 89 within 16.3; fewer than 61 cannot do
that. Points that repel one another, then linear programs for the largest of their circumradii."""
LAYOUTS: Mapping[str, ViewLayout] = MappingProxyType(
    {
        "6": ViewLayout(on_rings((0.0, 4), *_POLES), 100.0, TURN_DEG),
        "14": ViewLayout(on_rings((0.0, 4), (60.0, 4), (-60.0, 4), *_POLES), 100.0, TURN_DEG),
        "20": ViewLayout(on_rings((0.0, 6), (60.0, 6), (-60.0, 6), *_POLES), 90.0, TURN_DEG),
        "26": ViewLayout(on_rings((0.0, 8), (60.0, 8), (-60.0, 8), *_POLES), 90.0, TURN_DEG),
        "66": ViewLayout(_COVERING, 80.0, TURN_DEG),
        "89": ViewLayout(on_rings(*_PUBLISHED), 80.0),
    }
)
"""By number of views: those of linear-fusion MultiDiffusion (its own are 14 of 90 degrees, which at the horizon only
touch; here they overlap), SphereDiff's 89, which stand still, and 66 that are no farther from any direction."""


def find_layout(name: str) -> ViewLayout:
    """The layout of that name.

    Raises:
        ValueError: with the names that there are.
    """
    if name not in LAYOUTS:
        raise ValueError(f"got views {name!r}; wanted one of {', '.join(LAYOUTS)}")
    return LAYOUTS[name]
