"""Sky and light: what the time of day and the weather do to a scene. Colours are linear light, before the exposure."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import tint
from cyclorama.diorama.noise import Real
from cyclorama.diorama.sky.clouds import LOWEST_Y, CloudDraw, cirrus, layers, puffs
from cyclorama.diorama.sky.gradients import gradient_colour, gradient_table, mean_light
from cyclorama.diorama.sky.luminaries import glow, moon, sun
from cyclorama.diorama.sky.palettes import DAYLIGHTS, GRADIENTS, HAZY, WEATHERS, Daylight, light_of_paint
from cyclorama.diorama.sky.stars import star_turn, stars

DEGREES_A_SECOND = 0.02
"""How fast sun, moon and stars move: about five times as fast as the true ones, so that a video shows it."""
LOWEST_SUN_DEG, AIR_LIFT = 1.0, 0.02
RAIN_CONTRAST, SNOW_CONTRAST = 0.22, 0.05


@dataclass(frozen=True)
class SkyDraw:
    """What a seed decides of a sky: where sun or moon begins, its phase, clouds, and the north of the stars."""

    azimuth_deg: Real
    elevation_deg: Real
    phase: Real
    tilt: Real
    north_deg: Real
    clouds: CloudDraw


@dataclass(frozen=True)
class Sky:
    """The light of one scene at one moment, `seconds` after its beginning.

    `sun_dir` points to the sun or moon; `direct` and `ambient` are its and the sky's irradiances / pi. `haze` is the
    colour of thick air all around, `visibility_m` the distance at which 5 % of a thing's contrast is left.
    """

    time: str
    weather: str
    sun_dir: Float[Tensor, "3"]
    direct: Float[Tensor, "3"]
    ambient: Float[Tensor, "3"]
    haze: Float[Tensor, "3"]
    visibility_m: Real
    gradient: Float[Tensor, "1 3 levels sides"]
    draw: SkyDraw
    seconds: Real = 0.0

    @property
    def daylight(self) -> Daylight:
        return DAYLIGHTS[self.time]

    def air(self, dirs: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """Colour of thick air in unit directions: that of the open sky near or behind them, without clouds."""
        x, y, z = dirs.unbind(-1)
        lowered = torch.stack([x, y.clamp(min=0) * WEATHERS[self.weather].air_rise, z], -1)
        return self._open(F.normalize(lowered, dim=-1))

    def colour(self, dirs: Float[Tensor, "n 3"], *, sharp: bool = True) -> Float[Tensor, "n 3"]:
        """Radiance of the sky along unit directions; below the horizon it continues the horizon's colour.

        Without `sharp`, what is smaller than a degree or two (discs, stars) is left out: for mirrors that ripple.
        """
        light = self._open(dirs)
        above = (dirs[:, 1] > LOWEST_Y).nonzero()[:, 0]
        if len(above) and self.weather != "fog":
            light[above] = self._things(light[above], dirs[above], sharp)
        return light

    def _open(self, dirs: Tensor) -> Tensor:
        """Gradient and glow: the sky without anything in it."""
        strength = WEATHERS[self.weather].glow
        light = gradient_colour(self.gradient, dirs, self.sun_dir, lift=AIR_LIFT**2)
        return light + strength * glow(dirs, self.sun_dir, self.daylight.glow)

    def _things(self, light: Tensor, dirs: Tensor, sharp: bool) -> Tensor:
        clouds, now = self.draw.clouds, self.seconds
        if self.weather in ("overcast", "snowfall"):
            contrast = RAIN_CONTRAST if self.weather == "overcast" else SNOW_CONTRAST
            return layers(light, dirs, clouds, now, contrast=contrast)
        if sharp:
            light = self._far_lights(light, dirs)
        if self.weather == "clear":
            return light
        lit, dark = (tint(light_of_paint(p), dirs) for p in (self.daylight.lit_cloud, self.daylight.dark_cloud))
        light = cirrus(light, dirs, clouds, now, lit=lit)
        return puffs(light, dirs, clouds, now, sun=self.sun_dir, lit=lit, dark=dark)

    def _far_lights(self, light: Tensor, dirs: Tensor) -> Tensor:
        """Sun or moon, and the stars."""
        if self.time != "night":
            return light + sun(dirs, self.sun_dir, self.daylight.disc)
        turn = star_turn(self.draw.north_deg, DEGREES_A_SECOND * self.seconds, like=dirs)
        light = light + stars(dirs, turn=turn)
        disc, draw = self.daylight.disc, self.draw
        return moon(light, dirs, self.sun_dir, phase=draw.phase, tilt=draw.tilt, light=disc)


def make_sky(time: str, weather: str, generator: torch.Generator, device: torch.device, *, seconds: Real = 0.0) -> Sky:
    """Draw one sky of a time of day (a key of DAYLIGHTS) and a weather (of WEATHERS), and let `seconds` pass."""
    numbers = torch.rand(12, generator=generator).tolist()
    daylight, kind = DAYLIGHTS[time], WEATHERS[weather]
    draw = _drawn(numbers, daylight, weather)
    table = gradient_table(GRADIENTS[weather][time])
    near, far = kind.visibility_m
    clear_air = HAZY[time] if far > 1000 else 1.0
    ambient = mean_light(table) * kind.ambient * daylight.fill
    return Sky(
        time=time,
        weather=weather,
        sun_dir=torch.tensor(_sun_at(draw, daylight, seconds), device=device),
        direct=torch.tensor(daylight.sun, device=device) * kind.direct,
        ambient=ambient.to(device),
        haze=table[0, :, 1].mean(-1).to(device),
        visibility_m=(near + (far - near) * numbers[5]) * clear_air,
        gradient=table.to(device),
        draw=draw,
        seconds=seconds,
    )


def _drawn(numbers: list[float], daylight: Daylight, weather: str) -> SkyDraw:
    height, azimuth, cover, size, high, _, phase, tilt, x, z, wind, north = numbers
    low, top = daylight.elevation_deg
    blows = 2 * math.pi * wind
    clouds = CloudDraw(
        threshold=0.80 - 0.60 * cover,
        size=0.55 + 0.75 * size,
        cirrus=0.32 * max(0.0, high * 1.4 - 0.4),
        place=(x * 20, z * 20),
        wind=(math.cos(blows), math.sin(blows)),
    )
    return SkyDraw(
        azimuth_deg=360 * azimuth,
        elevation_deg=low + (top - low) * height,
        phase=(phase - 0.5) * 4.0,
        tilt=(tilt - 0.5) * 1.2,
        north_deg=360 * north,
        clouds=clouds,
    )


def _sun_at(draw: SkyDraw, daylight: Daylight, seconds: Real) -> tuple[float, float, float]:
    """Direction of the sun or moon: it goes to the right and rises or sets, but stays above the horizon."""
    turned = DEGREES_A_SECOND * seconds
    elevation = math.radians(min(80.0, max(LOWEST_SUN_DEG, draw.elevation_deg + daylight.climb * turned)))
    azimuth, across = math.radians(draw.azimuth_deg + turned), math.cos(elevation)
    return across * math.sin(azimuth), math.sin(elevation), -across * math.cos(azimuth)
