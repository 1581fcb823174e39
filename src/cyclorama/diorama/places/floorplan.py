"""Where things can stand and hang in a room, so that nothing stands in a door, hides a window or meets another."""

import torch
from jaxtyping import Float
from torch import Tensor

from cyclorama.diorama.noise import Real
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.rooms.shell import WALLS
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Point, Solid
from cyclorama.diorama.things.placing import Spot

Rectangle = tuple[Real, Real, Real, Real]

DOOR_SWING_M, NUM_TRIES, NUM_EYES = 0.9, 24, 240
CLEARANCE_M, LOW_EYE_M, HIGH_EYE_M = 0.86, 1.45, 1.68


def yaw_from(wall: int) -> int:
    """The yaw of a piece that stands with its back at a wall."""
    return (180 + 90 * wall) % 360


def at_wall(room: Room, wall: int, along: Real, away: Real, up: Real = 0.0) -> Spot:
    """The spot `along` a wall from its middle and `away` from it, looking into the room."""
    out = room.reach(wall) - away
    x, z = ((along, -out), (out, along), (-along, out), (-out, -along))[wall]
    return Spot(x, z, yaw_from(wall), up)


class FloorPlan:
    """Rectangles (low x, low z, high x, high z) of the floor and (u, v) of each wall that are taken."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.floor: list[Rectangle] = []
        self.walls: dict[int, list[Rectangle]] = {wall: [] for wall in WALLS}
        for panel in room.panels:
            self.hung(panel)

    def hung(self, panel: Panel) -> None:
        """Take a panel's part of its wall, and the floor before a door."""
        if panel.wall not in self.walls:
            return
        (u, v), (half_u, half_v) = panel.centre, panel.half
        margin = panel.frame + 0.03
        self.walls[panel.wall].append(
            (u - half_u - margin, v - half_v - margin, u + half_u + margin, v + half_v + margin)
        )
        if panel.kind == "door":
            spot = at_wall(self.room, panel.wall, u, DOOR_SWING_M / 2)
            self.floor.append(self._around(spot, panel.wall, 2 * half_u + 0.1, DOOR_SWING_M))

    def against(
        self,
        dice: Dice,
        wall: int,
        width: Real,
        depth: Real,
        top: Real,
        *,
        bottom: Real = 0.0,
        near: Real | None = None,
        gap: Real = 0.04,
    ) -> Spot | None:
        """Take a place at a wall for a piece up to `top` metres high, nearest to `near`; None if there is none."""
        reach = self.room.width(wall) / 2 - width / 2 - 0.03
        if reach < 0:
            return None
        tries = [dice.uniform(-reach, reach) for _ in range(NUM_TRIES)]
        if near is not None:
            steps = [-reach + 2 * reach * k / (2 * NUM_TRIES) for k in range(2 * NUM_TRIES + 1)]
            tries = sorted([*steps, min(max(near, -reach), reach)], key=lambda u: abs(u - near))
        for along in tries:
            on_wall = (along - width / 2, bottom, along + width / 2, top)
            if self._taken(self.walls[wall], on_wall, 0.0):
                continue
            spot = at_wall(self.room, wall, along, depth / 2 + 0.01)
            on_floor = self._around(spot, wall, width, depth)
            if not self._taken(self.floor, on_floor, gap):
                self.walls[wall].append(on_wall)
                self.floor.append(on_floor)
                return spot
        return None

    def hang(
        self, dice: Dice, wall: int, half: tuple[Real, Real], level: Real, *, near: Real | None = None
    ) -> Real | None:
        """Take a place on a wall for a panel whose middle is at `level`; where it is along the wall."""
        reach = self.room.width(wall) / 2 - half[0] - 0.15
        if reach < 0:
            return None
        tries = [dice.uniform(-reach, reach) for _ in range(NUM_TRIES)]
        for along in tries if near is None else [near, *sorted(tries, key=lambda u: abs(u - near))]:
            place = (along - half[0] - 0.1, level - half[1] - 0.1, along + half[0] + 0.1, level + half[1] + 0.1)
            if abs(along) <= reach and not self._taken(self.walls[wall], place, 0.0):
                self.walls[wall].append(place)
                return along
        return None

    def stand(self, x: Real, z: Real, half_x: Real, half_z: Real, *, gap: Real = 0.05) -> bool:
        """Take a place away from the walls; False if it is not free."""
        place = (x - half_x, z - half_z, x + half_x, z + half_z)
        inside = abs(x) + half_x <= self.room.half_x - 0.02 and abs(z) + half_z <= self.room.half_z - 0.02
        if not inside or self._taken(self.floor, place, gap):
            return False
        self.floor.append(place)
        return True

    def corner(self, dice: Dice, half: Real) -> Spot | None:
        """Take one of the free corners."""
        signs = [(x, z) for x in (-1, 1) for z in (-1, 1)]
        start = dice.integer(0, 3)
        for x, z in signs[start:] + signs[:start]:
            place = x * (self.room.half_x - half - 0.06), z * (self.room.half_z - half - 0.06)
            if self.stand(*place, half, half):
                return Spot(*place, dice.uniform(0, 360))
        return None

    def _around(self, spot: Spot, wall: int, width: Real, depth: Real) -> Rectangle:
        half_x, half_z = (width / 2, depth / 2) if wall % 2 == 0 else (depth / 2, width / 2)
        return spot.x - half_x, spot.z - half_z, spot.x + half_x, spot.z + half_z

    @staticmethod
    def _taken(rectangles: list[Rectangle], place: Rectangle, gap: Real) -> bool:
        low_u, low_v, high_u, high_v = place
        return any(
            low_u < right + gap and left < high_u + gap and low_v < top + gap and bottom < high_v + gap
            for left, bottom, right, top in rectangles
        )


def clear_eye(dice: Dice, room: Room, solids: list[Solid], *, spread: Real = 0.75) -> Point:
    """An eye drawn from the middle part of the room that is nowhere within CLEARANCE_M of a solid or a wall."""
    height = dice.uniform(LOW_EYE_M, HIGH_EYE_M)
    reach = (max(spread * room.half_x, 0.3), max(spread * room.half_z, 0.3))
    flat = torch.rand(NUM_EYES, 2, generator=dice.generator) * 2 - 1
    eyes = torch.stack([flat[:, 0] * reach[0], torch.full((NUM_EYES,), height), flat[:, 1] * reach[1]], -1)
    clear = torch.minimum(_from_walls(room, eyes), clearance(solids, eyes))
    # first come, first served among those that are clear; a little beyond the least is better
    best = (
        int((clear >= CLEARANCE_M + 0.1).float().argmax())
        if (clear >= CLEARANCE_M + 0.1).any()
        else int(clear.argmax())
    )
    x, y, z = eyes[best].tolist()
    return x, y, z


def _from_walls(room: Room, eyes: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
    sides = torch.minimum(room.half_x - eyes[:, 0].abs(), room.half_z - eyes[:, 2].abs())
    for a, b, c in room.slopes:
        sides = torch.minimum(sides, c - a * eyes[:, 0] - b * eyes[:, 1])
    return sides


def clearance(solids: list[Solid], eyes: Float[Tensor, "n 3"]) -> Float[Tensor, " n"]:
    """Metres from each eye to the box around the nearest solid."""
    least = torch.full((len(eyes),), torch.inf)
    for solid in solids:
        local = (eyes - torch.tensor(solid.centre)) @ solid.to_world()
        beyond = (local.abs() - torch.tensor(solid.size)).clamp(min=0)
        least = torch.minimum(least, beyond.norm(dim=-1))
    return least
