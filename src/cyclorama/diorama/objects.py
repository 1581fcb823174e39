"""Which things a scene's panorama shows: those that cover more than a stated part of the sphere around the eye.

Rays are traced, so what hills, walls and other things hide is not shown. Light is left out: a thing in the dark or in
fog counts as it does at noon. Solids carry the name of their thing (`solids.makes`), panels of rooms one by their kind.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.places import build
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.scene import Scene
from cyclorama.diorama.tracing import ROOM, SKY, trace
from cyclorama.geometry.equirect import Equirect, solid_angles
from cyclorama.geometry.resampling import camera_dirs

OBJECTS = (
    "palm",
    "pine",
    "tree",
    "cactus",
    "rock",
    "bench",
    "street lamp",
    "fountain",
    "building",
    "sofa",
    "table",
    "floor lamp",
    "plant",
    "bookshelf",
    "column",
    "bust",
    "painting",
    "window",
    "door",
)
KINDS = {"tree": ("palm", "pine")}
"""What else counts as a thing: a palm is shown as a palm and as a tree."""
OF_PANEL = {"picture": "painting", "window": "window", "door": "door"}
SMALLEST_SHARE = 0.001
"""Of the sphere: 0.0126 steradians, a square of 6.4 degrees; all things of one name together."""


def visible_objects(scene: Scene, *, height: int = 64) -> tuple[str, ...]:
    """The things, in the order of OBJECTS, that cover at least SMALLEST_SHARE of the sphere as seen from the eye.

    One ray goes through each pixel's centre of a panorama of `height` rows.
    """
    shares = object_shares(scene, height=height)
    return tuple(name for name in OBJECTS if shares[name] >= SMALLEST_SHARE)


@torch.no_grad()
def object_shares(scene: Scene, *, height: int = 64) -> dict[str, float]:
    """The share of the sphere, 0 to 1, that each of OBJECTS covers as seen from the scene's eye."""
    world = build(scene, torch.device("cpu"))
    eye = torch.tensor(world.eye)
    rays = rearrange(camera_dirs(Equirect(height, 2 * height)), "h w c -> (h w) c").float()
    weights = solid_angles(height, dtype=torch.float64).flatten()
    weights = weights / weights.sum()
    skyline = None if world.terrain is None else Skyline.of(world.terrain, eye, num_azimuths=2 * height)
    what = trace(world, skyline, eye, rays).what
    shares: dict[str, float] = dict.fromkeys(OBJECTS, 0.0)
    for index, weight in enumerate(_weight_of_each(what, weights, len(world.solids))):
        shares[world.solids[index].thing] += weight
    if world.room is not None:
        _add_panels(shares, world.room, eye, rays, torch.where((what == ROOM) | (what == SKY), weights, 0.0))
    for thing, kinds in KINDS.items():
        shares[thing] += sum(shares[kind] for kind in kinds)
    return shares


def _weight_of_each(what: Tensor, weights: Tensor, num_solids: int) -> list[float]:
    met = what >= 0
    return torch.zeros(num_solids, dtype=weights.dtype).index_add(0, what[met], weights[met]).tolist()


def _add_panels(
    shares: dict[str, float], room: Room, eye: Float[Tensor, "3"], rays: Float[Tensor, "n 3"], weights: Tensor
) -> None:
    """Add the parts of the walls, and of the view out of their windows, that panels take up."""
    distance, side = room.exit(eye.expand_as(rays), rays)
    points = eye + distance[:, None] * rays
    for panel in room.panels:
        u, v = room.on_panel(panel, points)
        inside = (side == panel.wall) & (u.abs() < 1) & (v.abs() < 1)
        shares[OF_PANEL[panel.kind]] += float(weights[inside].sum())
