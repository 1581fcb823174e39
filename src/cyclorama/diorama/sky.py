"""Sky and light: what the time of day and the weather do to a scene. Colours are linear light, before tone mapping."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real, fbm, noise, smoothstep

Rgb = tuple[Real, Real, Real]


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
        (7.0, 13.0),
        (1.9, 1.12, 0.86),
        (0.25, 0.36, 0.66),
        (1.0, 0.66, 0.62),
        (0.62, 0.52, 0.72),
        (0.9, 0.55, 0.38),
        (1.0, 0.72, 0.72),
        (0.60, 0.52, 0.58),
        (0.46, 0.44, 0.54),
    ),
    "noon": Palette(
        (48.0, 66.0),
        (1.62, 1.54, 1.38),
        (0.10, 0.27, 0.72),
        (0.52, 0.70, 0.92),
        (0.52, 0.70, 0.92),
        (0.35, 0.33, 0.26),
        (1.25, 1.25, 1.25),
        (0.62, 0.67, 0.72),
        (0.30, 0.38, 0.50),
    ),
    "sunset": Palette(
        (2.5, 6.0),
        (2.1, 0.86, 0.30),
        (0.10, 0.12, 0.36),
        (1.05, 0.42, 0.12),
        (0.34, 0.20, 0.36),
        (1.5, 0.62, 0.14),
        (1.1, 0.42, 0.22),
        (0.50, 0.32, 0.26),
        (0.36, 0.27, 0.31),
    ),
    "night": Palette(
        (28.0, 50.0),
        (0.20, 0.25, 0.40),
        (0.004, 0.008, 0.032),
        (0.018, 0.030, 0.075),
        (0.014, 0.024, 0.06),
        (0.02, 0.025, 0.045),
        (0.05, 0.06, 0.09),
        (0.034, 0.042, 0.070),
        (0.030, 0.042, 0.085),
    ),
}
DIRECT = {"clear": 1.0, "scattered clouds": 0.9, "overcast": 0.06, "fog": 0.10}
VISIBILITY_M = {"clear": 5200.0, "scattered clouds": 3800.0, "overcast": 1500.0, "fog": 75.0}


@dataclass(frozen=True)
class Sky:
    """The light of one scene. `sun_dir` points to the sun or moon; `direct` and `ambient` are RGB irradiances / pi."""

    time: str
    weather: str
    sun_dir: Tensor
    direct: Tensor
    ambient: Tensor
    haze: Tensor
    visibility_m: Real
    offset: Tensor
    coverage: Real

    def colour(self, dirs: Float[Tensor, "n 3"]) -> Float[Tensor, "n 3"]:
        """Radiance of the sky in world directions; below the horizon it continues the horizon's colour."""
        palette = PALETTES[self.time]
        up = dirs[:, 1].clamp(min=0)
        toward = (dirs * self.sun_dir).sum(-1).clamp(-1, 1)
        if self.weather in ("overcast", "fog"):
            return self._covered(dirs, up, toward)
        flat = F.normalize(dirs * _rgb((1.0, 0.0, 1.0), dirs), dim=-1)
        sunward = ((flat * F.normalize(self.sun_dir * _rgb((1.0, 0.0, 1.0), dirs), dim=-1)).sum(-1) * 0.5 + 0.5).clamp(
            min=0
        ) ** 1.5
        horizon = torch.lerp(_rgb(palette.far_horizon, dirs), _rgb(palette.horizon, dirs), sunward[:, None])
        colour = torch.lerp(horizon, _rgb(palette.zenith, dirs), (1 - (1 - up) ** 2.2)[:, None].clamp(0, 1) ** 0.62)
        colour = (
            colour
            + _rgb(palette.glow, dirs)
            * (0.55 * toward.clamp(min=0) ** 24 + 0.25 * toward.clamp(min=0) ** 5)[:, None]
            * (1 - 0.6 * up)[:, None]
        )
        if self.time == "night":
            colour = colour + self._stars(dirs)[:, None]
        colour = colour + self._disc(toward)
        return self._clouds(colour, dirs, toward) if self.weather == "scattered clouds" else colour

    def _disc(self, toward: Tensor) -> Tensor:
        radius = 0.030 if self.time != "night" else 0.034
        angle = torch.acos(toward.clamp(-1, 1))
        disc = smoothstep(radius * 1.15, radius * 0.85, angle)[:, None]
        tint = (
            torch.tensor([0.85, 0.85, 0.78])
            if self.time == "night"
            else self.direct.cpu() / self.direct.cpu().max() * 7
        )
        return disc * tint.to(toward)

    def _stars(self, dirs: Tensor) -> Tensor:
        # stereographic-like chart so that stars keep their size from the horizon to the zenith
        chart = dirs[:, ::2] / (1 + dirs[:, 1].clamp(min=0))[:, None] * 46 + self.offset
        twinkle = noise(chart) + 0.35 * noise(chart * 2.3 + 11)
        return smoothstep(1.0, 1.15, twinkle) * 0.55 * smoothstep(0.02, 0.25, dirs[:, 1])

    def _clouds(self, colour: Tensor, dirs: Tensor, toward: Tensor) -> Tensor:
        palette = PALETTES[self.time]
        chart = dirs[:, ::2] / (dirs[:, 1].clamp(min=0) + 0.16)[:, None] * 1.35 + self.offset
        body = fbm(chart, 5)
        cover = smoothstep(0.06 - self.coverage, 0.46 - self.coverage, body)
        cover = cover * smoothstep(0.01, 0.10, dirs[:, 1])
        lit = (0.5 + 0.5 * smoothstep(0.75, 0.0, fbm(chart + 0.12 * self.sun_dir[[0, 2]], 3) - 0.2))[:, None]
        rim = (toward.clamp(min=0) ** 6 * 0.5)[:, None] * self.direct * 0.4
        cloud = _rgb(palette.cloud, dirs) * (0.42 + 0.62 * lit) + rim
        return torch.lerp(colour, cloud, cover[:, None] * 0.94)

    def _covered(self, dirs: Tensor, up: Tensor, toward: Tensor) -> Tensor:
        palette = PALETTES[self.time]
        grey = _rgb(palette.covered, dirs)
        tint = torch.lerp(grey, _rgb(palette.horizon, dirs), 0.30 if self.time in ("dawn", "sunset") else 0.10)
        if self.weather == "fog":
            return (
                torch.lerp(self.haze.expand_as(dirs), grey * 1.12, smoothstep(0.05, 0.8, up)[:, None])
                + self.direct * (toward.clamp(min=0) ** 8)[:, None] * 0.8
            )
        chart = dirs[:, ::2] / (up + 0.22)[:, None] * 1.1 + self.offset
        body = fbm(chart, 5) * smoothstep(0.0, 0.15, dirs[:, 1])
        base = torch.lerp(tint, grey * 0.78, smoothstep(0.0, 0.6, up)[:, None])
        return base * (1 + 0.30 * body)[:, None] + self.direct * (toward.clamp(min=0) ** 6)[:, None]


def make_sky(time: str, weather: str, generator: torch.Generator, device: torch.device) -> Sky:
    """Draw the sun's azimuth and height, clouds and colours of one sky."""
    palette = PALETTES[time]
    draw = torch.rand(5, generator=generator).tolist()
    low, high = palette.sun_elevation_deg
    elevation, azimuth = math.radians(low + (high - low) * draw[0]), 2 * math.pi * draw[1]
    sun = (math.cos(elevation) * math.sin(azimuth), math.sin(elevation), -math.cos(elevation) * math.cos(azimuth))
    covered = weather in ("overcast", "fog")
    strength = DIRECT[weather]
    haze = (
        palette.covered
        if covered
        else tuple(0.5 * a + 0.5 * b for a, b in zip(palette.horizon, palette.far_horizon, strict=True))
    )
    ambient = tuple((c * 0.95 if covered else a) for c, a in zip(palette.covered, palette.ambient, strict=True))
    if weather == "fog":
        haze = tuple(0.92 * c for c in haze)
    return Sky(
        time,
        weather,
        torch.tensor(sun, device=device),
        torch.tensor(palette.sun, device=device) * strength,
        torch.tensor(ambient, device=device),
        torch.tensor(haze, device=device),
        VISIBILITY_M[weather] * (0.8 + 0.4 * draw[4]),
        torch.tensor([draw[2] * 60, draw[3] * 60], device=device),
        0.05 + 0.12 * draw[2],
    )


def _rgb(colour: Rgb | tuple[Real, ...], like: Tensor) -> Tensor:
    return torch.tensor(colour, dtype=like.dtype, device=like.device)
