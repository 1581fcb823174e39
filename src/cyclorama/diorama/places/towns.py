"""Built places outdoors."""

from collections.abc import Callable

from cyclorama.diorama.places.city import city
from cyclorama.diorama.places.harbour import harbour
from cyclorama.diorama.places.ruins import ruins
from cyclorama.diorama.places.village import village
from cyclorama.diorama.scene import Dice, Layout, Scene

TOWN_PLACES: dict[str, Callable[[Dice, Scene], Layout]] = {
    "village": village,
    "city": city,
    "harbour": harbour,
    "ruins": ruins,
}
