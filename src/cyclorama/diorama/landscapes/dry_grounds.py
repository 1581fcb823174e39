"""Albedo of sand, dry grass and bare rock: coasts and islets, dunes, canyons, the savanna."""

import torch
from torch import Tensor

from cyclorama.diorama.colours import Rgb, blend, tint
from cyclorama.diorama.landscapes.site import Shades, Site, dots, specks
from cyclorama.diorama.materials.surface import fade
from cyclorama.diorama.noise import fbm, length, noise, smoothstep

SANDS: Shades = (
    ((0.55, 0.43, 0.27), (0.68, 0.56, 0.37)),
    ((0.62, 0.55, 0.44), (0.74, 0.68, 0.57)),
    ((0.50, 0.35, 0.20), (0.62, 0.46, 0.29)),
)
DUNES: Shades = (
    ((0.55, 0.29, 0.10), (0.70, 0.42, 0.18)),
    ((0.58, 0.38, 0.17), (0.72, 0.52, 0.27)),
    ((0.50, 0.21, 0.08), (0.64, 0.32, 0.14)),
)
STRATA: Shades = (
    ((0.40, 0.15, 0.08), (0.66, 0.36, 0.20)),
    ((0.48, 0.22, 0.11), (0.74, 0.50, 0.32)),
    ((0.34, 0.13, 0.09), (0.60, 0.28, 0.17)),
)
DRY_GRASS: Shades = (
    ((0.25, 0.18, 0.045), (0.50, 0.37, 0.10)),
    ((0.22, 0.18, 0.05), (0.42, 0.34, 0.095)),
    ((0.28, 0.17, 0.04), (0.52, 0.34, 0.08)),
)
WET = (0.5, 0.47, 0.44)


def _beach_sand(site: Site) -> Tensor:
    """Dry sand with faint ripples, darker where the sea wets it, with a line of weed where it last stood."""
    dry = blend(*site.pick(SANDS), 0.5 + 0.5 * site.patch)
    wave = site.height * 26 + 1.4 * fbm(site.flat / 2.3, 2)
    dry = dry * (1 + 0.05 * torch.sin(wave) * fade(site.distance, 0.4))[:, None]
    wet = smoothstep(0.42, 0.10, site.height + 0.05 * noise(site.flat / 3))
    weed = smoothstep(0.07, 0.02, (site.height - 0.52 - 0.10 * noise(site.flat / 4)).abs())
    weed = weed * smoothstep(-0.1, 0.5, noise(site.flat * 1.9)) * fade(site.distance, 0.5)
    dry = _pebbled(site, dry, -0.12, (0.36, 0.31, 0.25))
    hollows = smoothstep(0.30, 0.10, fbm(site.flat * 1.3 + 11, 2).abs()) * fade(site.distance, 0.45)
    dry = dry * (1 - 0.13 * hollows)[:, None]
    return blend(dry, (0.13, 0.11, 0.06), 0.7 * weed) * blend((1.0, 1.0, 1.0), WET, wet)


def _pebbled(site: Site, ground: Tensor, share: float, colour: Rgb) -> Tensor:
    """The ground with pebbles of two sizes scattered in patches."""
    large = dots(site.shifted * 2.6, 0.5) * fade(site.distance, 0.22)
    small = dots(site.shifted * 5.3, 0.5) * fade(site.distance, 0.09) * smoothstep(0.0, 0.2, site.patch + share)
    stone = torch.maximum(large * (site.patch + share > 0.1), small)
    shadow = dots((site.shifted + 0.03) * 2.6, 0.5) * fade(site.distance, 0.22) * (site.patch + share > 0.1)
    ground = ground * (1 - 0.3 * shadow)[:, None]
    return blend(ground, tint(colour, ground) * (0.5 + stone)[:, None], (stone * 4).clamp(0, 0.75))


def _greenery(site: Site) -> Tensor:
    return blend((0.05, 0.14, 0.035), (0.20, 0.30, 0.08), 0.5 + 0.6 * fbm(site.shifted / 13, 3))


def _cliff(site: Site, dark: Rgb, light: Rgb) -> Tensor:
    """Rock in slightly bent layers."""
    bent = site.height + 1.5 * fbm(site.flat / 14, 2)
    coarse = noise(torch.stack([bent * 0.31, 0 * bent + 1.5], -1)) * fade(site.distance, 12.0)
    fine = noise(torch.stack([bent * 1.1, 0 * bent + 4.5], -1)) * fade(site.distance, 2.5)
    layers = 0.5 + 0.28 * coarse + 0.25 * fine + 0.45 * fbm(site.flat / 9, 2)
    return blend(dark, light, layers.clamp(0, 1))


def _coast(site: Site) -> Tensor:
    cover = smoothstep(2.3, 4.6, site.height + 0.9 * site.patch)
    rock = smoothstep(0.80, 0.62, site.steep) * smoothstep(1.5, 4.0, site.height)
    ground = blend(_beach_sand(site), _greenery(site), cover)
    return blend(ground, _cliff(site, (0.22, 0.19, 0.16), (0.44, 0.39, 0.32)), rock)


def _isles(site: Site) -> Tensor:
    cover = smoothstep(1.5, 2.6, site.height + 0.9 * site.patch)
    rock = smoothstep(0.86, 0.68, site.steep) * smoothstep(0.8, 2.4, site.height)
    cliff = _cliff(site, (0.19, 0.17, 0.15), (0.42, 0.38, 0.33))
    shore = _beach_sand(site) if site.relief < 0.65 else _skerry(site)
    return blend(blend(shore, _greenery(site), cover), cliff, rock)


def _skerry(site: Site) -> Tensor:
    """Bare rock with cracks, weed at the water's edge and cushions of grass above."""
    seam = smoothstep(0.09, 0.02, fbm(site.shifted / 3.1, 2).abs()) * fade(site.distance, 0.5)
    rock = blend((0.20, 0.18, 0.165), (0.37, 0.34, 0.31), (0.5 + 0.6 * fbm(site.shifted / 2.4, 3)).clamp(0, 1))
    rock = rock * (1 - 0.25 * seam)[:, None]
    grass = smoothstep(0.05, 0.3, fbm(site.shifted / 4, 3)) * smoothstep(0.5, 0.9, site.height)
    weed = smoothstep(0.35, 0.1, site.height)
    return blend(blend(rock, (0.15, 0.21, 0.06), 0.85 * grass), (0.06, 0.06, 0.025), 0.8 * weed)


def _strata(site: Site) -> Tensor:
    """Level layers of rock, some thick and some thin, with dark streaks of desert varnish down the cliffs."""
    dark, light = site.pick(STRATA)
    bent = site.height + 1.8 * fbm(site.shifted / 90, 2)
    thick = noise(torch.stack([bent / 6.5, 0 * bent + 3.5 + 9 * site.variety(2)], -1))
    thin = noise(torch.stack([bent / 1.1, 0 * bent + 8.5], -1)) * fade(site.distance, 1.6)
    rock = blend(dark, light, (0.5 + 0.85 * thick + 0.35 * thin).clamp(0, 1))
    pale = smoothstep(0.45, 0.62, noise(torch.stack([bent / 9.0, 0 * bent + 5.5], -1)))
    rock = blend(rock, (0.78, 0.62, 0.46), 0.7 * pale)
    streaks = smoothstep(0.15, 0.6, noise(site.flat / 2.1)) * smoothstep(0.75, 0.5, site.steep)
    return rock * (1 - 0.22 * streaks * fade(site.distance, 3.0))[:, None]


def _ripples(site: Site) -> Tensor:
    """Wind ripples: bent stripes that come and go, -1 to 1."""
    wave = site.flat[:, 0] * 0.8 + site.flat[:, 1] * 0.6 + 1.2 * fbm(site.flat / 3, 2)
    return torch.sin(wave * 9) * fade(site.distance, 0.35) * smoothstep(-0.6, 0.4, site.patch)


def _dunes(site: Site) -> Tensor:
    sand = blend(*site.pick(DUNES), 0.5 + 0.5 * site.patch) * (1 + 0.09 * _ripples(site))[:, None]
    sand = _pebbled(site, sand, 0.0, (0.42, 0.26, 0.15))
    mesa = smoothstep(30, 44, site.height) * smoothstep(200, 280, length(site.flat))
    return blend(sand, _strata(site), mesa)


def _canyon(site: Site) -> Tensor:
    pebbles = 0.5 + 0.5 * noise(site.flat * 2.4) * fade(site.distance, 0.4)
    floor = blend((0.34, 0.21, 0.12), (0.50, 0.34, 0.21), (0.6 * pebbles + 0.2 + 0.3 * site.patch).clamp(0, 1))
    floor = _pebbled(site, floor, 0.28, (0.40, 0.27, 0.19))
    floor = blend(floor * 0.55, floor, smoothstep(0.03, 0.30, site.height))
    damp = smoothstep(0.15, 0.4, site.height) * smoothstep(2.2, 0.9, site.height)
    scrub = damp * smoothstep(0.05, 0.35, fbm(site.shifted / 5, 3))
    floor = blend(floor, (0.17, 0.22, 0.07), 0.8 * scrub)
    return blend(floor, _strata(site), smoothstep(1.6, 3.4, site.height + 0.8 * site.patch))


def _savanna(site: Site) -> Tensor:
    """Yellow grass in tufts, paler ridges of it far away, bare red earth between."""
    dark, light = site.pick(DRY_GRASS)
    blades = noise(site.blown * 5.5) * fade(site.distance, 0.18)
    tufts = noise(site.flat * 1.9) * fade(site.distance, 0.5) + 0.6 * noise(site.flat / 1.9) * fade(site.distance, 1.8)
    grass = blend(dark, light, (0.5 + 0.42 * tufts + 0.3 * blades + 0.4 * site.patch).clamp(0, 1))
    clumps = specks(site.flat * 2.3, 0.30) * fade(site.distance, 0.4)
    grass = (
        blend(grass, light, 0.45 * clumps)
        * (1 - 0.22 * specks(site.flat * 3.1 + 5, 0.3) * fade(site.distance, 0.3))[:, None]
    )
    bare = smoothstep(0.30, 0.5, fbm(site.shifted / 11 + 9, 3) - 0.15 * tufts)
    ground = blend(grass, (0.40, 0.22, 0.11), 0.75 * bare)
    bushes = smoothstep(0.28, 0.36, noise(site.flat / 31 - site.offset)) * smoothstep(90, 130, length(site.flat))
    ground = blend(ground, (0.12, 0.13, 0.04), 0.85 * bushes)
    rock = smoothstep(0.86, 0.70, site.steep)
    return blend(ground, _cliff(site, (0.34, 0.20, 0.13), (0.52, 0.38, 0.28)), rock)


DRY_GROUNDS = {"coast": _coast, "isles": _isles, "dunes": _dunes, "canyon": _canyon, "savanna": _savanna}
