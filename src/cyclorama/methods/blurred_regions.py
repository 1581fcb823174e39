"""Where a picture is blurred: where its finest detail is far below what is expected of it.

A picture is halved again and again, and the squared Laplacian of each size is the energy of its octave (a smooth slope
has none in any of them). Two things tell how much energy the finest octave should have:

- its own coarser octaves. Sharp pictures of the same world tell the usual ratio of the finest octave to each coarser
  one; what holds less than `BLURRED` of that is blurred, whatever its shape;
- what lies around it, for blur so strong that it left nothing coarse either: around the middle of a cube face, fine
  detail that ends at one radius in nearly all directions was not ended by the world.

A part without detail at any scale inside or around it, as of a clear sky, promises nothing and is never blurred.
"""

import math

import torch
from einops import rearrange, reduce
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, interpolate, max_pool2d, pad

from cyclorama.geometry.resampling import pixel_centres

NUM_CELLS, FEWEST_CELLS = 32, 12
"""Cells along a side, and how many are the fewest that are worth a repair."""
SMALLEST = 2 * NUM_CELLS
"""Pixels a side of a face in which blur can be looked for."""
COARSEST = 16
"""Octaves of pictures of fewer pixels a side are not looked at."""
NOISE_GAIN = 20.0
"""Of the Laplacian with four neighbours: 4 x 4 + 4."""
BLURRED = 0.15
FAINTEST = (0.6 / 255) ** 2
"""The expected energy of fine detail, of values in [0, 1], under which nothing can be told from 8-bit levels."""
USUAL = 0.25
"""The share of sharp cells that have a lower ratio of fine to coarse energy than the usual one."""
NUM_SECTORS, RING_DEG, NARROWEST_DEG, WIDEST_DEG = 24, 2.0, 8, 42
RINGS_COMPARED, ENDED_IN, DECIDED_IN = 2, 0.85, 0.5
"""How many rings on either side of a radius are compared; detail ends there in so many of the sectors that have any
around it, which are so many of all."""


def blurred_region(
    face: Float[Tensor, "channels size size"], sharp: Float[Tensor, "num channels size size"]
) -> Bool[Tensor, "size size"]:
    """The blurred part of a cube face in [0, 1]; `sharp` are pictures with as many pixels per degree.

    Raises:
        ValueError: for a face of less than 64 pixels a side.
    """
    size = face.shape[-1]
    if size < SMALLEST:
        raise ValueError(f"got a face of {size}x{size} to look for blur in, wanted {SMALLEST} or more a side")
    radius_deg = blurred_cap_deg(face)
    if radius_deg is not None:
        return _radii_deg(size) < radius_deg
    cells = _softer_than_promised(octave_energies(face[None])[0], octave_energies(sharp))
    cells = _framed(cells)
    return interpolate(cells[None, None].float(), (size, size), mode="nearest")[0, 0] > 0


def octave_energies(
    pictures: Float[Tensor, "num channels size size"],
) -> Float[Tensor, "num octaves cells cells"]:
    """Mean squares of each octave in cells, the finest first, each cell averaged with its neighbours."""
    energies = []
    while pictures.shape[-1] >= COARSEST:
        energy, pictures = _split(pictures)
        energies.append(_in_cells(energy))
    return avg_pool2d(torch.cat(energies, 1), 3, stride=1, padding=1, count_include_pad=False)


def blurred_cap_deg(face: Float[Tensor, "channels size size"]) -> float | None:
    """The angle from the middle of a cube face within which all fine detail is gone; None where it fades nowhere."""
    energy = _split(face[None])[0][0, 0]
    rings = _polar_means(energy)
    found = [number for number in range(round(NARROWEST_DEG / RING_DEG), len(rings)) if _ends_at(rings, number)]
    return RING_DEG * (max(found) + 1.5) if found else None


def _split(pictures: Tensor) -> tuple[Float[Tensor, "num 1 size size"], Float[Tensor, "num channels half half"]]:
    """The energy of the finest octave, v for white noise of variance v, and the picture of all coarser ones."""
    inner = pictures[..., 1:-1, 1:-1]
    across = pictures[..., 1:-1, :-2] + pictures[..., 1:-1, 2:]
    along = pictures[..., :-2, 1:-1] + pictures[..., 2:, 1:-1]
    energy = reduce((across + along - 4 * inner).square(), "n c h w -> n 1 h w", "mean") / NOISE_GAIN
    return pad(energy, (1, 1, 1, 1), mode="replicate"), avg_pool2d(pictures, 2, ceil_mode=True)


def _in_cells(energy: Float[Tensor, "num 1 size size"]) -> Float[Tensor, "num 1 cells cells"]:
    if energy.shape[-1] >= NUM_CELLS:
        return adaptive_avg_pool2d(energy, NUM_CELLS)
    return interpolate(energy, (NUM_CELLS, NUM_CELLS), mode="bilinear", align_corners=False)


def _softer_than_promised(
    energies: Float[Tensor, "octaves cells cells"], sharp: Float[Tensor, "num octaves cells cells"]
) -> Bool[Tensor, "cells cells"]:
    expected = (energies[1:] * _usual_ratios(sharp)[:, None, None]).amax(0)
    return _without_specks((energies[0] < BLURRED * expected) & (expected > FAINTEST))


def _usual_ratios(energies: Float[Tensor, "num octaves cells cells"]) -> Float[Tensor, " coarser_octaves"]:
    """The energy of the finest octave over that of each coarser one, in the cells where that has enough."""
    finest, coarser = energies[:, :1], energies[:, 1:]
    ratios = (finest / coarser.clamp(min=FAINTEST)).masked_fill(coarser < FAINTEST, torch.nan)
    return rearrange(ratios, "n k h w -> (n h w) k").nanquantile(USUAL, dim=0).nan_to_num(0.0)


def _without_specks(cells: Bool[Tensor, "cells cells"]) -> Bool[Tensor, "cells cells"]:
    """Cells in blocks of 3 x 3, the gaps between them filled, one cell wider; none if they are few."""
    opened = _grown(_shrunk(cells.float()[None]))
    closed = _shrunk(_grown(opened, 2), 2)
    return _grown(closed)[0] > 0 if closed.sum() >= FEWEST_CELLS else torch.zeros_like(cells)


def _grown(cells: Float[Tensor, "1 cells cells"], by: int = 1) -> Float[Tensor, "1 cells cells"]:
    return max_pool2d(cells, 2 * by + 1, stride=1, padding=by)


def _shrunk(cells: Float[Tensor, "1 cells cells"], by: int = 1) -> Float[Tensor, "1 cells cells"]:
    return 1 - _grown(1 - cells, by)


def _framed(cells: Bool[Tensor, "cells cells"]) -> Bool[Tensor, "cells cells"]:
    """Without the outermost cells, so that a repair always has something to continue."""
    inner = torch.zeros_like(cells)
    inner[1:-1, 1:-1] = cells[1:-1, 1:-1]
    return inner


def _radii_deg(size: int) -> Float[Tensor, "size size"]:
    return torch.rad2deg(torch.atan((2 * pixel_centres(size, size) / size - 1).norm(dim=-1)))


def _polar_means(energy: Float[Tensor, "size size"]) -> Float[Tensor, "rings sectors"]:
    """Means of the energy in rings of `RING_DEG` around the middle, each cut into sectors."""
    size, num_rings = len(energy), round((WIDEST_DEG + RINGS_COMPARED * RING_DEG) / RING_DEG)
    x, y = (2 * pixel_centres(size, size) / size - 1).unbind(-1)
    ring = (_radii_deg(size) / RING_DEG).long()
    sector = ((torch.atan2(y, x) / (2 * math.pi) + 0.5) * NUM_SECTORS).long().clamp(max=NUM_SECTORS - 1)
    inside = ring < num_rings
    bins = (ring * NUM_SECTORS + sector)[inside]
    counts = torch.bincount(bins, minlength=num_rings * NUM_SECTORS)
    sums = torch.zeros(num_rings * NUM_SECTORS).index_add(0, bins, energy[inside])
    return (sums / counts.clamp(min=1)).unflatten(0, (num_rings, NUM_SECTORS))


def _ends_at(rings: Float[Tensor, "rings sectors"], number: int) -> bool:
    """Whether the energy beyond ring `number` ends there in nearly all the sectors that have some around it."""
    around = rings[number + 1 : number + 1 + RINGS_COMPARED].mean(0)
    within = rings[max(number - RINGS_COMPARED, 0) : number].mean(0)
    decided = around > FAINTEST
    ended = (within < BLURRED * around) & decided
    calm = rings[:number].mean() < BLURRED * around.mean()
    return bool(calm and decided.sum() >= DECIDED_IN * NUM_SECTORS and ended.sum() >= ENDED_IN * decided.sum())
