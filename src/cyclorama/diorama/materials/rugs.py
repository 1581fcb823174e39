"""Rugs: thin boxes or cylinders with a woven pattern on top, in shades of their own colour and a pale thread."""

from collections.abc import Callable

import torch
from torch import Tensor

from cyclorama.diorama.colours import blend
from cyclorama.diorama.materials.patterns import footprint, line, square
from cyclorama.diorama.materials.surface import Finish, Surface, fade, varied
from cyclorama.diorama.noise import fbm, noise, smoothstep


def _inside(at: Surface) -> Tensor:
    """Metres to the outline of a rectangle."""
    return torch.minimum(at.size[:, 0] - at.metres[:, 0].abs(), at.size[:, 2] - at.metres[:, 2].abs())


def _thread(at: Surface) -> Tensor:
    """A pale colour beside the rug's own."""
    return at.base * 0.35 + 0.38


def _woven(at: Surface, colour: Tensor) -> Finish:
    pile = noise(at.metres[:, ::2] * 55) * fade(at.distance, 0.04)
    worn = fbm(at.metres[:, ::2] * 1.7 + at.seed[:, None], 3)
    return Finish(varied(colour, 0.08 * pile + 0.10 * worn))


def _bordered(at: Surface) -> Finish:
    """A field of small diamonds with a medallion, in two borders, as woven in the east."""
    (u, _, v), pixel, inside = at.metres.unbind(-1), footprint(at.distance), _inside(at)
    thread = _thread(at)
    diamond = square((u + v) / 0.15, pixel / 0.11) * square((u - v) / 0.15, pixel / 0.11)
    colour = blend(at.base, at.base * 0.62, (0.5 + 0.5 * diamond) * 0.7)
    out = (u / (0.45 * at.size[:, 0])).abs() + (v / (0.55 * at.size[:, 2])).abs()
    petals = out + 0.10 * torch.cos(8 * torch.atan2(v, u))
    for limit, shade, amount in ((1.0, thread, 0.85), (0.92, at.base * 0.5, 1.0), (0.70, at.base * 1.25, 1.0)):
        colour = blend(colour, shade, smoothstep(limit + 0.02, limit - 0.02, petals) * amount)
    colour = blend(colour, thread, smoothstep(0.34, 0.30, petals) * 0.9)
    stitch = 0.5 + 0.5 * square((u + v) / 0.07, pixel / 0.05)
    colour = blend(colour, blend(thread, at.base, stitch * 0.8), line(inside - 0.17, 0.06, pixel))
    return _woven(
        at, blend(colour, at.base * 0.4, line(inside - 0.05, 0.02, pixel) + line(inside - 0.27, 0.012, pixel))
    )


def _striped(at: Surface) -> Finish:
    (u, _, _), pixel = at.metres.unbind(-1), footprint(at.distance)
    wide, thin = square(u / 0.2, pixel / 0.2), square(u / 0.05 + 0.5, pixel / 0.05)
    colour = blend(at.base, _thread(at), 0.5 + 0.5 * wide)
    return _woven(at, blend(colour, at.base * 0.6, (0.5 + 0.5 * thin) * 0.3))


def _ringed(at: Surface) -> Finish:
    """Braided rings; on a cylinder they are round."""
    out = (at.local[:, 0] ** 2 + at.local[:, 2] ** 2).sqrt() * at.size[:, 0]
    ring = square(out / 0.13, footprint(at.distance) / 0.13)
    return _woven(at, blend(at.base, _thread(at), (0.5 + 0.5 * ring) * 0.6))


def _shaggy(at: Surface) -> Finish:
    tufts = fbm(at.metres[:, ::2] * 40 + at.seed[:, None], 2) * fade(at.distance, 0.05)
    return Finish(varied(at.base, 0.22 * tufts + 0.07 * fbm(at.metres[:, ::2] * 1.5, 2)))


def _runner(at: Surface) -> Finish:
    """A plain carpet with lines along its border."""
    pixel, inside = footprint(at.distance), _inside(at)
    gold = blend(_thread(at), (0.55, 0.40, 0.14), torch.full_like(inside, 0.7))
    return _woven(at, blend(at.base, gold, line(inside - 0.13, 0.035, pixel) + line(inside - 0.21, 0.01, pixel)))


RUGS: dict[str, Callable[[Surface], Finish]] = {
    "rug": _bordered,
    "striped rug": _striped,
    "braided rug": _ringed,
    "shaggy rug": _shaggy,
    "runner": _runner,
}
