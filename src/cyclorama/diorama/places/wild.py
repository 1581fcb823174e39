"""The natural places."""

from collections.abc import Callable

from cyclorama.diorama.places.drylands import DRY_PLACES
from cyclorama.diorama.places.shores import SHORE_PLACES
from cyclorama.diorama.places.uplands import UPLAND_PLACES
from cyclorama.diorama.scene import Dice, Layout, Scene

WILD_PLACES: dict[str, Callable[[Dice, Scene], Layout]] = {**SHORE_PLACES, **UPLAND_PLACES, **DRY_PLACES}
