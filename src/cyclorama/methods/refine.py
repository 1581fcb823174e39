"""Pole repair: the up and the down face of a panorama are repainted by a perspective model, which knows no pole.

DiT360 (CVPR 2026) repairs its training panoramas so: the panorama becomes cube faces, the middle of the up and of the
down face is cleared and painted anew, and the faces go back. Here only what was cleared goes back, everything else
keeps its bits; and instead of the middle half, what is blurred can be looked for and cleared.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import interpolate

from cyclorama.geometry.cubemap import FACE_ROTATIONS, FACES
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.perspective import Perspective
from cyclorama.geometry.reprojection import equirect_to_cubemap, reproject
from cyclorama.methods.blurred_regions import SMALLEST, blurred_region
from cyclorama.methods.masked_sampling import repaint
from cyclorama.models.protocol import Capabilities, Model

POLES, REGIONS = ("up", "down"), ("centre", "blurred")
CLEARED = (0.25, 0.75)
"""The published part of a face's rows and columns: 256 to 768 of 1024."""
FINER = 1.3
"""A face with more than so many pixels for one of the panorama at its pole is averaged before it goes back."""
SIDES = slice(FACES.index("front"), FACES.index("left") + 1)
PLANNED_SIZE = 256
GAZES = {"up": "looking up", "down": "looking down"}
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Refined:
    """A repaired panorama in [0, 1], float32 on the CPU; where it may differ from the one before; the faces repainted.

    `faces` is empty where no blur was found: the panorama is then the one before.
    """

    panorama: Float[Tensor, "3 height width"]
    mask: Bool[Tensor, "height width"]
    faces: tuple[str, ...]


def refine_poles(
    model: Model,
    panorama: Float[Tensor, "3 height width"],
    prompt: str,
    *,
    seed: int,
    faces: Sequence[str] = POLES,
    region: str = "centre",
    face_size: int | None = None,
    num_steps: int | None = None,
    guidance_scale: float | None = None,
    progress: Progress | None = None,
) -> Refined:
    """The panorama with its poles painted anew by a model of perspective pictures.

    `region` "centre" clears the middle half of a face, "blurred" what `blurred_regions` finds. The prompt describes the
    whole panorama. `face_size` None is the model's own size or, if that is more, what the panorama shows at a pole.
    `progress(done, total)` is called after every evaluation.

    Raises:
        ValueError: for a panorama that is not 2:1, a model of panoramas, an unknown face or region, an impossible size.
    """
    _check_panorama(panorama)
    _check_perspective(model.capabilities)
    size = face_size or default_face_size(model.capabilities, panorama.shape[-1])
    before = panorama.detach().float().cpu()
    cube = equirect_to_cubemap(before, size)
    cleared = {face: mask for face, mask in clear(before, size, faces, region).items() if mask.any()}
    after, changed = before, torch.zeros(before.shape[-2:], dtype=torch.bool)
    for number, (face, mask) in enumerate(cleared.items()):
        index = FACES.index(face)
        painted = repaint(
            model,
            cube[index],
            mask.float(),
            look_at_pole(prompt, face),
            seed=seed + index,
            num_steps=num_steps,
            guidance_scale=guidance_scale,
            progress=_counted(progress, number, len(cleared)),
        )
        after, part = paint_on_sphere(after, painted, mask, face)
        changed |= part
    return Refined(after, changed, tuple(cleared))


def clear(
    panorama: Float[Tensor, "3 height width"], size: int, faces: Sequence[str], region: str
) -> dict[str, Bool[Tensor, "_ _"]]:
    """The part of each face, of `size` pixels, to paint anew.

    Raises:
        ValueError: for an unknown face or region, and for no face.
    """
    if not faces or not set(faces) <= set(POLES):
        raise ValueError(f"got faces {', '.join(faces) or 'none'}; wanted up, down or both")
    if region == "centre":
        return {face: _middle(size) for face in faces}
    if region == "blurred":
        cube = equirect_to_cubemap(panorama, max(SMALLEST, math.ceil(panorama.shape[-1] / math.pi)))
        found = {face: blurred_region(cube[FACES.index(face)], cube[SIDES]) for face in faces}
        return {face: _at_size(mask[None].float(), size)[0] > 0.5 for face, mask in found.items()}
    raise ValueError(f"got region {region!r}; wanted {' or '.join(REGIONS)}")


def paint_on_sphere(
    panorama: Float[Tensor, "3 height width"],
    painted: Float[Tensor, "3 size size"],
    mask: Bool[Tensor, "size size"],
    face: str,
) -> tuple[Float[Tensor, "3 height width"], Bool[Tensor, "height width"]]:
    """The panorama with the masked part of a face on it, and which pixels that touched; the others keep their bits."""
    side = min(mask.shape[-1], math.ceil(FINER * panorama.shape[-1] / math.pi))
    as_mask, face_picture = _at_size(mask[None].float(), side), _at_size(painted, side)
    camera, target = Perspective(side, side, 90), Equirect(*panorama.shape[-2:])
    turned = FACE_ROTATIONS[FACES.index(face)].T
    share = reproject(as_mask, camera, target, rotation=turned, antialias=False)[0].clamp(0, 1)
    values = reproject(face_picture, camera, target, rotation=turned, mode="bicubic", antialias=False).clamp(0, 1)
    touched = share > 0
    return torch.where(touched, torch.lerp(panorama, values, share), panorama), touched


def _at_size(picture: Float[Tensor, "channels size size"], side: int) -> Float[Tensor, "channels side side"]:
    """The picture averaged to `side` pixels, which is nothing new where it has so many."""
    if picture.shape[-1] == side:
        return picture
    return interpolate(picture[None], (side, side), mode="bilinear", antialias=True, align_corners=False)[0]


def default_face_size(capabilities: Capabilities, width: int) -> int:
    """The pixels of a face: the model's own size, or as many as a panorama of that width has around a pole."""
    unit = capabilities.token_multiple
    wanted = max(min(capabilities.native_size), width / math.pi)
    return math.ceil(wanted / unit) * unit


def look_at_pole(prompt: str, face: str) -> str:
    """The panorama's prompt for a picture straight up or down."""
    said = prompt.strip().rstrip(".").rstrip()
    return f"{said}, {GAZES[face]}" if said else GAZES[face]


def _middle(size: int) -> Bool[Tensor, "size size"]:
    part = slice(*(round(end * size) for end in CLEARED))
    mask = torch.zeros(size, size, dtype=torch.bool)
    mask[part, part] = True
    return mask


def _check_panorama(panorama: Float[Tensor, "3 height width"]) -> None:
    height, width = panorama.shape[-2:]
    if width != 2 * height:
        raise ValueError(f"got a picture of {height}x{width}; wanted a panorama, twice as wide as high")


def _check_perspective(capabilities: Capabilities) -> None:
    if capabilities.trained_on != "perspective":
        raise ValueError(
            f"got {capabilities.name}, which paints panoramas; wanted a model of perspective pictures: load it with "
            'lora="none"'
        )


def _counted(progress: Progress | None, number: int, count: int) -> Progress | None:
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, count * total)


def plan_repair(
    panorama: Float[Tensor, "3 height width"], *, faces: Sequence[str], region: str, face_size: int | None = None
) -> dict[str, float]:
    """How much of each face would be painted anew, 0 to 1. Raises what `clear` raises, and for what is not 2:1."""
    _check_panorama(panorama)
    cleared = clear(panorama.float(), face_size or PLANNED_SIZE, faces, region)
    return {face: round(float(mask.float().mean()), 4) for face, mask in cleared.items()}
