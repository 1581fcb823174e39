"""Fronts of cupboards, ovens, screens and fires: boxes whose face at local -z shows something."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend, tint
from cyclorama.diorama.materials.patterns import cell, edge, footprint, line, seams
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import fbm, noise, smoothstep

DOOR_M, DRAWER_M = 0.5, 0.24
BRASS, CHROME, DARK_GLASS = (0.50, 0.38, 0.16), (0.55, 0.56, 0.57), (0.02, 0.022, 0.026)


def _front(at: Surface) -> Tensor:
    return (at.local[:, 2] < -0.98).to(at.local)


def _parts(at: Surface, axis: int, width: float) -> tuple[Tensor, Tensor, Tensor]:
    """A side cut into equal parts of about `width`: the part's number, metres from its middle, half its width."""
    parts = (2 * at.size[:, axis] / width).round().clamp(min=1)
    half = at.size[:, axis] / parts
    place = at.metres[:, axis] + at.size[:, axis]
    number = torch.floor(place / (2 * half)).clamp(min=0)
    return number, place - (2 * number + 1) * half, half


def _cabinet(at: Surface) -> Finish:
    """Doors with a sunken field and a knob."""
    pixel = footprint(at.distance)
    number, u, half = _parts(at, 0, DOOR_M)
    inner = torch.minimum(half - u.abs(), at.size[:, 1] - at.metres[:, 1].abs())
    gap, rim = line(inner, 0.005, pixel), line(inner - 0.07, 0.010, pixel)
    streak = 0.07 * fbm(torch.stack([at.metres[:, 0] * 14 + 3 * number, at.metres[:, 1] * 1.2], -1), 2)
    shade = streak - 0.75 * gap - 0.28 * rim * (1 + 0.5 * (at.metres[:, 1] > 0)) - 0.05 * (inner > 0.07)
    side = torch.where(torch.remainder(number, 2.0) > 0.5, -1.0, 1.0)
    knob_y = torch.where(at.points[:, 1] - at.metres[:, 1] > 1.2, -0.6, 0.6) * at.size[:, 1]
    away = ((u - side * (half - 0.05)) ** 2 + (at.metres[:, 1] - knob_y) ** 2).sqrt()
    colour = blend(varied(at.base, shade), CHROME, edge(away, 0.016, pixel))
    return Finish(torch.where(_front(at)[:, None] > 0, colour, varied(at.base, streak)))


def _drawers(at: Surface) -> Finish:
    """Drawers with bar handles."""
    pixel = footprint(at.distance)
    number, v, half = _parts(at, 1, DRAWER_M)
    inner = torch.minimum(half - v.abs(), at.size[:, 0] - at.metres[:, 0].abs())
    streak = 0.08 * fbm(torch.stack([at.metres[:, 0] * 1.4, at.metres[:, 1] * 16 + 5 * number], -1), 2)
    shade = streak - 0.7 * line(inner, 0.006, pixel) - 0.2 * line(inner - 0.03, 0.004, pixel)
    handle = line(v, 0.010, pixel) * edge(at.metres[:, 0], at.size[:, 0] * 0.28, pixel)
    colour = blend(varied(at.base, shade - 0.25 * line(v + 0.02, 0.01, pixel) * (handle == 0)), BRASS, handle)
    return Finish(torch.where(_front(at)[:, None] > 0, colour, varied(at.base, streak)))


def _stove(at: Surface) -> Finish:
    """An oven door with its window, a row of knobs, and four rings on top."""
    pixel, (x, y, z) = footprint(at.distance), at.metres.unbind(-1)
    glass = edge(x, at.size[:, 0] * 0.72, pixel) * edge(y + 0.08, at.size[:, 1] * 0.42, pixel)
    bar = edge(x, at.size[:, 0] * 0.8, pixel) * line(y - 0.56 * at.size[:, 1], 0.014, pixel)
    knob_x = x - torch.round(x / 0.11) * 0.11
    knobs = edge((knob_x**2 + (y - 0.78 * at.size[:, 1]) ** 2).sqrt(), 0.024, pixel) * (x.abs() < 0.25)
    lit = 0.5 + 0.5 * noise(torch.stack([x * 3, y * 3], -1))
    front = blend(at.base, DARK_GLASS, torch.maximum(glass, knobs))
    front = varied(blend(front, CHROME, bar), 0.3 * lit * glass - 0.5 * line(y - 0.66 * at.size[:, 1], 0.005, pixel))
    u, v = x.abs() - at.size[:, 0] * 0.48, z.abs() - at.size[:, 2] * 0.45
    out = (u * u + v * v).sqrt()
    rings = line(out - 0.085, 0.012, pixel) + line(out - 0.045, 0.010, pixel)
    top = blend(tint((0.03, 0.03, 0.033), x).expand(len(x), 3), (0.22, 0.20, 0.19), rings)
    colour = torch.where(_front(at)[:, None] > 0, front, at.base)
    return Finish(torch.where((at.local[:, 1] > 0.98)[:, None], top, colour))


def _fridge(at: Surface) -> Finish:
    """Two doors with long handles."""
    pixel, (x, y, _) = footprint(at.distance), at.metres.unbind(-1)
    gap = line(y - 0.30 * at.size[:, 1], 0.006, pixel)
    handle = line(x + at.size[:, 0] * 0.78, 0.014, pixel)
    handle = handle * torch.maximum(edge(y - 0.55 * at.size[:, 1], 0.2, pixel), edge(y + 0.05, 0.28, pixel))
    sheen = 0.10 * at.local[:, 1] + 0.07 * torch.sin(2.4 * at.local[:, 0] + 0.6)
    colour = blend(varied(at.base, sheen - 0.7 * gap), CHROME, handle)
    return Finish(torch.where(_front(at)[:, None] > 0, colour, varied(at.base, sheen)))


def _computer(at: Surface) -> Finish:
    """A monitor: windows with lines of text, a chart and a bar; it gives off light while `glow` > 0."""
    pixel, u, v = footprint(at.distance), at.local[:, 0], at.local[:, 1]
    sharp = pixel / at.size[:, 1]
    row = torch.floor(v * 9)
    reach = 0.2 + 0.75 * cell(row, seed=at.seed)
    text = line(v * 9 - row - 0.5, 0.2, sharp * 9) * ((u + 0.88) / 0.95 < reach) * (u > -0.88) * (u < 0.08)
    chart = line(v - 0.35 * torch.sin(u * 6 + at.seed) - 0.05, 0.05, sharp) * (u > 0.2) * (u < 0.9)
    paper = (u > -0.93) * (u < 0.12) * (v.abs() < 0.84) * 1.0
    panel = (u > 0.17) * (u < 0.93) * (v.abs() < 0.7) * 1.0
    wallpaper = blend((0.05, 0.16, 0.34), (0.16, 0.34, 0.42), 0.5 + 0.5 * v)
    light = blend(wallpaper, (0.85, 0.87, 0.88), paper)
    light = blend(light, (0.10, 0.12, 0.16), torch.maximum(panel, text * 0.8))
    light = blend(light, (0.35, 0.80, 0.45), chart)
    on = _front(at) * edge(u, 1 - 0.018 / at.size[:, 0], sharp) * edge(v, 1 - 0.018 / at.size[:, 1], sharp)
    shown = light * (on * at.glow)[:, None]
    return Finish(blend(at.base, DARK_GLASS, on * 0.8), shown)


def _television(at: Surface) -> Finish:
    """Dark glass; while `glow` > 0 it shows hills under a sky."""
    u, v = at.local[:, 0], at.local[:, 1]
    ridge = 0.5 * noise(torch.stack([u * 2.2 + at.seed, at.seed], -1)) - 0.1
    light = blend((0.08, 0.24, 0.50), (0.60, 0.62, 0.60), smoothstep(1.0, -0.2, v))
    light = blend(light, (0.06, 0.16, 0.05), smoothstep(0.03, -0.03, v - ridge))
    light = blend(light, (0.30, 0.24, 0.10), smoothstep(0.03, -0.03, v - 0.6 * ridge + 0.5))
    on = _front(at) * (u.abs() < 0.97) * (v.abs() < 0.95)
    glare = 0.05 * smoothstep(0.5, 0.0, (u + v - 0.4).abs())
    return Finish(blend(at.base, DARK_GLASS, on) + glare[:, None] * on[:, None], light * (on * at.glow)[:, None])


def _fire(at: Surface) -> Finish:
    """Flames before sooty bricks; embers only where `glow` is low."""
    x, y, _ = at.metres.unbind(-1)
    up = (y + at.size[:, 1]) / (2 * at.size[:, 1])
    lick = fbm(torch.stack([x * 7 + at.seed, y * 3.5 - at.seed], -1), 3)
    body = (1 - at.local[:, 0].abs() ** 2) * (0.95 + 0.55 * lick) - up * 1.5
    flame = smoothstep(0.0, 0.5, body)
    core = smoothstep(0.35, 0.9, body)
    light = blend((1.5, 0.26, 0.03), (2.2, 1.3, 0.40), core) * (flame * at.glow)[:, None]
    glow = tint((0.35, 0.09, 0.02), x) * (smoothstep(1.0, 0.0, up) * at.glow * 0.5)[:, None]
    brick = torch.maximum(seams(x, 0.2, 0.006, footprint(at.distance)), seams(y, 0.07, 0.006, footprint(at.distance)))
    return Finish(varied(tint((0.07, 0.05, 0.045), x).expand(len(x), 3), 0.5 * brick), light + glow)


def _panel_light(at: Surface) -> Finish:
    """A flat lamp behind a prismatic cover, in a white rim."""
    rim = torch.maximum(
        at.local[:, 0].abs() * at.size[:, 0] - at.size[:, 0], at.local[:, 2].abs() * at.size[:, 2] - at.size[:, 2]
    )
    cover = smoothstep(-0.03, -0.05, rim)
    grid = 0.06 * noise(at.metres[:, ::2] * 30) * fade(at.distance, 0.1)
    return Finish(at.base, varied(at.base, grid) * (at.glow * cover)[:, None])


APPLIANCES = {
    "cabinet": _cabinet,
    "drawers": _drawers,
    "stove": _stove,
    "fridge": _fridge,
    "computer": _computer,
    "television": _television,
    "fire": _fire,
    "panel light": _panel_light,
}
