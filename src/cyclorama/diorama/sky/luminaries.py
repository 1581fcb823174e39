"""Sun and moon: their discs and the glow of the air around them."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.colours import Rgb, tint
from cyclorama.diorama.noise import Real, fbm, smoothstep

SUN_RADIUS, MOON_RADIUS = 0.024, 0.034
WIDE, NARROW = 0.030, 0.0025
EARTHSHINE = 0.035


def glow(dirs: Float[Tensor, "n 3"], sun_dir: Float[Tensor, "3"], colour: Rgb) -> Float[Tensor, "n 3"]:
    """Bright air around the sun or moon: a wide and a narrow halo."""
    apart = 1 - (dirs @ sun_dir).clamp(-1, 1)
    halo = 0.55 * WIDE / (WIDE + apart) + 1.1 * NARROW / (NARROW + apart)
    return halo[:, None] * tint(colour, dirs)


def sun(dirs: Float[Tensor, "n 3"], sun_dir: Float[Tensor, "3"], colour: Rgb) -> Float[Tensor, "n 3"]:
    """The sun's disc, darker toward its rim."""
    radius = (dirs - sun_dir).square().sum(-1) / SUN_RADIUS**2
    return (smoothstep(1.15, 0.8, radius) * (1 - 0.45 * radius.clamp(max=1)))[:, None] * tint(colour, dirs)


def moon(
    colour: Float[Tensor, "n 3"],
    dirs: Float[Tensor, "n 3"],
    moon_dir: Float[Tensor, "3"],
    *,
    phase: Real,
    tilt: Real,
    light: Rgb,
) -> Float[Tensor, "n 3"]:
    """The sky with the moon before it; `phase` is the angle of the light on it: 0 full, +-pi/2 half (radians).

    `tilt` turns the terminator.
    """
    near = ((dirs - moon_dir).square().sum(-1) < (1.2 * MOON_RADIUS) ** 2).nonzero()[:, 0]
    if len(near) == 0:
        return colour
    right = F.normalize(torch.linalg.cross(moon_dir, tint((0.0, 1.0, 0.0), dirs)), dim=0)
    above = torch.linalg.cross(right, moon_dir)
    u, v = dirs[near] @ right / MOON_RADIUS, dirs[near] @ above / MOON_RADIUS
    squared = u * u + v * v
    towards = (1 - squared).clamp(min=0).sqrt()
    turn, lean = torch.tensor(float(phase)), torch.tensor(float(tilt))
    cosine = (u * lean.cos() + v * lean.sin()) * turn.sin() + towards * turn.cos()
    seas = smoothstep(0.0, 0.5, fbm(torch.stack([u, v], -1) * 1.6 + 7.7, 3))
    face = (EARTHSHINE + smoothstep(-0.06, 0.35, cosine)) * (1 - 0.42 * seas) * (0.85 + 0.15 * towards)
    disc = smoothstep(1.12, 0.88, squared)[:, None]
    colour = colour.clone()
    colour[near] = torch.lerp(colour[near], face[:, None] * tint(light, dirs), disc)
    return colour
