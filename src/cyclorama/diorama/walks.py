"""Camera paths through a scene that meet nothing: walks, straight lines, orbits, and looks around from one place.

Poses are `cam_to_world` of level cameras, EYE_HEIGHT_M above the ground, on dry ground of at most 35 degrees. Nothing
but that ground is nearer to the eye than CLEARANCE_M (free_space.py says how that is known), at rest: things that move
may come closer.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.free_space import CLEARANCE_M, FreeSpace, feels_free, free_space, ground_under, near_solids
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places import build
from cyclorama.diorama.scene import EYE_HEIGHT_M, Dice, Scene, World
from cyclorama.geometry.poses import look_at, pose
from cyclorama.geometry.rotations import rotation
from cyclorama.geometry.trajectories import line, orbit, spline

STRIDE_M = 0.2
SHARPEST_M = {"outdoors": 1.5, "indoors": 0.5}  # radius of the tightest turn
NUM_TURNS = 5  # that the walker chooses from at each stride, from full left to full right
NUM_STARTS, NUM_TRIES, FEWEST_TRIES, SPARE_STRIDES = 600, 40, 4, 2000
FARTHEST_M, ROOM_TO_TURN_M = 40.0, 4.0
STRIDES_PER_KEY = 4
STRIDES_OF_CALM = 4  # heights and headings are means over so many strides before and after

Place = tuple[float, float]


@dataclass(frozen=True)
class Stand:
    """A walker at (x, z) metres, heading to the right of the front in radians, with its turn per stride."""

    x: float
    z: float
    heading: float
    turn: int

    def onward(self, turn: int, radius_m: Real) -> "Stand":
        """One stride on, half of the turn before it and half after it."""
        angle = (turn - NUM_TURNS // 2) / (NUM_TURNS // 2) * STRIDE_M / radius_m
        middle = self.heading + angle / 2
        x, z = self.x + STRIDE_M * math.sin(middle), self.z - STRIDE_M * math.cos(middle)
        return Stand(x, z, self.heading + angle, turn)

    @property
    def cell(self) -> tuple[int, int, int, int]:
        """What tells apart stands that may go on differently."""
        heading = round(self.heading / (2 * math.pi) * 24) % 24
        return round(self.x / STRIDE_M * 2), round(self.z / STRIDE_M * 2), heading, self.turn


def free_walk(scene: Scene, *, length_m: Real, num_poses: int, seed: int = 0) -> Float[Tensor, "n 4 4"]:
    """A smooth walk of that length near the scene's eye, in steps of equal length, looking ahead.

    Raises ValueError for a length that is not positive, fewer than two poses, and where no such walk is found.
    """
    _check(length_m, num_poses)
    world, dice = build(scene, torch.device("cpu")), _dice(scene, seed)
    space = _space(world, length_m)
    num_strides = max(2, math.ceil(length_m / STRIDE_M))
    tries = max(FEWEST_TRIES, min(NUM_TRIES, SPARE_STRIDES * 20 // num_strides))
    for place in _starts(space, world, dice, tries=tries):
        stands = _wander(space, place, num_strides, dice, _sharpest(world))
        if stands:
            walk = spline(_keys(world, stands), num_poses, constant_speed=True)
            if _is_free(world, walk[:, :3, 3]):
                return walk
    raise _none_found("walk", scene, length_m)


def straight_line(scene: Scene, *, length_m: Real, num_poses: int, seed: int = 0) -> Float[Tensor, "n 4 4"]:
    """Straight on near the scene's eye, looking ahead. Raises ValueError as `free_walk`."""
    _check(length_m, num_poses)
    world, dice = build(scene, torch.device("cpu")), _dice(scene, seed)
    space = _space(world, length_m)
    for x, z in _starts(space, world, dice):
        heading = dice.uniform(0, 2 * math.pi)
        for turned in range(16):
            angle = heading + turned * math.pi / 8
            end = x + length_m * math.sin(angle), z - length_m * math.cos(angle)
            if not all(point in space for point in _between((x, z), end, length_m)):
                continue
            start_eye, end_eye = _eyes(world, torch.tensor([(x, z), end])).unbind(0)
            ahead = (end_eye - start_eye) * torch.tensor([1.0, 0.0, 1.0])
            path = line(look_at(start_eye, start_eye + ahead), look_at(end_eye, end_eye + ahead), num_poses)
            path = _on_ground(world, path)
            if _is_free(world, path[:, :3, 3]):
                return path
    raise _none_found("straight line", scene, length_m)


def circle(scene: Scene, *, length_m: Real, num_poses: int, seed: int = 0) -> Float[Tensor, "n 4 4"]:
    """Once round a circle of that circumference, looking at its middle. Raises ValueError as `free_walk`."""
    _check(length_m, num_poses)
    world, dice = build(scene, torch.device("cpu")), _dice(scene, seed)
    space, radius = _space(world, length_m), length_m / (2 * math.pi)
    for x, z in _starts(space, world, dice, tries=NUM_STARTS):
        round_ = (2 * math.pi * k / 48 for k in range(48))
        if all((x + radius * math.sin(a), z + radius * math.cos(a)) in space for a in round_):
            path = orbit(num_poses, radius=radius, centre=_eyes(world, torch.tensor([[x, z]]))[0])
            path = _on_ground(world, path)
            if _is_free(world, path[:, :3, 3]):
                return path
    raise _none_found("circle", scene, length_m)


def look_around(scene: Scene, *, length_m: Real, num_poses: int, seed: int = 0) -> Float[Tensor, "n 4 4"]:
    """Once around from the scene's own eye, to the right, from the front on; the length is not used, nor the seed.

    Raises ValueError for fewer than two poses.
    """
    _check(1, num_poses)
    eye = torch.tensor([float(along) for along in build(scene, torch.device("cpu")).eye])
    turns = [rotation(yaw_deg=360 * k / num_poses) for k in range(num_poses)]
    return torch.stack([pose(turn.to(eye), eye) for turn in turns])


MOVES: dict[str, Callable[..., Float[Tensor, "n 4 4"]]] = {
    "walk": free_walk,
    "line": straight_line,
    "orbit": circle,
    "look-around": look_around,
}


def _check(length_m: Real, num_poses: int) -> None:
    if not 0 < length_m < math.inf:
        raise ValueError(f"got a path of {length_m} m, wanted more than 0 and not infinite")
    if num_poses < 2:
        raise ValueError(f"got {num_poses} poses, wanted at least 2")


def _none_found(what: str, scene: Scene, length_m: Real) -> ValueError:
    return ValueError(
        f"found no free {what} of {length_m:g} m in the {scene.place} of seed {scene.seed} ({CLEARANCE_M} m from all "
        "things); ask for a shorter one or another seed"
    )


def _dice(scene: Scene, seed: int) -> Dice:
    return Dice((scene.seed * 1009 + seed * 31 + 5) % 2**63)


def _sharpest(world: World) -> float:
    return SHARPEST_M["outdoors" if world.room is None else "indoors"]


def _space(world: World, length_m: Real) -> FreeSpace:
    if world.room is None:
        return free_space(world, reach_m=min(length_m + ROOM_TO_TURN_M, FARTHEST_M))
    across = max(world.room.half_x, world.room.half_z) + math.hypot(*world.eye[::2])
    return free_space(world, reach_m=min(length_m + ROOM_TO_TURN_M, across))


def _starts(space: FreeSpace, world: World, dice: Dice, *, tries: int = NUM_TRIES) -> Iterator[Place]:
    """Free places near the eye, drawn one by one."""
    places = space.nearest(world.eye[0], world.eye[2], NUM_STARTS)
    for _ in range(tries if places else 0):
        yield dice.choice(places)


def _wander(space: FreeSpace, start: Place, num_strides: int, dice: Dice, radius_m: Real) -> list[Stand]:
    """Strides of bounded curvature that stay in the free space: depth first, remembering what leads nowhere."""
    mood = dice.uniform(0, 2 * math.pi), dice.uniform(0.02, 0.06), dice.uniform(0.3, 1.0)
    path = [Stand(*start, dice.uniform(0, 2 * math.pi), NUM_TURNS // 2)]
    choices = [_choices(path[0], 0, mood)]
    hopeless: dict[tuple[int, int, int, int], int] = {}
    for _ in range(2 * num_strides + SPARE_STRIDES):
        if len(path) > num_strides or not path:
            return path
        turn = next(choices[-1], None)
        if turn is None:
            hopeless[path[-1].cell] = num_strides - len(path)
            path.pop()
            choices.pop()
            continue
        ahead = path[-1].onward(turn, radius_m)
        if (ahead.x, ahead.z) in space and hopeless.get(ahead.cell, math.inf) > num_strides - len(path) - 1:
            path.append(ahead)
            choices.append(_choices(ahead, len(path), mood))
    return []


def _choices(stand: Stand, stride: int, mood: tuple[float, float, float]) -> Iterator[int]:
    """The next turns, the liked ones first: a slow swing, and never more than one notch at once."""
    phase, pace, liveliness = mood
    middle = NUM_TURNS // 2
    liked = middle + middle * liveliness * math.sin(phase + 2 * math.pi * pace * stride)
    near = [turn for turn in range(stand.turn - 1, stand.turn + 2) if 0 <= turn < NUM_TURNS]
    return iter(sorted(near, key=lambda turn: abs(turn - liked)))


def _keys(world: World, stands: list[Stand]) -> Float[Tensor, "keys 4 4"]:
    """Poses along the strides, level, headings and heights smoothed; the last stride is a key, too."""
    flat = torch.tensor([(stand.x, stand.z) for stand in stands])
    headings = torch.tensor([(math.sin(stand.heading), -math.cos(stand.heading)) for stand in stands])
    eyes, ahead = _eyes(world, flat), _calm(headings)
    eyes[:, 1] = _calm(eyes[:, 1:2])[:, 0]
    count = max(2, round((len(stands) - 1) / STRIDES_PER_KEY) + 1)
    keys = torch.linspace(0, len(stands) - 1, count).round().long()
    ahead = F.normalize(torch.stack([ahead[:, 0], torch.zeros(len(stands)), ahead[:, 1]], -1), dim=-1)
    return look_at(eyes[keys], eyes[keys] + ahead[keys])


def _calm(values: Float[Tensor, "n axes"]) -> Float[Tensor, "n axes"]:
    width = STRIDES_OF_CALM
    padded = torch.cat([values[:1].expand(width, -1), values, values[-1:].expand(width, -1)])
    return F.avg_pool1d(padded.T[None], 2 * width + 1, stride=1)[0].T


def _eyes(world: World, flat: Float[Tensor, "n 2"]) -> Float[Tensor, "n 3"]:
    return torch.stack([flat[:, 0], ground_under(world, flat) + EYE_HEIGHT_M, flat[:, 1]], -1)


def _on_ground(world: World, path: Float[Tensor, "n 4 4"]) -> Float[Tensor, "n 4 4"]:
    """The poses at eye height above the ground under them."""
    return pose(path[:, :3, :3], _eyes(world, path[:, [0, 2], 3]))


def _between(start: Place, end: Place, length_m: Real) -> Iterator[Place]:
    count = max(2, math.ceil(length_m / STRIDE_M))
    for k in range(count + 1):
        part = k / count
        yield start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])


def _is_free(world: World, eyes: Float[Tensor, "n 3"]) -> bool:
    """Whether the final path, and what lies between its poses, keeps the clearance, and eyes stay above the ground."""
    steps = max(1, math.ceil(float((eyes[1:] - eyes[:-1]).norm(dim=-1).max()) / (STRIDE_M / 2)))
    part = (torch.arange(steps) / steps)[None, :, None]
    dense = torch.cat([torch.lerp(eyes[:-1, None], eyes[1:, None], part).flatten(0, 1), eyes[-1:]])
    flat = dense[:, ::2]
    ground = ground_under(world, flat)
    low, high = EYE_HEIGHT_M - 0.4, EYE_HEIGHT_M + 0.4
    if not bool(((dense[:, 1] - ground > low) & (dense[:, 1] - ground < high)).all()):
        return False
    return not bool(near_solids(world.solids, flat, ground, CLEARANCE_M).any()) and feels_free(world, dense)
