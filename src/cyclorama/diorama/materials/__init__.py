"""Materials: how solids look. A rule takes points on solids and says what they do with light."""

from collections.abc import Callable

from cyclorama.diorama.materials.building import BUILDING
from cyclorama.diorama.materials.furnishing import FURNISHING
from cyclorama.diorama.materials.natural import NATURAL
from cyclorama.diorama.materials.surface import Finish, Surface


def _plain(at: Surface) -> Finish:
    return Finish(at.base)


MATERIALS: dict[str, Callable[[Surface], Finish]] = {"plain": _plain, **NATURAL, **BUILDING, **FURNISHING}

__all__ = ["MATERIALS", "Finish", "Surface"]
