"""Houses, churches, towers and their roofs. Each stands on a `Spot`: its front looks along local -z, to the street.

`lit` is the share of windows with a light behind them. Walls reach SUNK_M into the ground, so that slopes show no gap.
"""

from cyclorama.diorama.colours import Paint, Rgb, scaled
from cyclorama.diorama.noise import Real
from cyclorama.diorama.scene import Dice
from cyclorama.diorama.solids import Solid, makes
from cyclorama.diorama.things.placing import Spot

ROOFS: tuple[Rgb, ...] = (
    (0.36, 0.13, 0.07),
    (0.30, 0.10, 0.06),
    (0.40, 0.19, 0.10),
    (0.13, 0.13, 0.15),
    (0.20, 0.13, 0.09),
)
WALL_PAINTS: dict[str, Rgb] = {
    "white": (0.76, 0.74, 0.69),
    "yellow": (0.72, 0.55, 0.24),
    "pink": (0.68, 0.40, 0.36),
    "blue": (0.28, 0.40, 0.52),
    "red": (0.45, 0.13, 0.09),
    "beige": (0.64, 0.54, 0.40),
    "grey": (0.42, 0.42, 0.41),
    "orange": (0.66, 0.36, 0.18),
    "green": (0.36, 0.45, 0.30),
    "turquoise": (0.26, 0.48, 0.47),
    "brown": (0.34, 0.21, 0.13),
}
"""Weathered wall colours of the words of `colours.PAINTS`."""
BRICKS: tuple[Rgb, ...] = ((0.36, 0.14, 0.09), (0.42, 0.20, 0.12), (0.30, 0.13, 0.10))
STONES: tuple[Rgb, ...] = ((0.52, 0.46, 0.37), (0.44, 0.42, 0.39), (0.58, 0.50, 0.38))
COPPER, SLATE, LEAD, GOLD = (0.19, 0.36, 0.29), (0.13, 0.135, 0.15), (0.22, 0.23, 0.24), (0.75, 0.52, 0.14)
GLASS: tuple[Rgb, ...] = ((0.20, 0.30, 0.38), (0.16, 0.25, 0.29), (0.30, 0.33, 0.35), (0.14, 0.20, 0.30))
GABLES = {
    "brick cottage": "brick gable",
    "brick facade": "brick gable",
    "warehouse": "brick gable",
    "stone cottage": "rubble gable",
    "timber cottage": "timber gable",
}
"""What the ends of roofs are built of over these walls; plaster over all others."""
CLOCK_FACE, PANE_GLOW = (0.80, 0.78, 0.70), 0.9
SUNK_M = 0.6


def wall_paint(word: str) -> Paint:
    """The wall colour that captions call by this word."""
    return Paint(word, WALL_PAINTS[word])


def gable_roof(spot: Spot, wide: Real, deep: Real, eaves: Real, rise: Real, roof: Rgb, wall: Solid) -> list[Solid]:
    """A roof with its ridge along local z: tiles that reach over the walls, and the walls' own gables at both ends."""
    over = 0.38
    lift = rise * over / wide
    tiles = (wide + over, (rise + lift) / 2, deep + 0.02)
    gable = Solid(
        "gable",
        spot.point(0, eaves + (rise - 0.22) / 2, 0),
        (wide - 0.02, (rise - 0.22) / 2, deep + 0.05),
        wall.colour,
        GABLES.get(wall.material, "plaster gable"),
        yaw_deg=spot.yaw_deg,
        glow=wall.glow,
        seed=wall.seed,
        colour_word=wall.colour_word,
    )
    centre = (0, eaves - lift + (rise + lift) / 2 + 0.06, 0)
    return [gable, spot.solid("gable", centre, tiles, roof, "roof tiles", seed=wall.seed)]


@makes("house")
def cottage(
    dice: Dice, spot: Spot, paint: Paint, half: tuple[Real, Real], tall: Real, *, lit: Real, material: str, roof: Rgb
) -> list[Solid]:
    """A house with a pitched roof, a chimney and on some a dormer; the ridge runs along or across the street."""
    wide, deep = half
    seed, roof = dice.uniform(0, 60), dice.shade(roof, 0.2)
    word = "" if material in ("stone cottage", "brick cottage") else paint.word
    walls = spot.box(
        (0, (tall - SUNK_M) / 2, 0),
        (wide, (tall + SUNK_M) / 2, deep),
        dice.shade(paint.rgb, 0.08),
        material,
        glow=lit,
        seed=seed,
        colour_word=word,
    )
    across = dice.uniform() < 0.5
    under, w, d = (spot, wide, deep) if across else (spot.beside(0, 0, turn_deg=90), deep, wide)
    rise = w * dice.uniform(0.85, 1.15)
    solids = [walls, *gable_roof(under, w, d, tall, rise, roof, walls)]
    brick, side = dice.shade(dice.choice(BRICKS)), dice.choice((-1, 1))
    stack = under.box((0.35 * w, tall + rise * 0.82, 0.62 * d * side), (0.34, 0.85, 0.34), brick, "brick", seed=seed)
    pot = under.pole((0.35 * w, tall + rise * 0.82 + 0.98, 0.62 * d * side), 0.13, 0.2, scaled(brick, 1.3))
    solids += [stack, pot]
    if not across:
        solids += _dormer(spot, (-0.3 * wide * side, tall, -deep * 0.72), roof, walls)
    return solids


def _dormer(spot: Spot, place: tuple[Real, Real, Real], roof: Rgb, wall: Solid) -> list[Solid]:
    """A window under its own little roof on the front slope."""
    x, y, z = place
    glow = PANE_GLOW if wall.glow > 0.3 else 0.0
    pane = (1.0, 0.62, 0.26) if glow else (0.07, 0.09, 0.11)
    return [
        spot.box((x, y + 0.75, z + 0.5), (0.75, 0.75, 1.0), wall.colour, "plaster", seed=wall.seed),
        spot.box((x, y + 0.80, z - 0.5), (0.44, 0.42, 0.03), pane, "plain", glow=glow),
        spot.solid("gable", (x, y + 1.86, z + 0.45), (0.98, 0.42, 1.15), roof, "roof tiles", seed=wall.seed),
    ]


@makes("church")
def church(dice: Dice, spot: Spot, *, lit: Real) -> list[Solid]:
    """A nave with tall windows and a tower with a spire at its front."""
    wall = dice.shade(dice.choice((*STONES, WALL_PAINTS["white"])), 0.08)
    seed, roof = dice.uniform(0, 60), dice.shade(dice.choice(ROOFS), 0.15)
    wide, tall, deep, high = dice.uniform(4.4, 5.4), dice.uniform(6.5, 8.0), dice.uniform(9, 12), dice.uniform(13, 18)
    nave = spot.box((0, tall / 2 - 0.3, deep + 2.4), (wide, tall / 2 + 0.3, deep), wall, "church", glow=lit, seed=seed)
    tower = spot.box((0, high / 2 - 0.3, 0), (2.7, high / 2 + 0.3, 2.7), wall, "church", glow=lit, seed=seed + 1)
    cap = dice.choice((COPPER, SLATE, roof))
    solids = [nave, *gable_roof(spot.beside(0, deep + 2.4), wide, deep, tall, wide * 1.15, roof, nave), tower]
    if dice.uniform() < 0.65:
        spire = dice.uniform(4.5, 8.0)
        solids.append(spot.solid("cone", (0, high + spire, 0), (3.3, spire, 3.3), cap, "spire", seed=seed))
        top = high + 2 * spire
    else:
        solids.append(spot.ball((0, high + 0.4, 0), (2.7, 3.0, 2.7), cap, "spire"))
        solids.append(spot.pole((0, high + 3.6, 0), 0.7, 1.0, wall))
        solids.append(spot.solid("cone", (0, high + 5.6, 0), (0.95, 1.1, 0.95), cap, "spire"))
        top = high + 6.6
    clock = spot.point(0, high - 1.7, -2.74)
    dial = Solid("cylinder", clock, (0.95, 0.06, 0.95), CLOCK_FACE, "plain", spot.yaw_deg, 90, glow=0.5 * (lit > 0))
    cross = [
        spot.box((0, top + 0.5, 0), (0.05, 0.75, 0.05), GOLD, "plain"),
        spot.box((0, top + 0.7, 0), (0.32, 0.05, 0.05), GOLD, "plain"),
    ]
    return [*solids, dial, *cross]


@makes("building")
def town_house(
    dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, paint: Paint, *, lit: Real, material: str, crown: str
) -> list[Solid]:
    """A house of several storeys in a row, under the roof that `crown` names: flat, mansard, ridge or gable."""
    wide, deep = half
    seed = dice.uniform(0, 60)
    colour = dice.shade(paint.rgb, 0.08)
    word = paint.word if material in ("facade", "town house") else ""
    centre, size = (0, (tall - SUNK_M) / 2, 0), (wide, (tall + SUNK_M) / 2, deep)
    walls = spot.box(centre, size, colour, material, glow=lit, seed=seed, colour_word=word)
    return [walls, *CROWNS[crown](dice, spot, half, tall, walls)]


def _flat(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, walls: Solid) -> list[Solid]:
    """A parapet and what stands on flat roofs."""
    wide, deep = half
    x = wide * dice.uniform(-0.5, 0.5)
    return [
        spot.box((0, tall + 0.12, 0), (wide + 0.28, 0.16, deep + 0.28), scaled(walls.colour, 0.9), "ashlar"),
        spot.box((x, tall + 1.2, 0.2 * deep), (1.6, 1.1, 1.4), scaled(walls.colour, 0.7), "plaster"),
    ]


def _mansard(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, walls: Solid) -> list[Solid]:
    """A steep storey of slate with dormers, and chimneys."""
    wide, deep = half
    slate = dice.shade(dice.choice((SLATE, LEAD, (0.18, 0.17, 0.19))), 0.15)
    solids = [
        spot.box((0, tall + 0.1, 0), (wide + 0.3, 0.16, deep + 0.3), scaled(walls.colour, 0.95), "ashlar"),
        spot.box((0, tall + 1.35, 0), (wide - 0.45, 1.25, deep - 0.45), slate, "hip tiles", seed=walls.seed),
        spot.solid("gable", (0, tall + 3.1, 0), (deep - 0.4, 0.5, wide - 0.4), slate, "roof tiles", turn_deg=90),
    ]
    count = max(1, round(wide / 2.6))
    glow = PANE_GLOW if walls.glow > 0.3 else 0.0
    pane = (1.0, 0.62, 0.26) if glow else (0.07, 0.09, 0.11)
    for k in range(count):
        x = (2 * (k + 0.5) / count - 1) * wide
        shining = glow * (dice.uniform() < 0.6)
        solids.append(spot.box((x, tall + 1.2, -deep + 0.5), (0.72, 0.95, 0.4), scaled(walls.colour, 0.95), "plaster"))
        front = (x, tall + 1.2, -deep + 0.09)
        solids.append(
            spot.box(front, (0.45, 0.68, 0.03), pane if shining else (0.07, 0.09, 0.11), "plain", glow=shining)
        )
    return solids


def _ridge(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, walls: Solid) -> list[Solid]:
    """A tiled roof with its ridge along the street, and chimneys."""
    wide, deep = half
    roof, brick = dice.shade(dice.choice(ROOFS), 0.2), dice.choice(BRICKS)
    under, rise = spot.beside(0, 0, turn_deg=90), deep * dice.uniform(0.55, 0.8)
    x = wide * dice.uniform(-0.7, 0.7)
    stack = spot.box((x, tall + rise * 0.9, deep * 0.2), (0.5, 1.1, 0.35), brick, "brick")
    return [*gable_roof(under, deep, wide, tall, rise, roof, walls), stack]


def _gabled(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, walls: Solid) -> list[Solid]:
    """A tiled roof whose gable looks at the street."""
    wide, deep = half
    roof = dice.shade(dice.choice(ROOFS), 0.2)
    rise = wide * dice.uniform(0.9, 1.25)
    return gable_roof(spot, wide, deep, tall, rise, roof, walls)


CROWNS = {"flat": _flat, "mansard": _mansard, "ridge": _ridge, "gable": _gabled}


@makes("tower")
def tower(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, *, lit: Real) -> list[Solid]:
    """A high-rise of glass or concrete, some with a narrower top and a mast."""
    wide, deep = half
    glass = dice.uniform() < 0.55
    colour = dice.shade(dice.choice(GLASS if glass else (*STONES, (0.46, 0.45, 0.44))), 0.15)
    material, seed = "glass tower" if glass else "tower", dice.uniform(0, 60)
    solids = [spot.box((0, tall / 2 - 0.3, 0), (wide, tall / 2 + 0.3, deep), colour, material, glow=lit, seed=seed)]
    kind = dice.integer(0, 2)
    if kind > 0:
        up = tall * dice.uniform(0.12, 0.28)
        size = (wide * 0.66, up / 2, deep * 0.66)
        solids.append(spot.box((0, tall + up / 2, 0), size, colour, material, glow=lit, seed=seed + 1))
        tall = tall + up
    if kind == 2:
        solids.append(spot.pole((0, tall + 4, 0), 0.25, 4.0, LEAD))
    return solids


@makes("warehouse")
def warehouse(dice: Dice, spot: Spot, half: tuple[Real, Real], tall: Real, *, lit: Real) -> list[Solid]:
    """A brick store with its gable to the water, gates and a hoist beam."""
    wide, deep = half
    brick, roof = dice.shade(dice.choice(BRICKS), 0.12), dice.shade(dice.choice(ROOFS), 0.15)
    centre, size = (0, (tall - SUNK_M) / 2, 0), (wide, (tall + SUNK_M) / 2, deep)
    walls = spot.box(centre, size, brick, "warehouse", glow=0.5 * lit, seed=dice.uniform(0, 60))
    rise = wide * 0.75
    hoist = spot.box((0, tall + rise * 0.55, -deep - 0.6), (0.12, 0.16, 0.9), (0.08, 0.06, 0.05), "wood")
    return [walls, *gable_roof(spot, wide, deep, tall, rise, roof, walls), hoist]
