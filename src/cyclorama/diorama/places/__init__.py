"""The places: how a scene's seed becomes a world of ground or room, light and things."""

import dataclasses
from collections.abc import Callable
from functools import lru_cache

import torch

from cyclorama.diorama.places.indoors import INDOOR_PLACES
from cyclorama.diorama.places.outdoors import OUTDOOR_PLACES
from cyclorama.diorama.scene import Dice, Layout, Scene, World, light_of
from cyclorama.diorama.solids import Solid

LAYOUTS: dict[str, Callable[[Dice, Scene], Layout]] = {**OUTDOOR_PLACES, **INDOOR_PLACES}


@lru_cache(maxsize=4)
def build(scene: Scene, device: torch.device) -> World:
    """The world of a scene."""
    layout = LAYOUTS[scene.place](Dice(scene.seed * 3 + 11), scene)
    parts = {field.name: getattr(layout, field.name) for field in dataclasses.fields(layout)}
    return World(**parts | {"solids": _numbered(layout.solids)}, scene=scene, sky=light_of(scene, device))


def _numbered(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
    """The solids with groups that count from 0, in the order of their first solid; -1 stays."""
    numbers: dict[int, int] = {}
    for solid in solids:
        if solid.group >= 0:
            numbers.setdefault(solid.group, len(numbers))
    return tuple(dataclasses.replace(s, group=numbers.get(s.group, -1)) for s in solids)


__all__ = ["LAYOUTS", "build"]
