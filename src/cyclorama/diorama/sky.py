"""Sky and light: what the time of day and the weather do to a scene. Colours are linear light, before tone mapping."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, scaled, tint
from cyclorama.diorama.noise import Real, fbm, noise, smoothstep


@dataclass(frozen=True)
class Palette:
    """Light of one time of day: sun (or moon), sky gradient and the grey of a covered sky."""

    sun_elevation_deg: tuple[Real, Real]
    sun: Rgb
    zenith: Rgb
    horizon: Rgb
    far_horizon: Rgb
    glow: Rgb
    cloud: Rgb
    covered: Rgb
    ambient: Rgb


PALETTES = {
    "dawn": Palette(
        sun_elevation_deg=(7.0, 13.0),
        sun=(1.9, 1.12, 0.86),
        zenith=(0.25, 0.36, 0.66),
        horizon=(1.0, 0.66, 0.62),
        far_horizon=(0.62, 0.52, 0.72),
        glow=(0.9, 0.55, 0.38),
        cloud=(1.0, 0.72, 0.72),
        covered=(0.60, 0.52, 0.58),
        ambient=(0.46, 0.44, 0.54),
    ),
    "noon": Palette(
        sun_elevation_deg=(48.0, 66.0),
        sun=(1.62, 1.54, 1.38),
        zenith=(0.10, 0.27, 0.72),
        horizon=(0.52, 0.70, 0.92),
        far_horizon=(0.52, 0.70, 0.92),
        glow=(0.35, 0.33, 0.26),
        cloud=(1.25, 1.25, 1.25),
        covered=(0.62, 0.67, 0.72),
        ambient=(0.30, 0.38, 0.50),
    ),
    "sunset": Palette(
        sun_elevation_deg=(2.5, 6.0),
        sun=(2.1, 0.86, 0.30),
        zenith=(0.10, 0.12, 0.36),
        horizon=(1.05, 0.42, 0.12),
        far_horizon=(0.34, 0.20, 0.36),
        glow=(1.5, 0.62, 0.14),
        cloud=(1.1, 0.42, 0.22),
        covered=(0.50, 0.32, 0.26),
        ambient=(0.36, 0.27, 0.31),
    ),
    "night": Palette(
        sun_elevation_deg=(28.0, 50.0),
        sun=(0.20, 0.25, 0.40),
        zenith=(0.004, 0.008, 0.032),
        horizon=(0.018, 0.030, 0.075),
        far_horizon=(0.014, 0.024, 0.06),
        glow=(0.02, 0.025, 0.045),
        cloud=(0.05, 0.06, 0.09),
        covered=(0.034, 0.042, 0.070),
        ambient=(0.030, 0.042, 0.085),
    ),
}
DIRECT = {"clear": 1.0, "scattered clouds": 0.9, "overcast": 0.06, "fog": 0.10}
MOON = (0.85, 0.85, 0.78)
VISIBILITY_M = {"clear": 5200.0, "scattered clouds": 3800.0, "overcast": 1500.0, "fog": 75.0}


@dataclass(frozen=True)
class Sky:
    """The light of one scene. `sun_dir` points to the sun or moon; `direct` and `ambient` are RGB irradiances / pi.

    `haze` is the colour of thick air, `offset` moves clouds and stars, `coverage` is how much the clouds are widened.
    """

    time: str
    weather: str
    sun_dir: Float[Tensor, "3"]
    direct: Float[Tensor, "3"]
    ambient: Float[Tensor, "3"]
    haze: Float[Tensor, "3"]
    visibility_m: Real
    offset: Float[Tensor, "2"]
    coverage: Real

    @property
    def palette(self) -> Palette:
        return PALETTES[self.time]

    def colour(self, dirs: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """Radiance of the sky in world directions; below the horizon it continues the horizon's colour."""
        toward = (dirs * self.sun_dir).sum(-1).clamp(-1, 1)
        if self.weather == "fog":
            return self._fog(dirs, toward)
        if self.weather == "overcast":
            return self._overcast(dirs, toward)
        colour = self._gradient(dirs) + self._glow(dirs, toward)
        if self.time == "night":
            colour = colour + self._stars(dirs)[:, None]
        colour = colour + self._disc(toward)
        return self._clouds(colour, dirs, toward) if self.weather == "scattered clouds" else colour

    def _gradient(self, dirs: Tensor) -> Tensor:
        """From the horizon's colour, which differs toward the sun and away from it, to the zenith's."""
        level = tint((1.0, 0.0, 1.0), dirs)
        facing = (F.normalize(dirs * level, dim=-1) * F.normalize(self.sun_dir * level, dim=-1)).sum(-1)
        sunward = (facing * 0.5 + 0.5).clamp(min=0) ** 1.5
        horizon = torch.lerp(tint(self.palette.far_horizon, dirs), tint(self.palette.horizon, dirs), sunward[:, None])
        rise = (1 - (1 - _upward(dirs)) ** 2.2)[:, None].clamp(0, 1) ** 0.62
        return torch.lerp(horizon, tint(self.palette.zenith, dirs), rise)

    def _glow(self, dirs: Tensor, toward: Tensor) -> Tensor:
        """Bright air around the sun: a narrow and a wide lobe, weaker high up."""
        halo = 0.55 * toward.clamp(min=0) ** 24 + 0.25 * toward.clamp(min=0) ** 5
        return tint(self.palette.glow, dirs) * halo[:, None] * (1 - 0.6 * _upward(dirs))[:, None]

    def _disc(self, toward: Tensor) -> Tensor:
        radius = 0.034 if self.time == "night" else 0.030
        disc = smoothstep(radius * 1.15, radius * 0.85, torch.acos(toward.clamp(-1, 1)))[:, None]
        light = tint(MOON, toward) if self.time == "night" else self.direct / self.direct.max() * 7
        return disc * light

    def _stars(self, dirs: Tensor) -> Tensor:
        # a stereographic chart, so that stars keep their size from the horizon to the zenith
        chart = dirs[:, ::2] / (1 + _upward(dirs))[:, None] * 46 + self.offset
        twinkle = noise(chart) + 0.35 * noise(chart * 2.3 + 11)
        return smoothstep(1.0, 1.15, twinkle) * 0.55 * smoothstep(0.02, 0.25, dirs[:, 1])

    def _clouds(self, colour: Tensor, dirs: Tensor, toward: Tensor) -> Tensor:
        chart = dirs[:, ::2] / (_upward(dirs) + 0.16)[:, None] * 1.35 + self.offset
        cover = smoothstep(0.06 - self.coverage, 0.46 - self.coverage, fbm(chart, 5))
        cover = cover * smoothstep(0.01, 0.10, dirs[:, 1])
        thickness_sunward = fbm(chart + 0.12 * self.sun_dir[[0, 2]], 3)
        lit = (0.5 + 0.5 * smoothstep(0.75, 0.0, thickness_sunward - 0.2))[:, None]
        rim = (toward.clamp(min=0) ** 6 * 0.5)[:, None] * self.direct * 0.4
        cloud = tint(self.palette.cloud, dirs) * (0.42 + 0.62 * lit) + rim
        return torch.lerp(colour, cloud, cover[:, None] * 0.94)

    def _fog(self, dirs: Tensor, toward: Tensor) -> Tensor:
        above = tint(self.palette.covered, dirs) * 1.12
        veil = torch.lerp(self.haze.expand_as(dirs), above, smoothstep(0.05, 0.8, _upward(dirs))[:, None])
        return veil + self.direct * (toward.clamp(min=0) ** 8)[:, None] * 0.8

    def _overcast(self, dirs: Tensor, toward: Tensor) -> Tensor:
        up, grey = _upward(dirs), tint(self.palette.covered, dirs)
        warmth = 0.30 if self.time in ("dawn", "sunset") else 0.10
        horizon = torch.lerp(grey, tint(self.palette.horizon, dirs), warmth)
        chart = dirs[:, ::2] / (up + 0.22)[:, None] * 1.1 + self.offset
        body = fbm(chart, 5) * smoothstep(0.0, 0.15, dirs[:, 1])
        base = torch.lerp(horizon, grey * 0.78, smoothstep(0.0, 0.6, up)[:, None])
        return base * (1 + 0.30 * body)[:, None] + self.direct * (toward.clamp(min=0) ** 6)[:, None]


def _upward(dirs: Tensor) -> Tensor:
    return dirs[:, 1].clamp(min=0)


def make_sky(time: str, weather: str, generator: torch.Generator, device: torch.device) -> Sky:
    """Draw the sun's azimuth and height, clouds and colours of one sky."""
    palette = PALETTES[time]
    height, azimuth, cloud_x, cloud_z, clearness = torch.rand(5, generator=generator).tolist()
    low, high = palette.sun_elevation_deg
    sun_dir = _direction(math.radians(low + (high - low) * height), 2 * math.pi * azimuth)
    haze, ambient = _air(palette, weather)
    return Sky(
        time=time,
        weather=weather,
        sun_dir=torch.tensor(sun_dir, device=device),
        direct=torch.tensor(palette.sun, device=device) * DIRECT[weather],
        ambient=torch.tensor(ambient, device=device),
        haze=torch.tensor(haze, device=device),
        visibility_m=VISIBILITY_M[weather] * (0.8 + 0.4 * clearness),
        offset=torch.tensor([cloud_x * 60, cloud_z * 60], device=device),
        coverage=0.05 + 0.12 * cloud_x,
    )


def _direction(elevation: float, azimuth: float) -> tuple[float, float, float]:
    across = math.cos(elevation)
    return across * math.sin(azimuth), math.sin(elevation), -across * math.cos(azimuth)


def _air(palette: Palette, weather: str) -> tuple[Rgb, Rgb]:
    """Haze and ambient light: under a covered sky both take its grey."""
    if weather == "fog":
        return scaled(palette.covered, 0.92), scaled(palette.covered, 0.95)
    if weather == "overcast":
        return palette.covered, scaled(palette.covered, 0.95)
    (r, g, b), (far_r, far_g, far_b) = palette.horizon, palette.far_horizon
    return (0.5 * r + 0.5 * far_r, 0.5 * g + 0.5 * far_g, 0.5 * b + 0.5 * far_b), palette.ambient
