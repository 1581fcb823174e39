"""An eye in a world: what comes along its rays, with air, water and sky."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.atmosphere import haze, outside
from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.lighting import shade
from cyclorama.diorama.scene import World
from cyclorama.diorama.sky.snow import falling_snow
from cyclorama.diorama.tracing import SKY, WATER, Hits, trace, trace_mirrored
from cyclorama.diorama.water import water_light


@dataclass(frozen=True)
class Eye:
    """A world, a place in it in metres, and the landscape as that place sees it."""

    world: World
    place: Float[Tensor, "3"]
    skyline: Skyline | None

    @classmethod
    def at(cls, world: World, place: Float[Tensor, "3"], *, pixel_angle: float | None = None) -> "Eye":
        """An eye for rays `pixel_angle` radians apart (None: as fine as a landscape is kept)."""
        if world.terrain is None:
            return cls(world, place, None)
        return cls(world, place, Skyline.of(world.terrain, place, pixel_angle=pixel_angle))

    def look(self, rays: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 3"], Hits]:
        """Linear light that comes along unit rays to the eye, and where it comes from.

        Rays that are near each other in the list had better be near each other in the world: that makes them fast.
        """
        hits = trace(self.world, self.skyline, self.place, rays)
        if self.skyline is None:
            return self._indoors(hits, rays), hits
        light = self._outdoors(self.skyline, hits, rays)
        wet = (hits.what == WATER).nonzero()[:, 0]
        if len(wet):
            seen = hits.where(wet)
            light[wet] = water_light(self.world.sky, self.skyline, seen, rays[wet], self._mirrored)
            light[wet] = haze(self.world.sky, light[wet], seen.distance, rays[wet])
        return falling_snow(self.world.sky, light, rays, hits.distance, eye=self.place), hits

    def _indoors(self, hits: Hits, rays: Tensor) -> Tensor:
        light, sky = torch.zeros_like(rays), self.world.sky
        inside = (hits.what != SKY).nonzero()[:, 0]
        light[inside] = shade(self.world, None, hits.where(inside))
        above = ((hits.what == SKY) & (rays[:, 1] >= 0)).nonzero()[:, 0]
        light[above] = sky.colour(rays[above])
        below = ((hits.what == SKY) & (rays[:, 1] < 0)).nonzero()[:, 0]
        light[below] = outside(sky, rays[below], self.place)
        through = (hits.what == SKY).nonzero()[:, 0]
        light[through] = falling_snow(sky, light[through], rays[through], hits.distance[through], eye=self.place)
        return light

    def _outdoors(self, skyline: Skyline, hits: Hits, rays: Tensor, *, sharp: bool = True) -> Tensor:
        """Sky, land and things through the air; water stays black. A sky that is not `sharp` has no discs and stars."""
        light, sky = torch.zeros_like(rays), self.world.sky
        for met in (hits.what == SKY, (hits.what != SKY) & (hits.what != WATER)):
            at = met.nonzero()[:, 0]
            if len(at) == 0:
                continue
            seen = hits.where(at)
            above = int(seen.what[0]) == SKY
            near = sky.colour(rays[at], sharp=sharp) if above else shade(self.world, skyline, seen)
            light[at] = haze(sky, near, seen.distance, rays[at])
        return light

    def _mirrored(self, origins: Float[Tensor, "n 3"], dirs: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """What rays that leave the water see: sky, land and things, but no second reflection."""
        assert self.skyline is not None
        if len(dirs) == 0:
            return dirs
        twin = self.skyline.mirrored()
        hits = trace_mirrored(self.world, twin, origins, dirs)
        return self._outdoors(twin, hits, dirs, sharp=False)


def look(world: World, eye: Float[Tensor, "3"], rays: Float[Tensor, "n 3"]) -> tuple[Float[Tensor, "n 3"], Hits]:
    """Linear light that comes along unit rays to an eye in metres, and where it comes from."""
    return Eye.at(world, eye).look(rays)
