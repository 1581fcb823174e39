"""Which things are seen: where each stands in a picture, and how much of it they cover.

Rays decide, so what hills, walls and other things hide is not seen. Light is left out: a thing in the dark or in fog
counts as it does at noon. Solids carry the name and number of their thing (`solids.makes`); panels of rooms are
things, too.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from cyclorama.diorama.landscapes.skyline import Skyline
from cyclorama.diorama.places import build
from cyclorama.diorama.render import Render
from cyclorama.diorama.scene import Scene, World
from cyclorama.diorama.sighting import Sighting
from cyclorama.diorama.tracing import ROOM, SKY, trace
from cyclorama.geometry.equirect import Equirect
from cyclorama.geometry.projection import Projection
from cyclorama.geometry.resampling import camera_dirs

OBJECTS = (
    *("palm", "pine", "tree", "cypress", "olive tree", "acacia", "cactus", "bush", "hedge", "rock", "log"),
    *("termite mound", "flowers", "parasol", "campfire", "tent", "boat", "pier", "net", "bollard", "lighthouse"),
    *("fence", "hay bale", "barn", "cow", "sheep", "elephant", "giraffe", "tractor", "windmill", "well", "house"),
    *("church", "tower", "temple", "warehouse", "building", "bench", "street lamp", "fountain", "awning", "car"),
    *("crate", "barrel", "crane", "column", "arch", "wall", "statue", "bust", "sofa", "armchair", "chair", "table"),
    *("desk", "computer", "television", "floor lamp", "table lamp", "ceiling lamp", "chandelier", "candle"),
    *("plant", "pot", "bookshelf", "cabinet", "bed", "wardrobe", "nightstand", "stove", "fridge", "sink"),
    *("counter", "fireplace", "painting", "mirror", "clock", "whiteboard", "window", "door", "curtain", "rug"),
    *("globe", "ladder"),
)
KINDS = {
    "tree": ("palm", "pine", "acacia", "cypress", "olive tree"),
    "building": ("house", "church", "tower", "barn", "temple", "warehouse"),
    "statue": ("bust",),
    "chair": ("armchair",),
}
"""What else counts as a thing: a palm is shown as a palm and as a tree."""
UNNAMED = frozenset({"grass"})
"""Things that captions do not name: they stand everywhere, or are too small."""
SMALLEST_SHARE = 0.001
"""Of the sphere: 0.0126 steradians, a square of 6.4 degrees; all things of one name together."""


@torch.no_grad()
def sightings(
    rendered: Render, world: World, projection: Projection, *, rotation: Float[Tensor, "3 3"] | None = None
) -> tuple[Sighting, ...]:
    """The things that a render of `world` shows, the largest first: one for each group of solids and each panel.

    `projection` and `rotation` (camera to world) are those of the camera that rendered it.
    """
    dirs = camera_dirs(projection)
    rays = camera_dirs(projection, rotation=None if rotation is None else rotation.cpu())
    flat = _Pixels(
        rearrange(dirs, "h w c -> (h w) c"),
        rearrange(rays, "h w c -> (h w) c"),
        rendered.ids.flatten().cpu(),
        rendered.depth.flatten().cpu(),
        _shares_of_pixels(projection).flatten(),
    )
    return _seen(flat, world, _eye_of(rendered, rays, world))


@torch.no_grad()
def sightings_around(scene: Scene, *, height: int = 64) -> tuple[Sighting, ...]:
    """The things that a panorama of `height` rows from the scene's eye shows, without rendering its light."""
    world, panorama = build(scene, torch.device("cpu")), Equirect(height, 2 * height)
    eye, dirs = torch.tensor(world.eye), rearrange(camera_dirs(panorama), "h w c -> (h w) c")
    skyline = None if world.terrain is None else Skyline.of(world.terrain, eye, pixel_angle=panorama.pixel_angle)
    hits = trace(world, skyline, eye, dirs)
    groups = torch.tensor([*(solid.group for solid in world.solids), -1])
    ids = torch.where(hits.what >= 0, groups[hits.what.clamp(min=0)], hits.what)
    return _seen(_Pixels(dirs, dirs, ids, hits.distance, _shares_of_pixels(panorama).flatten()), world, eye)


def visible_objects(scene: Scene, *, height: int = 64) -> tuple[str, ...]:
    """The things, in the order of OBJECTS, that cover at least SMALLEST_SHARE of the sphere as seen from the eye.

    One ray goes through each pixel's centre of a panorama of `height` rows.
    """
    return named_objects(sightings_around(scene, height=height))


def named_objects(seen: Sequence[Sighting]) -> tuple[str, ...]:
    """The names of what is seen, in the order of OBJECTS, of those that together cover at least SMALLEST_SHARE."""
    shares = shares_of(seen)
    return tuple(name for name in OBJECTS if shares[name] >= SMALLEST_SHARE)


def shares_of(seen: Sequence[Sighting]) -> dict[str, float]:
    """The share of the sphere or picture, 0 to 1, that each of OBJECTS covers; a palm counts as a tree, too."""
    shares: dict[str, float] = dict.fromkeys(OBJECTS, 0.0)
    for one in seen:
        shares[one.thing] += one.share
    more = {thing: sum(shares[kind] for kind in kinds) for thing, kinds in KINDS.items()}
    return {thing: share + more.get(thing, 0.0) for thing, share in shares.items()}


@dataclass(frozen=True)
class _Pixels:
    """Directions of pixels in the camera and in the world, what they show, how far, and how much each counts."""

    dirs: Float[Tensor, "n 3"]
    rays: Float[Tensor, "n 3"]
    ids: Int[Tensor, " n"]
    distance: Float[Tensor, " n"]
    share: Float[Tensor, " n"]


def _shares_of_pixels(projection: Projection) -> Float[Tensor, "height width"]:
    """Parts of the sphere for pictures of all of it, equal parts of the picture for others."""
    if projection.covers_sphere:
        return torch.from_numpy(projection.solid_angles()) / (4 * math.pi)
    shown = (camera_dirs(projection) != 0).any(-1).double()
    return shown / shown.sum()


def _eye_of(rendered: Render, rays: Float[Tensor, "height width 3"], world: World) -> Float[Tensor, "3"]:
    """Where the camera stood: one step back from the nearest point."""
    depth = rendered.depth.cpu()
    nearest = int(depth.argmin())
    if not torch.isfinite(depth.flatten()[nearest]):
        return torch.tensor(world.eye)
    point = rendered.points.flatten(1)[:, nearest].cpu()
    return point - depth.flatten()[nearest] * rays.reshape(-1, 3)[nearest]


def _seen(pixels: _Pixels, world: World, eye: Float[Tensor, "3"]) -> tuple[Sighting, ...]:
    groups: dict[int, tuple[str, str]] = {}
    for solid in world.solids:
        if solid.group >= 0:
            _, colour_word = groups.get(solid.group, ("", ""))
            groups[solid.group] = solid.thing, colour_word or solid.colour_word
    rows = _sums(pixels, pixels.ids, pixels.distance, 1 + max(groups, default=-1))
    found = [_sighting(*names, rows[group]) for group, names in groups.items() if rows[group][0] > 0]
    found += _of_room(pixels, world, eye)
    return tuple(sorted((one for one in found if one.thing in OBJECTS), key=lambda one: -one.share))


def _of_room(pixels: _Pixels, world: World, eye: Float[Tensor, "3"]) -> Iterator[Sighting]:
    """Panels, where nothing stands before them; glass of windows counts, too."""
    room = world.room
    if room is None:
        return
    bare = (pixels.ids == ROOM) | (pixels.ids == SKY)
    at = bare.nonzero()[:, 0]
    distance, side = room.exit(eye.expand(len(at), 3), pixels.rays[at])
    points = eye + distance[:, None] * pixels.rays[at]
    here = _Pixels(pixels.dirs[at], pixels.rays[at], pixels.ids[at], distance, pixels.share[at])
    for panel in room.panels:
        inside = (side == panel.wall) & (panel.inside(*panel.coordinates(points)) > 0)
        yield from _marked(here, inside, panel.kind, panel.colour_word)


def _marked(pixels: _Pixels, marked: Bool[Tensor, " n"], thing: str, colour_word: str) -> Iterator[Sighting]:
    [row] = _sums(pixels, torch.where(marked, 0, -1), pixels.distance, 1)
    if row[0] > 0:
        yield _sighting(thing, colour_word, row)


def _sums(pixels: _Pixels, labels: Int[Tensor, " n"], distance: Float[Tensor, " n"], count: int) -> list[list[float]]:
    """For each label share, share-weighted direction (x, y, z) and share-weighted distance, summed over its pixels."""
    at = (labels >= 0).nonzero()[:, 0]
    values = torch.cat([torch.ones(len(at), 1), pixels.dirs[at], distance[at, None]], -1).double()
    sums = torch.zeros(count, values.shape[1], dtype=torch.float64)
    return sums.index_add(0, labels[at], values * pixels.share[at, None]).tolist()


def _sighting(thing: str, colour_word: str, sums: list[float]) -> Sighting:
    share, x, y, z, distance = sums
    yaw, pitch = math.atan2(x, -z), math.atan2(y, math.hypot(x, z))
    return Sighting(thing, colour_word, share, math.degrees(yaw), math.degrees(pitch), distance / share)
