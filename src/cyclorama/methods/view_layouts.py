"""Sets of square views that cover the sphere, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from cyclorama.geometry.rotations import Degrees, rotation_matrix
from cyclorama.geometry.viewsets import rings

SECTORS = 36
"""Equal parts of a full turn; layouts turn by one at every step, and what is made for one step serves them all."""


@dataclass(frozen=True)
class ViewLayout:
    """Rings (pitch_deg, count) of upright views of `fov_deg`; all turn by `turn_deg` of yaw at every step."""

    rings: tuple[tuple[Degrees, int], ...]
    fov_deg: Degrees
    turn_deg: Degrees = 0.0

    @property
    def num_views(self) -> int:
        return sum(count for _, count in self.rings)

    def rotations(self, step: int) -> Float[np.ndarray, "views 3 3"]:
        """The views' `cam_to_world` at a step."""
        return rotation_matrix(yaw_deg=self.turn_deg * step) @ rings(dict(self.rings))


_POLES = ((90.0, 1), (-90.0, 1))
_TURN_DEG = 360 / SECTORS
LAYOUTS: Mapping[str, ViewLayout] = MappingProxyType(
    {
        "6": ViewLayout(((0.0, 4), *_POLES), 100.0, _TURN_DEG),
        "14": ViewLayout(((0.0, 4), (60.0, 4), (-60.0, 4), *_POLES), 90.0, _TURN_DEG),
        "20": ViewLayout(((0.0, 6), (60.0, 6), (-60.0, 6), *_POLES), 90.0, _TURN_DEG),
        "26": ViewLayout(((0.0, 8), (60.0, 8), (-60.0, 8), *_POLES), 90.0, _TURN_DEG),
        "89": ViewLayout(
            ((0.0, 15), (22.5, 14), (-22.5, 14), (45.0, 11), (-45.0, 11), (67.5, 8), (-67.5, 8), (90.0, 4), (-90.0, 4)),
            80.0,
        ),
    }
)
"""By number of views: those of linear-fusion MultiDiffusion (14 is its own), and SphereDiff's 89, which stand still."""


def find_layout(name: str) -> ViewLayout:
    """The layout of that name.

    Raises:
        ValueError: with the names that there are.
    """
    if name not in LAYOUTS:
        raise ValueError(f"got views {name!r}; wanted one of {', '.join(LAYOUTS)}")
    return LAYOUTS[name]
