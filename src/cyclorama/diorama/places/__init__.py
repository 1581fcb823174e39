"""The places: how a scene's seed becomes a world of ground or room, light and things."""

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch

from cyclorama.diorama.motion import at_time
from cyclorama.diorama.places.indoors import INDOOR_PLACES
from cyclorama.diorama.places.towns import TOWN_PLACES
from cyclorama.diorama.places.wild import WILD_PLACES
from cyclorama.diorama.scene import Dice, Layout, Scene, World, light_of
from cyclorama.diorama.solids import Solid

LAYOUTS: dict[str, Callable[[Dice, Scene], Layout]] = {**WILD_PLACES, **TOWN_PLACES, **INDOOR_PLACES}


@lru_cache(maxsize=4)
def build(scene: Scene, device: torch.device, seconds: float = 0.0) -> World:
    """The world of a scene, `seconds` after its beginning."""
    layout = _layout(scene)
    parts: dict[str, Any] = {field.name: getattr(layout, field.name) for field in dataclasses.fields(layout)}
    parts["solids"] = at_time(layout.solids, seconds)
    return World(**parts, scene=scene, sky=light_of(scene, device, seconds))


@lru_cache(maxsize=4)
def _layout(scene: Scene) -> Layout:
    layout = LAYOUTS[scene.place](Dice(scene.seed * 3 + 11), scene)
    return dataclasses.replace(layout, solids=_numbered(layout.solids))


def _numbered(solids: tuple[Solid, ...]) -> tuple[Solid, ...]:
    """The solids with groups that count from 0, in the order of their first solid; -1 stays."""
    numbers: dict[int, int] = {}
    for solid in solids:
        if solid.group >= 0:
            numbers.setdefault(solid.group, len(numbers))
    return tuple(dataclasses.replace(s, group=numbers.get(s.group, -1)) for s in solids)


__all__ = ["LAYOUTS", "build"]
