"""What the sky looks like, by weather and time of day, as a painter would mix it.

Gradients are rows of (elevation in degrees, colour): the side of the sky below the sun, and the side away from it. The
colours are those of the finished picture (hexadecimal display values); `light_of_paint` gives the light that is shown
as them.
"""

import math
from dataclasses import dataclass

from cyclorama.diorama.colours import Rgb
from cyclorama.diorama.exposure import light_shown_as
from cyclorama.diorama.noise import Real

Stops = tuple[tuple[Real, str], ...]


@dataclass(frozen=True)
class Gradient:
    """Colours from the horizon to the zenith; the last stops of both sides are the same."""

    sunward: Stops
    away: Stops


@dataclass(frozen=True)
class Daylight:
    """A time of day: sun or moon (`elevation_deg` from, to; its light over pi; its glow in the air), and cloud colours.

    `climb` is how fast it rises for a degree that it goes around, `fill` how much of the sky's light reaches the land.
    """

    elevation_deg: tuple[Real, Real]
    climb: Real
    sun: Rgb
    disc: Rgb
    glow: Rgb
    fill: Real
    lit_cloud: str
    dark_cloud: str


@dataclass(frozen=True)
class Weather:
    """How much of the sun comes through, of its glow and of the sky's light.

    `visibility_m` is from, to the distance at which 5 % of the contrast is left. `air_rise` says what far things fade
    into: the horizon's colour for 0, the colour of the sky behind them for 1.
    """

    direct: Real
    glow: Real
    ambient: Real
    visibility_m: tuple[Real, Real]
    air_rise: Real = 1.0


DAYLIGHTS = {
    "dawn": Daylight(
        (6.0, 11.0), 0.6, (1.45, 1.10, 0.98), (2.4, 2.1, 1.9), (0.46, 0.35, 0.37), 1.2, "#ffdcd8", "#8d88ae"
    ),
    "noon": Daylight(
        (46.0, 64.0), 0.0, (1.75, 1.66, 1.48), (3.4, 3.3, 3.0), (0.72, 0.70, 0.63), 1.0, "#ffffff", "#8e99ae"
    ),
    "sunset": Daylight(
        (3.5, 7.5), -0.6, (2.0, 0.86, 0.30), (3.0, 1.5, 0.45), (1.3, 0.50, 0.12), 1.6, "#ffa868", "#5c4c6c"
    ),
    "night": Daylight(
        (24.0, 48.0), 0.1, (0.23, 0.28, 0.42), (0.95, 0.95, 0.86), (0.06, 0.07, 0.10), 2.3, "#6c7893", "#1d2740"
    ),
}
WEATHERS = {
    "clear": Weather(1.0, 1.0, 1.0, (13000.0, 20000.0), 0.5),
    "scattered clouds": Weather(0.92, 0.9, 1.15, (9000.0, 15000.0), 0.5),
    "overcast": Weather(0.05, 0.10, 1.12, (3000.0, 5000.0)),
    "fog": Weather(0.06, 0.30, 0.95, (40.0, 75.0)),
    "snowfall": Weather(0.04, 0.06, 1.10, (130.0, 180.0)),
}
HAZY = {"dawn": 0.22, "noon": 1.0, "sunset": 0.6, "night": 0.8}
"""How much less far one sees than at noon when the sky is open: mist lies on the land at dawn."""

BLUE_SKIES = {
    "dawn": Gradient(
        ((0, "#f5dfdc"), (3, "#f3cdd3"), (9, "#e4bbd4"), (20, "#c3b3de"), (42, "#8b9cd2"), (90, "#6583be")),
        ((0, "#a4aecd"), (4, "#b9b0cf"), (11, "#d6b7d0"), (24, "#b0acd6"), (45, "#8094cb"), (90, "#6583be")),
    ),
    "noon": Gradient(
        ((0, "#d3e5f2"), (4, "#b4d5f0"), (12, "#83b9ec"), (30, "#4d93e0"), (60, "#2d74cd"), (90, "#2367c2")),
        ((0, "#c8dff1"), (4, "#a6cef0"), (12, "#70ade9"), (30, "#3c85da"), (60, "#276dc8"), (90, "#2367c2")),
    ),
    "sunset": Gradient(
        (
            (0, "#f2511f"),
            (3, "#ff7a2b"),
            (8, "#ffa24c"),
            (15, "#f0986a"),
            (26, "#b27b93"),
            (45, "#5b659f"),
            (90, "#253f82"),
        ),
        ((0, "#5e5a86"), (5, "#84688f"), (11, "#9a7391"), (22, "#6d6b9f"), (45, "#445792"), (90, "#253f82")),
    ),
    "night": Gradient(
        ((0, "#2d4068"), (5, "#263864"), (15, "#1c2d5a"), (38, "#132149"), (90, "#0d1838")),
        ((0, "#26375c"), (5, "#1f3058"), (15, "#17264e"), (38, "#101c40"), (90, "#0d1838")),
    ),
}
GREY_SKIES = {
    "dawn": Gradient(
        ((0, "#dcbfb8"), (8, "#c0b0b6"), (30, "#a39fab"), (90, "#94929f")),
        ((0, "#b3aeb9"), (30, "#a09eaa"), (90, "#94929f")),
    ),
    "noon": Gradient(
        ((0, "#cdd2d5"), (12, "#bac0c5"), (40, "#a7aeb5"), (90, "#9ba3ab")),
        ((0, "#c8cdd1"), (12, "#b6bcc2"), (90, "#9ba3ab")),
    ),
    "sunset": Gradient(
        ((0, "#e08a5c"), (5, "#b97f6c"), (14, "#8f7778"), (90, "#706571")),
        ((0, "#85767f"), (14, "#7a707c"), (90, "#706571")),
    ),
    "night": Gradient(
        ((0, "#333d50"), (20, "#283141"), (90, "#1f2735")), ((0, "#2f394b"), (20, "#262f3f"), (90, "#1f2735"))
    ),
}
FOGS = {
    "dawn": Gradient(((0, "#dcc6c4"), (90, "#d6cdd8")), ((0, "#c1bacb"), (90, "#d6cdd8"))),
    "noon": Gradient(((0, "#d2d8db"), (90, "#e4e9eb")), ((0, "#ccd3d7"), (90, "#e4e9eb"))),
    "sunset": Gradient(((0, "#e5a06a"), (30, "#d09a78"), (90, "#b78f80")), ((0, "#b08678"), (90, "#b78f80"))),
    "night": Gradient(((0, "#323d51"), (90, "#28324a")), ((0, "#2e384b"), (90, "#28324a"))),
}
SNOW_CLOUDS = {
    "dawn": Gradient(((0, "#d0c2d0"), (90, "#a4a6c2")), ((0, "#b6b6cf"), (90, "#a4a6c2"))),
    "noon": Gradient(((0, "#d2d8de"), (90, "#b3bcc7")), ((0, "#cdd4db"), (90, "#b3bcc7"))),
    "sunset": Gradient(((0, "#e2a47e"), (25, "#bf948a"), (90, "#98838c")), ((0, "#ad8e8e"), (90, "#98838c"))),
    "night": Gradient(((0, "#465268"), (90, "#303a50")), ((0, "#424e64"), (90, "#303a50"))),
}
BRIGHTEST = 2.2
GRADIENTS = {
    "clear": BLUE_SKIES,
    "scattered clouds": BLUE_SKIES,
    "overcast": GREY_SKIES,
    "fog": FOGS,
    "snowfall": SNOW_CLOUDS,
}


def light_of_paint(paint: str) -> Rgb:
    """The linear light that a picture of a place outdoors shows as about the display colour "#rrggbb".

    The brightest parts are held back: a film's shoulder would make a pale blue an intense blue light.
    """
    red, green, blue = (_held_back(light_shown_as(int(paint[at : at + 2], 16) / 255)) for at in (1, 3, 5))
    return red, green, blue


def _held_back(light: float) -> float:
    return light / math.hypot(1.0, light / BRIGHTEST)
