"""What all indoor places share: windows in rows, paintings on free walls, curtains, rugs, and lamps for the hour."""

from dataclasses import replace

from cyclorama.diorama.colours import PAINTS, Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.places.floorplan import FloorPlan, at_wall, clear_eye
from cyclorama.diorama.rooms.panels import Panel
from cyclorama.diorama.rooms.room import Room
from cyclorama.diorama.scene import Dice, Lamp, Layout, Scene
from cyclorama.diorama.solids import Point, Solid, makes
from cyclorama.diorama.things import decoration
from cyclorama.diorama.things.placing import Spot

LAMPS_LIT = {"noon": 0.0, "dawn": 0.55, "sunset": 0.7, "night": 1.0}
MOST_SOLIDS, SPARE = 120, ("plant", "bust", "curtain", "armchair", "bookshelf", "bench")
DIM_SKIES = ("overcast", "fog", "snowfall")
WARM, NEUTRAL = (1.0, 0.66, 0.34), (1.0, 0.90, 0.76)
OAK, WALNUT, PINE, PAINTED = (
    (0.38, 0.24, 0.13),
    (0.20, 0.11, 0.06),
    (0.52, 0.36, 0.20),
    (0.70, 0.69, 0.65),
)
WOODS = (OAK, WALNUT, PINE, (0.28, 0.14, 0.07), (0.44, 0.30, 0.18))
FRAMES = ((0.40, 0.27, 0.09), (0.06, 0.045, 0.035), (0.24, 0.13, 0.06), (0.68, 0.66, 0.62))
FABRIC_PAINTS = (
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "blue",
    "purple",
    "pink",
    "brown",
    "beige",
    "white",
    "grey",
)


def lit(scene: Scene) -> float:
    """How brightly lamps shine: at night fully, at noon only a little and only under a covered sky."""
    return max(LAMPS_LIT[scene.time], 0.4 if scene.sky in DIM_SKIES else 0.0)


def lamp(place: Point, colour: Rgb, strength: Real) -> Lamp:
    return Lamp(place, scaled(colour, strength))


def paint(dice: Dice, words: tuple[str, ...] = FABRIC_PAINTS) -> Paint:
    """One of the paints, a little lighter or darker than the name's own."""
    chosen = PAINTS[dice.choice(words)]
    return Paint(chosen.word, dice.shade(chosen.rgb, 0.12))


def window_row(
    wall: int,
    width: Real,
    *,
    count: int,
    share: Real,
    low: Real,
    high: Real,
    arched: bool = False,
    bars: tuple[int, int] = (2, 2),
    colour: Rgb = (0.80, 0.79, 0.76),
) -> list[Panel]:
    """`count` equal windows that take up `share` of a wall's width, from `low` to `high` metres above the floor."""
    pitch = width / count
    half = (pitch * share / 2, (high - low) / 2)
    middles = [(k + 0.5) * pitch - width / 2 for k in range(count)]
    return [
        Panel(wall, "window", (u, (low + high) / 2), half, arched=arched, bars=bars, colour=colour) for u in middles
    ]


def door(
    dice: Dice, room: Room, plan: FloorPlan, walls: list[int], *, colour: Rgb, half: tuple[Real, Real] = (0.45, 1.03)
) -> Room:
    """The room with a door on the first of some walls that has space for it; as it was if none has."""
    for wall in walls:
        along = plan.hang(dice, wall, half, half[1])
        if along is not None:
            panel = Panel(wall, "door", (along, half[1]), half, dice.uniform(0, 9), colour=colour)
            plan.hung(panel)
            return replace(room, panels=(*room.panels, panel))
    return room


def hang_paintings(
    dice: Dice,
    room: Room,
    plan: FloorPlan,
    walls: list[int],
    *,
    level: Real = 1.62,
    size: tuple[Real, Real] = (0.3, 0.6),
) -> Room:
    """The room with a painting on each of some walls where there is space."""
    panels = []
    for wall in walls:
        half = (dice.uniform(*size), dice.uniform(size[0], 0.75 * size[1]))
        along = plan.hang(dice, wall, half, level)
        seed, frame = dice.uniform(0, 40), dice.choice(FRAMES)
        if along is not None:
            panels.append(Panel(wall, "painting", (along, level), half, seed, colour=frame))
    return replace(room, panels=(*room.panels, *panels))


def hang(dice: Dice, room: Room, plan: FloorPlan, walls: list[int], panel: Panel, *, near: Real | None = None) -> Room:
    """The room with a panel on the first of the walls that has space at its height."""
    for wall in walls:
        along = plan.hang(dice, wall, panel.half, panel.centre[1], near=near)
        if along is not None:
            return replace(room, panels=(*room.panels, replace(panel, wall=wall, centre=(along, panel.centre[1]))))
    return room


def curtains(dice: Dice, room: Room, chosen: Paint, *, wide: Real = 0.34) -> list[Solid]:
    """Curtains beside every window of the walls."""
    solids = []
    for window in room.windows:
        if window.wall > 3:
            continue
        spot = at_wall(room, window.wall, window.centre[0], 0.08)
        top = min(window.centre[1] + window.half[1] + 0.14, room.height - 0.1)
        bottom = 0.03 if dice.uniform() < 0.8 else window.centre[1] - window.half[1] - 0.15
        solids += decoration.curtains(spot, window.half[0], top=top, bottom=bottom, paint=chosen, wide=wide)
    return solids


def sills(room: Room, colour: Rgb) -> list[Solid]:
    """A board under every window of the walls that does not reach the floor."""
    spots = []
    for window in room.windows:
        bottom = window.centre[1] - window.half[1]
        if window.wall < 4 and bottom > 0.3:
            spots.append((at_wall(room, window.wall, window.centre[0], 0.0, bottom - 0.06), window.half[0] + 0.1))
    return decoration.sills(spots, colour)


@makes("rug")
def rug(spot: Spot, half: tuple[Real, Real], chosen: Paint, style: str, *, seed: Real = 0.0) -> list[Solid]:
    """A rug on the floor: round when it is braided."""
    size = (half[0], 0.008, half[1])
    shape = "cylinder" if style == "braided rug" else "box"
    return [spot.solid(shape, (0, 0.008, 0), size, chosen.rgb, style, colour_word=chosen.word, seed=seed)]


def furnished(dice: Dice, room: Room, solids: list[Solid], lamps: list[Lamp], *, spread: Real = 0.75) -> Layout:
    """The layout, of at most MOST_SOLIDS, with an eye that is clear of everything."""
    kept = _within_budget(solids)
    return Layout(clear_eye(dice, room, kept, spread=spread), tuple(kept), room=room, lamps=tuple(lamps))


def _within_budget(solids: list[Solid]) -> list[Solid]:
    """The solids without the last of the things that a room can spare, as long as they are too many."""
    spare = list(dict.fromkeys(s.group for s in reversed(solids) if s.thing in SPARE))
    for group in spare:
        if len(solids) <= MOST_SOLIDS:
            break
        solids = [s for s in solids if s.group != group]
    return solids
